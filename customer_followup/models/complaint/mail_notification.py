from odoo import models
from odoo.fields import Domain

# Identity, not a value: no caller from outside can put this object into a context.
NO_NOTICE = object()


class MailNotification(models.Model):
    _name = "mail.notification"
    _inherit = ["mail.notification", "customer.confidential.mixin"]

    def _hidden_domain(self):
        hidden = self.env["mail.message"]._hidden_domain()
        return Domain("mail_message_id", "any!", hidden)

    def _about_confidential(self):
        about = set(self.mail_message_id._about_confidential()._ids)
        return self.filtered(lambda one: one.mail_message_id.id in about)

    def write(self, vals):
        """Let notices about promises follow what becomes of their mail."""
        result = super().write(vals)
        is_known = self.env.context.get("customer_notices") is NO_NOTICE
        if "notification_status" in vals and not is_known:
            # Whoever runs the queue or fetches mail; notices are the system's.
            about = self.sudo().filtered(lambda one: one.mail_message_id._is_maybe_notice())
            self.env["customer.complaint.notice"].sudo()._follow_mail(about)
        return result
