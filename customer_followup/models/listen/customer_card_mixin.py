from odoo import api, fields, models


class CustomerCardMixin(models.AbstractModel):
    """A record whose card shows the customer's last score."""

    _inherit = "customer.card.mixin"

    last_score = fields.Char(
        string="Satisfaction", compute="_compute_last_score", compute_sudo=True
    )

    @api.depends("partner_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_last_score(self):
        """Show the last answer of the customer, in any contact or survey."""
        customers = self.partner_id.commercial_partner_id
        found = self.env["customer.satisfaction.score"]._last_texts(customers)
        for record in self:
            record.last_score = found.get(record.partner_id.commercial_partner_id.id)
