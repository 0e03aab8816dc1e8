import logging

from odoo import api, models
from odoo.tools.mail import email_normalize

from ...tools.mail.kind import kind_of

_logger = logging.getLogger(__name__)
COMPLAINT = "customer.complaint"


class MailThread(models.AbstractModel):
    """An incoming e-mail, which becomes at most one complaint."""

    _inherit = "mail.thread"

    @api.model
    def message_route(self, message, message_dict, *args, **kwargs):
        """Ignore automatic messages, and messages that already became a complaint."""
        self._check_mail_gateway()
        routes, is_new = [], kind_of(message).is_written
        for route in super().message_route(message, message_dict, *args, **kwargs):
            model, thread_id = route[:2]
            if model != COMPLAINT or thread_id:
                routes.append(route)
            elif is_new and not self._is_ours(message_dict.get("email_from")):
                # Who answers without the headers of an answer still names the number.
                known = self.env[COMPLAINT]._named_by_customer(message_dict, route[2])
                routes.append((model, known.id, *route[2:]) if known else route)
                is_new = False
            else:
                _logger.info("No complaint created from message %s", message_dict.get("message_id"))
        return routes

    @api.model
    def _is_ours(self, address):
        """Return whether an address is one of our own."""
        normal = email_normalize(address)
        return bool(normal and self.env["mail.alias.domain"].sudo()._find_aliases([normal]))

    @api.model
    def _message_addresses(self, message):
        addresses = super()._message_addresses(message)
        if not addresses and message.model == COMPLAINT:
            address = self.env[COMPLAINT].sudo().browse(message.res_id).exists().complainant_email
            addresses = {address: self.env["res.partner"].sudo()} if address else {}
        return addresses

    @api.model
    def _record_refusal(self, message, partners, reason):
        result = super()._record_refusal(message, partners, reason)
        message._letter_entries()._record_failed()
        return result
