from odoo import api, fields, models


class CustomerCardMixin(models.AbstractModel):
    """A record whose card shows how many complaints of the customer are open."""

    _inherit = "customer.card.mixin"

    open_complaint_count = fields.Integer(
        string="Open complaints", compute="_compute_open_complaint_count", compute_sudo=True
    )

    # The company is named so that a list reads it with the rest, not on its own with all fields.
    @api.depends("partner_id", "company_id")
    @api.depends_context("uid")
    def _compute_open_complaint_count(self):
        """Count the customer's open complaints, including those that only colleagues may open.

        Complaints from which the reader is excluded are not counted.
        """
        customers = self.partner_id.commercial_partner_id
        counts = self.env["customer.complaint"]._open_counts(customers, self.company_id)
        for record in self:
            key = (record.partner_id.commercial_partner_id.id, record.company_id.id)
            record.open_complaint_count = counts.get(key, 0)
