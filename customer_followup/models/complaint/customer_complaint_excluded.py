from itertools import compress

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

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
    _inherit = [
        "customer.complaint",
        "customer.confidential.list.mixin",
        "customer.confidential.name.mixin",
    ]
    _customer_confidential = "excluded_user_ids"

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
    # For whoever hears it: he names them, though only leaders see them afterwards.
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

    @api.model_create_multi
    def create(self, vals_list):
        if any("accused_user_ids" in vals for vals in vals_list):
            self._check_field_access(self._fields["accused_user_ids"], "write")
        named = [_named(vals) for vals in vals_list]
        tied = [any(map(vals.get, TIES)) for vals in vals_list]
        complaints = super().create([_without_names(vals) for vals in vals_list])
        # Last of all, for whoever records a case against himself loses sight of it with this.
        for complaint, commands in zip(complaints.sudo(), named, strict=True):
            if commands:
                complaint.accused_user_ids = commands
        complaints.browse(compress(complaints.ids, tied))._update_excluded()
        complaints._assign_decision_maker()
        complaints._announce()
        return complaints

    def write(self, vals):
        if not {*NAMING, *TIES, "category_id", "kind"} & vals.keys():
            return super().write(vals)
        if "accused_user_ids" in vals:
            self._check_field_access(self._fields["accused_user_ids"], "write")
        before = {complaint: complaint.accused_user_ids for complaint in self.sudo()}
        result = super().write(_without_names(vals))
        if commands := _named(vals):
            # Whoever works on it names them, and may lose sight of it with this.
            super(CustomerComplaint, self.sudo()).write({"accused_user_ids": commands})
        corrected = self.sudo().filtered(lambda one: before[one] - one.accused_user_ids)
        (self - corrected)._update_excluded()
        corrected._update_excluded(is_anew=True)
        self._assign_decision_maker()
        return result

    def copy(self, default=None):
        copies = super().copy(default)
        for original, copy in zip(self, copies, strict=True):
            copy._keep_like(original)
        return copies

    def _keep_like(self, original):
        """Let a complaint be about whom another one is about, and keep it from the same people."""
        # Both are known to few; whoever goes on with it need not be one of them.
        copy, original = self.sudo(), original.sudo()
        copy.accused_user_ids = original.accused_user_ids
        more = original.excluded_user_ids - copy.excluded_user_ids
        copy._store_excluded([(copy.id, user.id) for user in more], [])
        copy._withdraw()

    def web_save(self, vals, specification, next_id=None):
        """Save, and show no more than the number to whoever must not know of it any longer."""
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
        # He wrote it down himself: its number is his receipt.
        return {**nothing, "id": self.id, "name": self.sudo().name}

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
    def _hidden_query(self):
        """Return the complaints that the current user must not know of."""
        # A query only: nothing is read.
        rows = self.sudo().with_context(active_test=False)
        return rows._search(self._hidden_domain())

    @api.model
    def _hidden_domain(self):
        return Domain("excluded_user_ids", "in", self.env.uid)

    @api.model
    def _follow_teams(self, users):
        """Work out anew who must not know of complaints about people whose teams changed."""
        # Whoever arranges teams need not see any of them.
        about = self.sudo().search([("accused_user_ids", "in", users.ids)])
        about._update_excluded()
        about._assign_decision_maker()


def _named(vals):
    return vals.get("accused_user_ids") or vals.get("concerned_user_ids")


def _without_names(vals):
    return {name: value for name, value in vals.items() if name not in NAMING}


def _columns(pairs):
    return map(list, zip(*pairs, strict=True))
