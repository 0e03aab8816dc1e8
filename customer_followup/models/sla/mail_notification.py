from odoo import models

# Compared by identity: an RPC call cannot put this object into a context.
NO_NOTICE = object()


class MailNotification(models.Model):
    """The notification of a notice, which updates the state of the notice."""

    _inherit = "mail.notification"

    def write(self, vals):
        result = super().write(vals)
        is_known = self.env.context.get("customer_notices") is NO_NOTICE
        if "notification_status" in vals and not is_known:
            # Any user may run the queue or fetch mail without access to notices.
            about = self.sudo().filtered(lambda one: one._is_maybe_notice(one.mail_message_id))
            self.env["customer.complaint.notice"].sudo()._follow_mail(about)
        return result

    def _is_maybe_notice(self, message):
        """Return whether a message may be a notice, which is linked to no record."""
        return not message.model
