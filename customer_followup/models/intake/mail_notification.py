from odoo import models


class MailNotification(models.Model):
    """The delivery of a letter about a complaint."""

    _inherit = "mail.notification"

    def _record_returned(self):
        """Record on complaints that letters came back."""
        result = super()._record_returned()
        self.mail_message_id._letter_entries()._record_failed()
        return result
