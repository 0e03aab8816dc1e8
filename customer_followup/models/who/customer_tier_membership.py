from odoo import api, fields, models

from .base_partner_merge import surplus


class CustomerTierMembership(models.Model):
    """The tier of one customer of one company in one scheme, now."""

    _name = "customer.tier.membership"
    _description = "Tier of a Customer"
    _inherit = ["customer.merged.mixin"]
    _order = "id desc"
    _rec_name = "tier_id"
    _check_company_auto = True

    commercial_partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, ondelete="cascade", default=lambda self: self.env.company
    )
    tier_id = fields.Many2one("customer.tier", required=True, index=True, ondelete="restrict")
    scheme_id = fields.Many2one(
        related="tier_id.scheme_id", store=True, precompute=True, ondelete="restrict"
    )
    date_since = fields.Date(string="Since", required=True, default=fields.Date.context_today)
    reason = fields.Char()

    # An index, not a constraint: merging contacts deletes rows that break a constraint.
    _customer_uniq = models.UniqueIndex(
        "(commercial_partner_id, company_id, scheme_id)",
        "This customer already has a tier in this scheme: change that one.",
    )

    @api.model
    def _fold(self, sources, customer):
        """Keep the tier of the customer that stays, else the latest; no other one."""
        rows = self.search([("commercial_partner_id", "in", (sources | customer).ids)])
        surplus(
            rows,
            lambda row: (row.company_id, row.scheme_id),
            lambda row: (row.commercial_partner_id != customer, -row.id),
        ).unlink()
        rows.exists().commercial_partner_id = customer

    @api.model
    def _tiers(self, partners, company):
        """Return today's tier of each customer in the first scheme, by id of the customer."""
        # A card shows the tier to agents who cannot open the customer.
        scheme = self.env["customer.tier.scheme"].sudo().search([], limit=1)
        rows = self.sudo().search_fetch(
            [
                ("commercial_partner_id", "in", partners.commercial_partner_id.ids),
                ("company_id", "=", company.id),
                ("scheme_id", "=", scheme.id),
                ("date_since", "<=", company._customer_day()),
            ],
            ["commercial_partner_id", "tier_id"],
        )
        return {row.commercial_partner_id.id: row.tier_id for row in rows}
