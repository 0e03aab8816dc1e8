from odoo import api, fields, models


class CustomerFollowupLetter(models.TransientModel):
    """Writes a message to the customer of a contact."""

    _name = "customer.followup.letter"
    _description = "Write to the Customer of a Contact"
    _inherit = ["customer.letter.mixin"]

    followup_id = fields.Many2one("customer.followup", required=True, ondelete="cascade")
    subject = fields.Char(required=True)

    @api.depends("followup_id")
    def _compute_customer(self):
        return super()._compute_customer()

    def _receiver(self):
        # The name is shown on the contact, and the language is not masked.
        person = self.followup_id._filtered_access("read").sudo().partner_id
        if not person:
            return super()._receiver()
        return person._shown_name(), self._language_name(person.lang)

    def action_send(self):
        """Send the message to the customer."""
        return self._send_about(self.followup_id, subject=self.subject)
