from odoo import models


class CustomerAction(models.Model):
    """An action, whose messages to the customer of its contact the gate must allow."""

    _inherit = "customer.action"

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        recipients = super()._notify_get_recipients(message, msg_vals=msg_vals, **kwargs)
        if self.res_model != "customer.followup":
            return recipients
        # The user of an action need not be allowed to open its contact.
        contact = self.env["customer.followup"].sudo().browse(self.res_id).exists()
        return contact._gated(recipients, message, msg_vals, kwargs) if contact else recipients
