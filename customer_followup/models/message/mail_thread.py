import copy
import logging
import re
from xmlrpc.client import Binary

from lxml import html

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import html2plaintext
from odoo.tools.mail import email_normalize_all, unfold_references

from ...tools.mail.decoding import as_bytes, readable, unreadable_texts
from ...tools.mail.depth import shallow
from ...tools.mail.kind import PERSON, Kind, kind_of
from ...tools.mail.parts import is_decoration, mark, unpack
from ...tools.mail.report import FAILURE, REFUSED

_logger = logging.getLogger(__name__)
_QUOTES = (
    "//blockquote | //*[@data-o-mail-quote-node or @data-o-mail-quote-container"
    " or @data-o-mail-quote or contains(@class, 'gmail_quote')]"
)
_MESSAGE_ID = re.compile(r"^\s*message-id:\s*(<[^<>\s]+>)", re.IGNORECASE | re.MULTILINE)
_MAX_REASON = 2000
FOLLOWUP = "customer.followup"
# The system parameter with the login of the user as which the mail gateway works.
GATEWAY = "customer_followup.mail_gateway_login"


class MailThread(models.AbstractModel):
    """An incoming e-mail, which may answer a contact or report on its delivery."""

    _inherit = "mail.thread"

    @api.model
    def _check_mail_gateway(self):
        """Raise unless the caller takes in e-mails: the system, an administrator or the gateway.

        Odoo records what an e-mail says in sudo, in the name of its sender.
        """
        if self.env.su or self.env.user.has_group("base.group_system"):
            return
        # Which user the gateway logs in as is compared only.
        gateway = self.env["ir.config_parameter"].sudo().get_param(GATEWAY, "")
        if gateway != self.env.user.login:
            raise AccessError(
                self.env._("Only the mail gateway takes in e-mails: see the add-on's README.")
            )

    @api.model
    def message_process(self, model, message, *args, **kwargs):
        """Take in every e-mail, also one whose parts lie too deep for Python to read."""
        self._check_mail_gateway()
        if isinstance(message, Binary):
            message = message.data
        if isinstance(message, str):
            message = message.encode()
        return super().message_process(model, shallow(bytes(message)), *args, **kwargs)

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        self._check_mail_gateway()
        return super().message_new(msg_dict, custom_values)

    def message_update(self, msg_dict, update_vals=None):
        self._check_mail_gateway()
        return super().message_update(msg_dict, update_vals)

    @api.model
    def message_parse(self, message, save_original=False):
        """Read an e-mail in the character sets that its program used, and keep the rest."""
        self._check_mail_gateway()
        msg_dict = super().message_parse(readable(message, with_texts=False))
        kept = [("original_email.eml", as_bytes(message))] if save_original else []
        kept += [("unreadable.txt", content) for content in unreadable_texts(message)]
        own = {"technical": True}
        files = [self._Attachment(name, content, own) for name, content in kept]
        msg_dict["attachments"] = [*files, *msg_dict["attachments"]]
        return msg_dict

    def _message_parse_extract_payload(self, message, message_dict, save_original=False):
        """Add what is packed in parts of the e-mail, and what its program says of its files."""
        if not message_dict.get("is_bounce"):
            message = unpack(copy.deepcopy(message))
        message = readable(message)
        marks = mark(message)
        payload = super()._message_parse_extract_payload(message, message_dict)
        body = payload["body"] or ""
        for file in payload["attachments"]:
            known = marks.get(file.info.get("cid"))
            if known:
                content = file.content if isinstance(file.content, bytes) else b""
                file.info["technical"] = known.is_technical
                file.info["decoration"] = is_decoration(known, content, body)
                file.info["cid"] = known.cid
        return payload

    @api.model
    def _detect_is_bounce(self, message, message_dict):
        """Return whether a message was not delivered, not whether there is any report on it."""
        kind = kind_of(message)
        if kind.is_report:
            return kind.name in (FAILURE, REFUSED)
        if not kind.is_written:
            # Automatic replies go to the address for bounces.
            return False
        is_answer = bool(message_dict.get("parent_id"))
        return not is_answer and super()._detect_is_bounce(message, message_dict)

    @api.model
    def message_route(self, message, message_dict, *args, **kwargs):
        """Route what a program wrote only where it belongs; there is no one to be informed."""
        self._check_mail_gateway()
        kind = kind_of(message)
        if kind.is_written or message_dict.get("is_bounce"):
            return super().message_route(message, message_dict, *args, **kwargs)
        try:
            routes = super().message_route(message, message_dict, *args, **kwargs)
        except ValueError:
            routes = []
        # No contact begins with what comes in, and reports are about what went out.
        routes = [route for route in routes if route[0] != FOLLOWUP or route[1]]
        if kind.is_report or not routes:
            routes = []
            _logger.info("Ignored %s: %s", message_dict.get("message_id"), kind.name)
        return routes

    def _message_route_process(self, message, message_dict, routes):
        """Pass on the kind of the message, which only its headers and parts reveal."""
        # By type, because no caller from outside can put such an object into a context.
        self = self.with_context(customer_mail=kind_of(message))
        return super()._message_route_process(message, message_dict, routes)

    def _mail_kind(self):
        """Return the kind of the e-mail that is processed now."""
        kind = self.env.context.get("customer_mail")
        return kind if isinstance(kind, Kind) else Kind(PERSON)

    @api.model
    def _keep_as_note(self, msg_dict):
        """Keep an e-mail that is not from the customer as a note, which notifies no one.

        Odoo would send it to the author of the message it answers, maybe the customer.
        """
        msg_dict |= {"is_internal": True, "parent_id": False}

    @api.model
    def _routing_handle_bounce(self, email_message, message_dict):
        """Process each recipient of a report; only failures of an address are bounces."""
        recipients = kind_of(email_message).recipients
        if not recipients:
            return super()._routing_handle_bounce(email_message, message_dict)
        about = message_dict["bounced_message"] or self._reported_message(message_dict)
        for one in recipients:
            address, partners = self._reported_address(one, about)
            values = {
                **message_dict,
                "bounced_message": about,
                "bounced_email": address,
                "bounced_partner": partners,
            }
            if one.fate == FAILURE and address:
                super()._routing_handle_bounce(email_message, values)
            elif one.fate == REFUSED:
                self._record_refusal(about, partners, one.reason[:_MAX_REASON])
        return None

    @api.model
    def _reported_message(self, message_dict):
        """Return the message a report in words is about."""
        text = html2plaintext(message_dict.get("body") or "")
        names = [*_MESSAGE_ID.findall(text)]
        for name in ("in_reply_to", "references"):
            names += unfold_references(message_dict.get(name) or "")
        # Reports concern messages of all users.
        messages = self.env["mail.message"].sudo()
        return messages.search([("message_id", "in", names)], order="id desc", limit=1)

    @api.model
    def _reported_address(self, recipient, message):
        """Return the address of ours that a report means, and the contacts that have it.

        Servers name the address to which the customer's mailbox forwards, and more in their words.
        """
        ours = self._message_addresses(message)
        named = [address for address in recipient.addresses if address in ours]
        if not named and len(ours) == 1:
            named = list(ours)
        if not named and recipient.is_exact and not ours:
            named = list(recipient.addresses)
        address = next(iter(named), False)
        partners = ours.get(address) or self.env["res.partner"].sudo()
        if address and not partners:
            partners = partners.search([("email_normalized", "=", address)])
        return address, partners

    @api.model
    def _message_addresses(self, message):
        """Return the addresses to which a message was sent: ``{address: contacts}``."""
        found = {}
        for row in message.notification_ids:
            partner = row.res_partner_id
            for text in (row.mail_email_address, partner.email):
                for address in email_normalize_all(text or ""):
                    found[address] = found.get(address, partner.browse()) | partner
        if not found and message.model in self.env and message.res_id:
            # Notifications may have been deleted since.
            record = self.env[message.model].sudo().browse(message.res_id).exists()
            partner = record["partner_id"] if "partner_id" in record._fields else None
            found = dict.fromkeys(email_normalize_all(partner and partner.email or ""), partner)
        return found

    @api.model
    def _record_refusal(self, message, partners, reason):
        """Record that a server did not take a message, although the address may work."""
        rows = message.notification_ids
        rows = rows.filtered(lambda row: row.res_partner_id in partners) if partners else rows
        rows.write(
            {
                "notification_status": "exception",
                "failure_type": "unknown",
                "failure_reason": reason,
            }
        )
        for contact in message._contacts_sent():
            if not partners or contact.partner_id in partners:
                contact._record_refused()


def plain_text(body):
    """Return the text of an e-mail without what mail programs mark as quoted."""
    if not (body or "").strip():
        return ""
    tree = html.fromstring(f"<div>{body}</div>")
    for quote in tree.xpath(_QUOTES):
        quote.drop_tree()
    return html2plaintext(html.tostring(tree, encoding="unicode"))
