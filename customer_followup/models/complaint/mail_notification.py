from odoo import models
from odoo.fields import Domain


class MailNotification(models.Model):
    _name = "mail.notification"
    _inherit = ["mail.notification", "customer.confidential.mixin"]

    def _hidden_domain(self):
        hidden = self.env["mail.message"]._hidden_domain()
        return Domain("mail_message_id", "any!", hidden)

    def write(self, vals):
        """Let notices about promises follow what becomes of their mail."""
        result = super().write(vals)
        if "notification_status" in vals:
            # Whoever runs the queue or fetches mail; notices are the system's.
            self.env["customer.complaint.notice"].sudo()._follow_mail(self.sudo())
        return result
