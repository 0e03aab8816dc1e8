from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..ground.customer_succession_mixin import GENERAL, LEADERS
from ..ground.system import serialize

# The fields that name the employees concerned, for users with and without oversight.
NAMING = ("accused_user_ids", "concerned_user_ids")
# The fields that link complaints about the same event.
TIES = ("duplicate_of_id", "previous_id")


class CustomerComplaint(models.Model):
    """Exclusion of users from a complaint: the accused and their leaders below the general manager.

    A global record rule hides the complaint from them; :class:`CustomerConfidentialMixin` hides
    messages, activities and other records about it.
    """

    _name = "customer.complaint"
    _inherit = ["customer.complaint", "customer.confidential.mixin"]
    _customer_confidential = "excluded_user_ids"
    _is_hidden_by_rule = True
    _is_name_confidential = True
    _protected_fields = frozenset({"decision_maker_id"})
    _followed_fields = frozenset({"accused_user_ids", *TIES, "category_id", "kind"})
    # Whom a complaint is about may become known later.
    _lasting_fields = frozenset(NAMING)

    excluded_user_ids = fields.Many2many(
        "res.users",
        relation="customer_complaint_excluded_rel",
        column1="complaint_id",
        column2="user_id",
        string="Excluded users",
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
    )
    # For all handlers, who may name employees but not read the names afterwards.
    concerned_user_ids = fields.Many2many(
        "res.users",
        string="Employees involved",
        compute="_compute_concerned_user_ids",
        readonly=False,
        domain="[('share', '=', False)]",
        help="These employees and their leaders cannot see the complaint. The general manager can.",
    )

    def _compute_concerned_user_ids(self):
        self.concerned_user_ids = False

    @api.constrains("user_id", "accountable_user_id", "offered_user_id")
    def _check_assignments(self):
        """Raise if a complaint is assigned to an excluded user."""
        # Excluded users are not shown to the user; only an error is raised.
        for complaint in self.sudo():
            assigned = complaint.user_id | complaint.accountable_user_id | complaint.offered_user_id
            if assigned & complaint.excluded_user_ids:
                raise ValidationError(complaint._refusal())

    def copy(self, default=None):
        copies = super().copy(default)
        for original, copy in zip(self, copies, strict=True):
            copy._follow_original(original)
        return copies

    def web_save(self, vals, specification, next_id=None):
        """Save, and return only the number if the user is excluded by this change."""
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
        # The user recorded the complaint and may know its number.
        return {**nothing, "id": self.id, "name": self.sudo().name}

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        self._check_may_notify(partner_ids)
        if self.env.context.get("customer_nosubscribe"):
            return True
        return super().message_subscribe(partner_ids=partner_ids, subtype_ids=subtype_ids)

    def message_post(self, **kwargs):
        self.check_access("read")
        self._check_may_notify(kwargs.get("partner_ids"))
        return super().message_post(**kwargs)

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        recipients = super()._notify_get_recipients(message, msg_vals, **kwargs)
        # Checked here, because Odoo adds recipients in several ways.
        excluded = set(self._excluded_users().partner_id.ids)
        return [one for one in recipients if one["id"] not in excluded]

    def _check_create(self, vals):
        super()._check_create(vals)
        self._check_may_accuse(vals)

    def _check_write(self, vals):
        super()._check_write(vals)
        self._check_may_accuse(vals)

    def _check_may_accuse(self, vals):
        # The other field writes this one with sudo, so that all handlers may name employees.
        if "accused_user_ids" in vals:
            self._check_field_access(self._fields["accused_user_ids"], "write")

    @api.model
    def _split_late(self, vals):
        now, late = super()._split_late(vals)
        named = self._named(vals)
        now = {name: value for name, value in now.items() if name not in NAMING}
        names = {"accused_user_ids": named} if named else {}
        return ({**now, **names}, late) if self.env.su else (now, {**late, **names})

    @api.model
    def _named(self, vals):
        """Return the commands for the employees concerned; they are written in sudo.

        Users with oversight may correct them. Other handlers only add employees, as they do not see
        who is named already.
        """
        sees_names = "accused_user_ids" in vals
        commands = vals.get(NAMING[0 if sees_names else 1]) or ()
        commands = [Command.link(one) if isinstance(one, int) else one for one in commands]
        codes = {command[0] for command in commands}
        if codes & {Command.CREATE, Command.UPDATE, Command.DELETE}:
            raise UserError(self.env._("Users cannot be created or changed from a complaint."))
        if sees_names:
            return commands
        if codes & {Command.UNLINK, Command.CLEAR}:
            raise UserError(
                self.env._(
                    "Employees involved can only be added. Ask a leader to correct the names."
                )
            )
        sets = (command[2] if command[0] == Command.SET else [command[1]] for command in commands)
        return [Command.link(id_) for ids in sets for id_ in ids]

    def _follow(self, before=None):
        super()._follow(before)
        self._follow_exclusion(before)

    def _conclude_creation(self):
        self._assign_decision_maker()
        super()._conclude_creation()

    def _follow_exclusion(self, before=None):
        """Update the excluded users of complaints after a change.

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
        """Copy the employees concerned and the excluded users of another complaint."""
        super()._follow_original(original)
        # The current user may not have access to these fields.
        copy, original = self.sudo(), original.sudo()
        copy.accused_user_ids = original.accused_user_ids
        more = original.excluded_user_ids - copy.excluded_user_ids
        copy._store_excluded([(copy.id, user.id) for user in more], [])
        copy._withdraw()

    def _succession_candidates(self, level, replaced, away, stand_ins):
        """Prefer compliance and the general managers above the accused; skip other leaders."""
        candidates = super()._succession_candidates(level, replaced, away, stand_ins)
        if level == GENERAL:
            for complaint in self:
                # The accused are not shown; only the users who take over are returned.
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
        """Return only the decision maker if the complaint is about an employee."""
        if not self._is_about_employee():
            return super()._levels()
        decides = (
            self._filter_allowed(self.decision_maker_id.filtered("active"))
            or self._decision_maker()
        )
        return [decides] if decides else []

    def _filter_allowed(self, users):
        # Excluded users are not shown; only the allowed ones are returned.
        return super()._filter_allowed(users) - self.sudo().excluded_user_ids

    def _excluded_users(self):
        # Callers do not show them to users.
        return self.sudo().excluded_user_ids

    def _complaints(self):
        return self.sudo()

    def _refusal(self):
        return self.env._("%s cannot be assigned to this user. Choose another user.", self.name)

    def _check_may_notify(self, partner_ids):
        """Raise if one of these contacts is excluded from a complaint."""
        if not partner_ids:
            return
        # First, so that the error reveals nothing to users who may not read the complaint.
        self.check_access("read")
        for complaint in self.sudo():
            if set(complaint.excluded_user_ids.partner_id.ids) & set(partner_ids):
                raise UserError(complaint._refusal())

    @api.model
    def _countable_domain(self):
        countable = super()._countable_domain()
        if self.env.user.has_hidden_complaints:
            countable &= Domain("id", "not in", self._hidden_query())
        return countable

    @api.model
    def _hidden_domain(self):
        return Domain("excluded_user_ids", "in", self.env.uid)

    def _update_excluded(self, is_anew=False):
        """Recompute the excluded users of complaints and withdraw the complaints from them.

        A leader of an accused stays excluded when teams change, except as general manager, so that
        no one gains access by giving up the lead of a team.

        :param is_anew: do not keep the users excluded before, as an accused was removed
        """
        # The current user may not have access to the accused and the teams.
        families = self.sudo()._families()
        complaints = self.sudo().union(*families)
        lines, heads = complaints.accused_user_ids._lines_above()
        no_users = self.env["res.users"].sudo()
        before = {some: some.excluded_user_ids for some in families}
        more, less = [], []
        for complaint, family in ((one, some) for some in families for one in some):
            accused, known = family.accused_user_ids, complaint.excluded_user_ids
            general = no_users.union(*(heads[one] for one in accused))
            # No one's own change ends their own exclusion.
            kept = no_users if is_anew else before[family] - (general - self.env.user)
            excluded = accused | kept.union(*(lines[one] for one in accused))
            if "violation" in family.mapped("kind"):
                # A violation of rules must not be investigated by the same department.
                excluded |= accused._colleagues() - general
            more += [(complaint.id, user.id) for user in excluded - known]
            less += [(complaint.id, user.id) for user in known - excluded]
        self._store_excluded(more, less)
        if more:
            complaints.browse({complaint_id for complaint_id, _user in more})._withdraw()

    def _families(self):
        """Group these complaints with those linked to them: a list of recordsets.

        Duplicates and successors of a complaint exclude the same users.
        """
        found = near = self
        while near:
            ties = Domain.OR(Domain(name, "in", near.ids) for name in TIES)
            # Searched, so that sudo does not fill the cache of the user's one2many fields.
            near = (near.duplicate_of_id | near.previous_id | self.search(ties, order="id")) - found
            found |= near
        families = {one: one for one in found}
        for one in found:
            for other in one.duplicate_of_id | one.previous_id:
                both = families[one] | families[other]
                families |= dict.fromkeys(both, both)
        return list(dict.fromkeys(families.values()))

    def _store_excluded(self, more, less):
        """Insert and delete pairs of complaint and user ids, with one statement each."""
        changed = {user_id for _complaint_id, user_id in more + less}
        users = self.env["res.users"].browse(changed)
        # Whether anything is hidden from a user depends on what others change at the same time.
        serialize(users)
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
            users.invalidate_recordset(["hidden_complaint_ids"])
            users.modified(["hidden_complaint_ids"])

    @api.model
    def _follow_teams(self, users):
        """Recompute the excluded users of complaints about users whose teams changed."""
        # The user who changes teams may not have access to these complaints.
        about = self.sudo().search([("accused_user_ids", "in", users.ids)])
        about._update_excluded()
        about._assign_decision_maker()


def _columns(pairs):
    return map(list, zip(*pairs, strict=True))
