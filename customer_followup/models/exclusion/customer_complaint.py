from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..ground.customer_succession_mixin import GENERAL, LEADERS

# Values that say whom a complaint is about, as people with and without oversight write them.
NAMING = ("accused_user_ids", "concerned_user_ids")
# Values that say which other complaint is about the same.
TIES = ("duplicate_of_id", "previous_id")


class CustomerComplaint(models.Model):
    """Who must not know of a complaint: the accused, and their leaders below the general manager.

    A global record rule keeps it from them on every path; messages, activities and the like about
    it follow (:class:`CustomerConfidentialMixin`).
    """

    _name = "customer.complaint"
    _inherit = ["customer.complaint", "customer.confidential.mixin"]
    _customer_confidential = "excluded_user_ids"
    _is_hidden_by_rule = True
    _is_name_confidential = True
    _protected_fields = frozenset({"decision_maker_id"})
    _followed_fields = frozenset({"accused_user_ids", *TIES, "category_id", "kind"})

    excluded_user_ids = fields.Many2many(
        "res.users",
        relation="customer_complaint_excluded_rel",
        column1="complaint_id",
        column2="user_id",
        string="Must not know",
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
    )
    # For any handler: they name them, though only leaders see them afterwards.
    concerned_user_ids = fields.Many2many(
        "res.users",
        string="Who it is about",
        compute="_compute_concerned_user_ids",
        readonly=False,
        domain="[('share', '=', False)]",
        help="Neither they nor their leaders see the complaint; the general manager does.",
    )

    def _compute_concerned_user_ids(self):
        self.concerned_user_ids = False

    @api.constrains("user_id", "accountable_user_id", "offered_user_id")
    def _check_hands(self):
        """Keep a complaint out of the hands of those who must not know of it."""
        # Who is excluded is known to nobody; only a refusal comes of it.
        for complaint in self.sudo():
            hands = complaint.user_id | complaint.accountable_user_id | complaint.offered_user_id
            if hands & complaint.excluded_user_ids:
                raise ValidationError(complaint._refusal())

    def copy(self, default=None):
        copies = super().copy(default)
        for original, copy in zip(self, copies, strict=True):
            copy._follow_original(original)
        return copies

    def web_save(self, vals, specification, next_id=None):
        """Save, and show only the number to a user who must not know of it any longer."""
        if not {*NAMING} & vals.keys():
            return super().web_save(vals, specification, next_id=next_id)
        saved = self or self.create(vals)
        if self:
            self.write(vals)
        if not next_id and not saved.has_access("read"):
            return [saved._only_number(specification)]
        shown = self.browse(next_id) if next_id else saved
        return shown.with_context(bin_size=True).web_read(specification)

    def _only_number(self, specification):
        nothing = {
            name: [] if self._fields[name].type in ("one2many", "many2many") else False
            for name in specification
            if name in self._fields
        }
        # The user recorded it: the number is the receipt.
        return {**nothing, "id": self.id, "name": self.sudo().name}

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        self._check_may_notify(partner_ids)
        if self.env.context.get("customer_nosubscribe"):
            return True
        return super().message_subscribe(partner_ids=partner_ids, subtype_ids=subtype_ids)

    def message_post(self, **kwargs):
        self._check_may_notify(kwargs.get("partner_ids"))
        return super().message_post(**kwargs)

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        recipients = super()._notify_get_recipients(message, msg_vals, **kwargs)
        # By whatever way they came among the recipients.
        excluded = set(self._excluded_users().partner_id.ids)
        return [one for one in recipients if one["id"] not in excluded]

    def _check_create(self, vals):
        super()._check_create(vals)
        self._check_may_accuse(vals)

    def _check_write(self, vals):
        super()._check_write(vals)
        self._check_may_accuse(vals)

    def _check_may_accuse(self, vals):
        # Written in sudo, as anyone may name the concerned users by the other field.
        if "accused_user_ids" in vals:
            self._check_field_access(self._fields["accused_user_ids"], "write")

    @api.model
    def _split_late(self, vals):
        now, late = super()._split_late(vals)
        named = vals.get("accused_user_ids") or vals.get("concerned_user_ids")
        now = {name: value for name, value in now.items() if name not in NAMING}
        names = {"accused_user_ids": named} if named else {}
        return ({**now, **names}, late) if self.env.su else (now, {**late, **names})

    def _follow(self, before=None):
        super()._follow(before)
        self._follow_exclusion(before)

    def _conclude_creation(self):
        self._assign_decision_maker()
        super()._conclude_creation()

    def _follow_exclusion(self, before=None):
        """Exclude the users that a complaint is about from now on.

        :param before: as for :meth:`_follow`
        """
        changed = self._changed(before, "accused_user_ids", *TIES, "category_id", "kind").sudo()
        if not changed:
            return
        if before is None:
            changed.filtered(
                lambda one: one.accused_user_ids or any(one[tie] for tie in TIES)
            )._update_excluded()
            return
        corrected = changed.filtered(
            lambda one: (
                before[one].get("accused_user_ids", one.accused_user_ids) - one.accused_user_ids
            )
        )
        (changed - corrected)._update_excluded()
        corrected._update_excluded(is_anew=True)
        changed._assign_decision_maker()

    def _follow_original(self, original):
        """Let a complaint be about the same users as another one, and hidden from the same."""
        super()._follow_original(original)
        # Few may read them; the user who goes on with the complaint need not be one of them.
        copy, original = self.sudo(), original.sudo()
        copy.accused_user_ids = original.accused_user_ids
        more = original.excluded_user_ids - copy.excluded_user_ids
        copy._store_excluded([(copy.id, user.id) for user in more], [])
        copy._withdraw()

    def _succession_candidates(self, level, replaced, away, stand_ins):
        """Put compliance and the general managers of the accused first; pass over other leaders."""
        candidates = super()._succession_candidates(level, replaced, away, stand_ins)
        if level == GENERAL:
            for complaint in self:
                # Who is accused is not shown; only who takes over is returned.
                _lines, heads = complaint.sudo().accused_user_ids._lines_above()
                above = self.env["res.users"].sudo().union(*heads.values())
                candidates[complaint] = [
                    *complaint._compliance(),
                    *(above or candidates[complaint]),
                ]
        elif level == LEADERS:
            for complaint in self.filtered(lambda one: one._is_about_employee()):
                levels = complaint._levels()
                candidates[complaint] = [] if replaced[complaint] in levels else levels
        return candidates

    def _levels(self):
        """Name only who decides where the complaint is about an employee."""
        if not self._is_about_employee():
            return super()._levels()
        decides = (
            self._filter_allowed(self.decision_maker_id.filtered("active"))
            or self._decision_maker()
        )
        return [decides] if decides else []

    def _filter_allowed(self, users):
        # Who is excluded is not shown; only who may be notified is returned.
        return super()._filter_allowed(users) - self.sudo().excluded_user_ids

    def _excluded_users(self):
        # Callers show nothing of it.
        return self.sudo().excluded_user_ids

    def _complaints(self):
        return self

    def _refusal(self):
        return self.env._("%s cannot be assigned to this user: choose another one.", self.name)

    def _check_may_notify(self, partner_ids):
        """Raise if one of these contacts must not know of a complaint."""
        if not partner_ids:
            return
        # First, so that a refusal says nothing to users who may not read the complaint.
        self.check_access("read")
        for complaint in self.sudo():
            if set(complaint.excluded_user_ids.partner_id.ids) & set(partner_ids):
                raise UserError(complaint._refusal())

    @api.model
    def _countable_domain(self):
        return super()._countable_domain() & Domain("id", "not in", self._hidden_query())

    @api.model
    def _hidden_domain(self):
        return Domain("excluded_user_ids", "in", self.env.uid)

    def _update_excluded(self, is_anew=False):
        """Work out who must not know of complaints, and take them out of those people's hands.

        Whoever led an accused when it was complained of stays excluded when teams change, unless
        he becomes general manager: nobody sees a complaint by giving away the lead.

        :param is_anew: forget who was excluded before; somebody is no longer among the accused
        """
        # Neither who is accused nor who leads whom is the caller's to see.
        families = self.sudo()._families()
        complaints = self.sudo().union(*families)
        lines, heads = complaints.accused_user_ids._lines_above()
        nobody = self.env["res.users"].sudo()
        before = {some: some.excluded_user_ids for some in families}
        more, less = [], []
        for complaint, family in ((one, some) for some in families for one in some):
            accused, known = family.accused_user_ids, complaint.excluded_user_ids
            general = nobody.union(*(heads[one] for one in accused))
            kept = nobody if is_anew else before[family] - general
            excluded = accused | kept.union(*(lines[one] for one in accused))
            if "violation" in family.mapped("kind"):
                # Whoever looks into a breach of rules is not of the same department.
                excluded |= accused._colleagues() - general
            more += [(complaint.id, user.id) for user in excluded - known]
            less += [(complaint.id, user.id) for user in known - excluded]
        self._store_excluded(more, less)
        if more:
            complaints.browse({complaint_id for complaint_id, _user in more})._withdraw()

    def _families(self):
        """Return these complaints, each with those that are about the same: a list of sets.

        What follows a complaint, and what was said twice, is kept from the same people.
        """
        found = near = self
        while near:
            ties = Domain.OR(Domain(name, "in", near.ids) for name in TIES)
            # Searched: what is read in sudo stays in no list of the reader's.
            near = (near.duplicate_of_id | near.previous_id | self.search(ties, order="id")) - found
            found |= near
        families = {one: one for one in found}
        for one in found:
            for other in one.duplicate_of_id | one.previous_id:
                both = families[one] | families[other]
                families |= dict.fromkeys(both, both)
        return list(dict.fromkeys(families.values()))

    def _store_excluded(self, more, less):
        """Add and take away pairs of complaint and user ids, with one statement each."""
        table = SQL.identifier("customer_complaint_excluded_rel")
        if more:
            statement = "INSERT INTO %s (complaint_id, user_id) SELECT * FROM unnest(%s, %s)"
            self.env.execute_query(
                SQL(f"{statement} ON CONFLICT DO NOTHING RETURNING user_id", table, *_columns(more))
            )
        if less:
            statement = "DELETE FROM %s AS row USING unnest(%s, %s) AS gone (complaint_id, user_id)"
            self.env.execute_query(
                SQL(
                    f"{statement} WHERE row.complaint_id = gone.complaint_id"
                    " AND row.user_id = gone.user_id RETURNING row.user_id",
                    table,
                    *_columns(less),
                )
            )
        if more or less:
            self.invalidate_model(["excluded_user_ids"])

    @api.model
    def _follow_teams(self, users):
        """Work out anew who must not know of complaints about people whose teams changed."""
        # Whoever arranges teams need not see any of them.
        about = self.sudo().search([("accused_user_ids", "in", users.ids)])
        about._update_excluded()
        about._assign_decision_maker()


def _columns(pairs):
    return map(list, zip(*pairs, strict=True))
