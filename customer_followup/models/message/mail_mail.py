from odoo import models


class MailMail(models.Model):
    """An e-mail in the queue, which the gate may keep back until the last moment."""

    _inherit = "mail.mail"

    def _send(self, *args, **kwargs):
        """Send what may leave now, and record it on the contacts."""
        waiting = self.filtered(lambda one: one.state == "outgoing")
        messages = waiting.mail_message_id
        kept_back = messages._kept_back()
        kept = waiting.filtered(lambda one: one.mail_message_id in kept_back)
        kept._cancel_with_notifications()
        result = super(MailMail, self - kept)._send(*args, **kwargs)
        # Sent e-mails are deleted; their messages stay.
        messages.exists()._settle()
        return result

    def _cancel_with_notifications(self):
        self.cancel()
        # The queue belongs to the system.
        self.sudo().mail_message_id.notification_ids.write({"notification_status": "canceled"})
