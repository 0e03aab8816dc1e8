from odoo import models
from odoo.exceptions import MissingError

from .mail_notification import NO_NOTICE


class MailMail(models.Model):
    """An e-mail in the queue, which may contain a notice."""

    _inherit = "mail.mail"

    def _send(self, *args, **kwargs):
        if not self._are_maybe_notices():
            # Saves a query per e-mail: Odoo writes the states of notifications one by one.
            self = self.with_context(customer_notices=NO_NOTICE)
        return super()._send(*args, **kwargs)

    def _are_maybe_notices(self):
        is_notice = self.env["mail.notification"]._is_maybe_notice
        try:
            # The queue sends e-mails of all users; only their kind is read.
            return any(map(is_notice, self.sudo().mail_message_id))
        except MissingError:
            # Odoo handles deleted e-mails itself.
            return True
