from odoo import models
from odoo.exceptions import MissingError


class MailMail(models.Model):
    """An e-mail in the queue, which the gate may keep back until the last moment."""

    _inherit = "mail.mail"

    def _send(self, *args, **kwargs):
        """Send what may leave now, and record what became of it."""
        try:
            ours = self._to_customers()
        except MissingError:
            # Odoo passes over e-mails that were deleted meanwhile.
            ours = self.exists()._to_customers()
        if not ours:
            return super()._send(*args, **kwargs)
        messages = ours.mail_message_id
        kept_back = messages._kept_back()
        kept = ours.filtered(lambda one: one.mail_message_id in kept_back)
        kept._cancel_with_notifications()
        result = super(MailMail, self - kept)._send(*args, **kwargs)
        messages.exists()._settle()
        return result

    def _to_customers(self):
        """Return those that may be to customers: about follow-ups and complaints."""
        # Without a query for e-mails of other apps: Odoo reads the same.
        return self.filtered(
            lambda one: one.state == "outgoing" and (one.model or "").startswith("customer.")
        )

    def _cancel_with_notifications(self):
        self.cancel()
        # The queue belongs to the system.
        self.sudo().mail_message_id.notification_ids.write({"notification_status": "canceled"})
