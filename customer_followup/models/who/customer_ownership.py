from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..ground.system import serialize
from .base_partner_merge import surplus


class CustomerOwnership(models.Model):
    """The role of one user for one customer, owner or backup, in a period."""

    _name = "customer.ownership"
    _description = "Owner of a Customer"
    _inherit = ["customer.succession.mixin"]
    _order = "date_from desc, id desc"
    _rec_name = "user_id"
    _check_company_auto = True

    commercial_partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, ondelete="cascade", default=lambda self: self.env.company
    )
    user_id = fields.Many2one(
        "res.users", string="Owner", required=True, index=True, ondelete="restrict"
    )
    role = fields.Selection(
        [("owner", "Owner"), ("backup", "Backup")], required=True, default="owner"
    )
    date_from = fields.Date(string="From", required=True, default=fields.Date.context_today)
    date_to = fields.Date(string="Until", help="Last day; empty while it lasts.")
    is_alone = fields.Boolean(
        string="Without a backup",
        compute="_compute_is_alone",
        search="_search_is_alone",
        help="This customer has no backup.",
    )

    _holder_uniq = models.UniqueIndex(
        "(commercial_partner_id, company_id, role) WHERE date_to IS NULL",
        "This customer already has an owner or backup in this role: end that row first.",
    )
    _period_check = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "An ownership cannot end before it begins.",
    )

    @api.depends("role", "date_to", "commercial_partner_id", "company_id")
    def _compute_is_alone(self):
        alone = self.search(self._alone_domain() & Domain("id", "in", self.ids))
        for row in self:
            row.is_alone = row._origin in alone

    def _search_is_alone(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._alone_domain() if True in value else ~self._alone_domain()

    @api.model
    def _alone_domain(self):
        """Return the domain of owners whose customer has no backup."""

        def to_sql(rows, alias, query):
            # NOT EXISTS: PostgreSQL scans the whole list for each row of a NOT IN.
            return SQL(
                """NOT EXISTS (SELECT FROM customer_ownership AS backup
                    WHERE backup.commercial_partner_id = %s AND backup.company_id = %s
                      AND backup.role = 'backup' AND backup.date_to IS NULL)""",
                rows._field_to_sql(alias, "commercial_partner_id", query),
                rows._field_to_sql(alias, "company_id", query),
            )

        owners = Domain("role", "=", "owner") & Domain("date_to", "=", False)
        return owners & Domain.custom(to_sql=to_sql)

    @api.constrains("user_id", "role", "commercial_partner_id", "date_to")
    def _check_backup_differs(self):
        current = self.filtered(lambda row: not row.date_to)
        # The other role may be given at the same time.
        serialize(current.commercial_partner_id)
        for company, rows in current.grouped("company_id").items():
            holders = self._holders(rows.commercial_partner_id, company, ("owner", "backup"))
            rows._raise_if_alone(holders)

    def _raise_if_alone(self, holders):
        for row in self:
            pair = [
                holders.get((row.commercial_partner_id.id, role)) for role in ("owner", "backup")
            ]
            if pair[0] and pair[0] == pair[1]:
                raise ValidationError(
                    self.env._(
                        "%(user)s cannot be both owner and backup of %(customer)s.",
                        user=row.user_id.name,
                        customer=row.commercial_partner_id.display_name,
                    )
                )

    @api.model
    def _merged_into(self, sources, destination):
        """Keep one user in each role, who differ; the others stay as history."""
        customer = destination.commercial_partner_id
        merged = self.env["res.partner"]._customers_of(sources)
        rows = self.search([("commercial_partner_id", "in", (merged | customer).ids)])
        current = rows.filtered(lambda row: not row.date_to)
        ended = surplus(
            current,
            lambda row: (row.company_id, row.role),
            lambda row: (row.commercial_partner_id != customer, -row.id),
        )
        owners = {row.company_id: row.user_id for row in current - ended if row.role == "owner"}
        ended |= current.filtered(
            lambda row: row.role == "backup" and owners.get(row.company_id) == row.user_id
        )
        today = fields.Date.context_today(self)
        for row in ended:
            row.date_to = max(row.date_from, today)
        # One holder at a time: the others must have ended in the database.
        self.flush_model()
        (rows - ended).commercial_partner_id = customer
        ended.commercial_partner_id = customer
        return super()._merged_into(sources, destination)

    @api.model
    def _current_of(self, users, role="owner"):
        """Return the rows by which users are owners or backups now."""
        return self.search(
            [("user_id", "in", users.ids), ("role", "=", role), ("date_to", "=", False)]
        )

    @api.model
    def _holders_on(self, day, partners, company, roles=("owner",)):
        """Return who held each role on a day: ``{(commercial partner id, role): user}``.

        Of two who did, as when a customer changes hands twice a day, the later.
        """
        # As for `_holders`.
        rows = self.sudo().search_fetch(
            Domain("commercial_partner_id", "in", partners.commercial_partner_id.ids)
            & Domain("company_id", "=", company.id)
            & Domain("role", "in", list(roles))
            & Domain("date_from", "<=", day)
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", day)),
            ["commercial_partner_id", "role", "user_id"],
            order="date_from, id",
        )
        return {(row.commercial_partner_id.id, row.role): row.user_id for row in rows}

    @api.model
    def _hand_over(self, customers, company, receiver, backup=None):
        """Make a user the owner of customers from today on.

        :param backup: who becomes the backup where the receiver was it, if anyone
        """
        today = fields.Date.context_today(self)
        # The receiver who accepts need not be allowed to appoint owners.
        rows = self.sudo().search(
            Domain("commercial_partner_id", "in", customers.ids)
            & Domain("company_id", "=", company.id)
            & Domain("date_to", "=", False)
        )
        owners = rows.filtered(lambda row: row.role == "owner")
        moved_up = (rows - owners).filtered(lambda row: row.user_id == receiver)
        (owners | moved_up)._end_before(today)
        # A customer has one holder at a time: the earlier must have ended in the database.
        self.flush_model()
        common = {"company_id": company.id, "date_from": today}
        self.sudo().create(
            [
                {**common, "commercial_partner_id": customer.id, "user_id": user.id, "role": role}
                for role, some, user in (
                    ("owner", customers, receiver),
                    ("backup", moved_up.commercial_partner_id if backup else (), backup),
                )
                for customer in some
            ]
        )

    def _end_before(self, day):
        """End ownerships on the day before, or the same day where they began on it."""
        begun = self.filtered(lambda row: row.date_from < day)
        begun.date_to = day - timedelta(days=1)
        for date_from, rows in (self - begun).grouped("date_from").items():
            rows.date_to = date_from

    @api.model
    def _holders(self, partners, company, roles=("owner",)):
        """Return who holds each role now: ``{(commercial partner id, role): user}``."""
        # Assignment needs every owner, also those the caller may not read; only users leave here.
        rows = self.sudo().search_fetch(
            [
                ("commercial_partner_id", "in", partners.commercial_partner_id.ids),
                ("company_id", "=", company.id),
                ("role", "in", list(roles)),
                ("date_to", "=", False),
            ],
            ["commercial_partner_id", "role", "user_id"],
        )
        return {(row.commercial_partner_id.id, row.role): row.user_id for row in rows}
