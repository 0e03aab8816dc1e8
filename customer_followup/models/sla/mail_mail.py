from odoo import models
from odoo.exceptions import MissingError

from .mail_notification import NO_NOTICE


class MailMail(models.Model):
    """An e-mail in the queue: most are no notices, and need not be asked about one by one."""

    _inherit = "mail.mail"

    def _send(self, *args, **kwargs):
        if not self._are_maybe_notices():
            # Odoo writes the states of notifications mail by mail.
            self = self.with_context(customer_notices=NO_NOTICE)
        return super()._send(*args, **kwargs)

    def _are_maybe_notices(self):
        is_notice = self.env["mail.notification"]._is_maybe_notice
        try:
            # Only the kind of each mail is read; the queue sends mails of all users.
            return any(map(is_notice, self.sudo().mail_message_id))
        except MissingError:
            # Odoo reports what is gone, mail by mail.
            return True
