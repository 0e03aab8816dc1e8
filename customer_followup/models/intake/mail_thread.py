import codecs
import logging

from odoo import api, models
from odoo.tools.mail import email_normalize

from ...tools import reply

_logger = logging.getLogger(__name__)
COMPLAINT = "customer.complaint"
# Compared by identity: an RPC call cannot put these objects into a context.
MACHINE, MAILING_LIST = object(), object()


class MailThread(models.AbstractModel):
    """An incoming e-mail, which becomes at most one complaint."""

    _inherit = "mail.thread"

    def _message_parse_extract_payload(self, message, *args, **kwargs):
        """Read messages with an unknown character set, on which Odoo would fail."""
        for part in message.walk():
            if part.get_content_maintype() == "text" and not _is_readable(part):
                part.set_param("charset", "utf-8")
        return super()._message_parse_extract_payload(message, *args, **kwargs)

    @api.model
    def message_route(self, message, message_dict, *args, **kwargs):
        """Ignore automatic messages, and messages that already became a complaint."""
        routes, is_new = [], not reply.is_machine(message)
        for route in super().message_route(message, message_dict, *args, **kwargs):
            model, thread_id = route[:2]
            if model != COMPLAINT or thread_id:
                routes.append(route)
            elif is_new and not self._is_ours(message_dict.get("email_from")):
                routes.append(route)
                is_new = False
            else:
                _logger.info("No complaint created from message %s", message_dict.get("message_id"))
        return routes

    @api.model
    def _is_ours(self, address):
        """Return whether an address is one of our own."""
        normal = email_normalize(address)
        return bool(normal and self.env["mail.alias.domain"].sudo()._find_aliases([normal]))

    def _message_route_process(self, message, message_dict, routes):
        if reply.is_automatic(message):
            sender = MACHINE if reply.is_machine(message) else MAILING_LIST
            self = self.with_context(customer_sender=sender)
        return super()._message_route_process(message, message_dict, routes)


def _is_readable(part):
    try:
        codecs.lookup(part.get_content_charset() or "utf-8")
    except LookupError:
        return False
    return True
