from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CustomerOwnership(models.Model):
    """Who looks after a customer in which role, from when to when."""

    _name = "customer.ownership"
    _description = "Owner of a Customer"
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

    _holder_uniq = models.UniqueIndex(
        "(commercial_partner_id, company_id, role) WHERE date_to IS NULL",
        "This customer already has somebody in this role: end that first.",
    )
    _period_check = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "An ownership cannot end before it begins.",
    )

    @api.constrains("user_id", "role", "commercial_partner_id", "date_to")
    def _check_backup_differs(self):
        current = self.filtered(lambda row: not row.date_to)
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

    def _fold(self):
        """Give way to the customer's other holder when two contacts are merged; stay as history."""
        today = fields.Date.context_today(self)
        for row in self:
            row.date_to = max(row.date_from, today)

    @api.model
    def _holders(self, partners, company, roles=("owner",)):
        """Return who holds each role now: ``{(commercial partner id, role): user}``."""
        # Assignment must see every owner, whoever triggers it; only users leave here.
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
