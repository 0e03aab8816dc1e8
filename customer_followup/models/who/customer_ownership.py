from datetime import date, timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..ground.system import serialize, yes_or_no

LAST = date.max


class CustomerOwnership(models.Model):
    """The role of one user for one customer, owner or backup, in a period."""

    _name = "customer.ownership"
    _description = "Owner of a Customer"
    _inherit = ["customer.succession.mixin", "customer.merged.mixin"]
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
    date_from = fields.Date(
        string="From", required=True, default=lambda self: self.env.company._customer_day()
    )
    date_to = fields.Date(string="Until", help="Last day; empty while it lasts.")
    is_merged = fields.Boolean(
        string="Of a merged customer",
        readonly=True,
        copy=False,
        help="Before two contacts were merged, each had an owner; this row gave way.",
    )
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

    @api.depends("role", "date_from", "date_to", "commercial_partner_id", "company_id")
    def _compute_is_alone(self):
        alone = self.search(self._alone_domain() & Domain("id", "in", self.ids))
        for row in self:
            row.is_alone = row._origin in alone

    def _search_is_alone(self, operator, value):
        return yes_or_no(operator, value, self._alone_domain())

    @api.model
    def _alone_domain(self):
        """Return the domain of present owners whose customer has no backup now."""

        def alone_on(day):
            def to_sql(rows, alias, query):
                # NOT EXISTS: PostgreSQL scans the whole list for each row of a NOT IN.
                return SQL(
                    """NOT EXISTS (SELECT FROM customer_ownership AS backup
                        WHERE backup.commercial_partner_id = %s AND backup.company_id = %s
                          AND backup.role = 'backup' AND backup.date_from <= %s
                          AND (backup.date_to IS NULL OR backup.date_to >= %s))""",
                    rows._field_to_sql(alias, "commercial_partner_id", query),
                    rows._field_to_sql(alias, "company_id", query),
                    day,
                    day,
                )

            return self._on_day_domain(day) & Domain.custom(to_sql=to_sql)

        return Domain("role", "=", "owner") & self.env["res.company"]._by_day_domain(alone_on)

    @api.model
    def _on_day_domain(self, day):
        """Return the domain of rows that hold on a day."""
        return Domain("date_from", "<=", day) & self._until_domain(day)

    @api.model
    def _until_domain(self, day):
        """Return the domain of rows that hold on a day or begin later."""
        return Domain("date_to", "=", False) | Domain("date_to", ">=", day)

    @api.model
    def _unended_domain(self):
        """Return the domain of rows that hold today or begin later, where their company is."""
        return self.env["res.company"]._by_day_domain(self._until_domain)

    @api.constrains(
        "user_id", "role", "commercial_partner_id", "company_id", "date_from", "date_to"
    )
    def _check_holders(self):
        """Raise if a customer has two holders of a role on a day, or one user in both roles."""
        # The other role may be given at the same time.
        serialize(self.commercial_partner_id)
        # All rows of the customer count, also those the user may not read.
        rows = self.sudo().search(
            [
                ("commercial_partner_id", "in", self.commercial_partner_id.ids),
                ("company_id", "in", self.company_id.ids),
            ]
        )
        rows = rows.filtered(lambda row: not row.is_merged)
        by_customer = rows.grouped(lambda row: (row.commercial_partner_id, row.company_id))
        for row in self.sudo() & rows:
            same = by_customer.get((row.commercial_partner_id, row.company_id), rows[:0]) - row
            for other in same.filtered(row._overlaps):
                row._check_beside(other)

    def _check_beside(self, other):
        """Raise unless this row may hold on the same days as another of the same customer."""
        if self.role == other.role:
            raise ValidationError(
                self.env._(
                    "%(customer)s has two holders of one role, %(one)s and %(other)s, on the same"
                    " days: end the earlier period first.",
                    customer=self.commercial_partner_id.display_name,
                    one=self.user_id.name,
                    other=other.user_id.name,
                )
            )
        if self.user_id == other.user_id:
            raise ValidationError(
                self.env._(
                    "%(user)s cannot be both owner and backup of %(customer)s.",
                    user=self.user_id.name,
                    customer=self.commercial_partner_id.display_name,
                )
            )

    def _overlaps(self, other):
        """Return whether two rows hold on the same day.

        One that ended on the day on which it began leaves that day to another, as a customer may
        change hands twice a day.
        """
        first, second = sorted((self, other), key=lambda row: (row.date_from, row.date_to or LAST))
        if first.date_to and first.date_to < second.date_from:
            return False
        return not any(row.date_from == row.date_to for row in (self, other))

    @api.model
    def _fold(self, sources, customer):
        """Keep one user in each role, who differ; the others stay as history."""
        rows = self.search([("commercial_partner_id", "in", (sources | customer).ids)])
        lasting = rows.filtered_domain(self._unended_domain())
        kept, given_up = rows.browse(), rows.browse()
        for row in lasting.sorted(
            lambda one: (one.commercial_partner_id != customer, one.role != "owner", one.date_from)
        ):
            if others := kept.filtered(row._is_beside):
                given_up |= row
                # An owner of now stays until the other begins.
                row._give_up(min(others.mapped("date_from")))
            else:
                kept |= row
        ended, rows = given_up.exists(), rows.exists()
        (rows - kept).filtered(lambda row: (rows - row).filtered(row._is_beside)).is_merged = True
        # One holder at a time: the others must have ended in the database.
        self.flush_model()
        (rows - ended).commercial_partner_id = customer
        ended.commercial_partner_id = customer

    def _is_beside(self, other):
        """Say whether two rows of one customer may not hold on the same days, but do."""
        is_alike = self.role == other.role or self.user_id == other.user_id
        return is_alike and self.company_id == other.company_id and self._overlaps(other)

    def _give_up(self, day):
        """End a row on the day before another begins, at the earliest yesterday.

        It is removed if it would begin later.
        """
        today = self.company_id._customer_day()
        last = max(day, today) - timedelta(days=1)
        if self.date_from > max(last, today):
            self.unlink()
        else:
            self.date_to = max(self.date_from, last)

    @api.model
    def _current_of(self, users, role="owner"):
        """Return the rows by which users are owners or backups now, or will be."""
        if not users:
            return self.browse()
        return self.search(
            Domain("user_id", "in", users.ids) & Domain("role", "=", role) & self._unended_domain()
        )

    @api.model
    def _holders_on(self, day, partners, company, roles=("owner",)):
        """Return who held each role on a day: ``{(commercial partner id, role): user}``.

        Of two who did, as when a customer changes hands twice a day, the later.
        """
        # Assignment needs every owner, also those the caller may not read; only users leave here.
        rows = self.sudo().search_fetch(
            Domain("commercial_partner_id", "in", partners.commercial_partner_id.ids)
            & Domain("company_id", "=", company.id)
            & Domain("role", "in", list(roles))
            & self._on_day_domain(day),
            ["commercial_partner_id", "role", "user_id"],
            order="date_from, id",
        )
        return {(row.commercial_partner_id.id, row.role): row.user_id for row in rows}

    @api.model
    def _hand_over(self, customers, company, receiver, backup=None):
        """Make a user the owner of customers from today on, until another is to begin.

        :param backup: who becomes the backup where the receiver was it, if anyone
        """
        today = company._customer_day()
        # The receiver who accepts need not be allowed to appoint owners.
        rows = self.sudo().search(
            Domain("commercial_partner_id", "in", customers.ids)
            & Domain("company_id", "=", company.id)
            & self._until_domain(today)
        )
        later = rows.filtered(lambda row: row.date_from > today)
        rows -= later
        owners = rows.filtered(lambda row: row.role == "owner")
        moved_up = (rows - owners).filtered(lambda row: row.user_id == receiver)
        (owners | moved_up)._end_before(today)
        # A customer has one holder at a time: the earlier must have ended in the database.
        self.flush_model()
        common = {"company_id": company.id, "date_from": today}
        self.sudo().create(
            [
                {
                    **common,
                    "commercial_partner_id": customer.id,
                    "user_id": user.id,
                    "role": role,
                    "date_to": later._last_day_before(customer, role),
                }
                for role, some, user in (
                    ("owner", customers, receiver),
                    ("backup", moved_up.commercial_partner_id if backup else (), backup),
                )
                for customer in some
            ]
        )

    def _last_day_before(self, customer, role):
        """Return the day before the first of these rows of a customer and a role begins, if any."""
        days = self.filtered(
            lambda row: row.commercial_partner_id == customer and row.role == role
        ).mapped("date_from")
        return bool(days) and min(days) - timedelta(days=1)

    def _end_before(self, day):
        """End ownerships on the day before; those of owners who began on it, the same day.

        Others that begin on the day or later are removed: they have not counted yet.
        """
        self.filtered(lambda row: row.date_from < day).date_to = day - timedelta(days=1)
        left = self.filtered(lambda row: row.date_from >= day)
        owned = left.filtered(lambda row: row.role == "owner" and row.date_from == day)
        owned.date_to = day
        (left - owned).unlink()

    @api.model
    def _holders(self, partners, company, roles=("owner",)):
        """Return who holds each role today: ``{(commercial partner id, role): user}``."""
        return self._holders_on(company._customer_day(), partners, company, roles)
