from odoo import models
from odoo.exceptions import MissingError

from .mail_notification import NO_NOTICE


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _send(self, *args, **kwargs):
        """Ask nothing of the states of mails that are no notices: Odoo writes them mail by mail."""
        if not self._are_maybe_notices():
            self = self.with_context(customer_notices=NO_NOTICE)
        return super()._send(*args, **kwargs)

    def _are_maybe_notices(self):
        try:
            # Only the kind of each mail is read; the queue sends mails of all users.
            return any(self.sudo().mail_message_id.mapped(lambda one: one._is_maybe_notice()))
        except MissingError:
            # Odoo reports what is gone, mail by mail.
            return True
