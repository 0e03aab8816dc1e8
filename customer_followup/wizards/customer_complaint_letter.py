from odoo import api, models


class CustomerComplaintLetter(models.TransientModel):
    """Writes a message to the customer about a complaint."""

    _name = "customer.complaint.letter"
    _description = "Write to the Customer"
    _inherit = ["customer.complaint.dialog.mixin", "customer.letter.mixin"]

    @api.depends("complaint_id")
    def _compute_customer(self):
        return super()._compute_customer()

    def _receiver(self):
        # The name is shown on the complaint, and the language is not masked.
        complaint = self.complaint_id._filtered_access("read").sudo()
        if not complaint:
            return super()._receiver()
        name = complaint._letter_person()._shown_name() or complaint.complainant_name
        return name, self._language_name(complaint._letter_lang())

    def action_send(self):
        """Send the message to the customer."""
        return self._send_about(self.complaint_id)
