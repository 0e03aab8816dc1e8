import codecs
import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import html2plaintext
from odoo.tools.mail import email_normalize, email_split_tuples

from ...tools import reply
from ..ground.system import as_system
from ..message.mail_thread import plain_text

_logger = logging.getLogger(__name__)
COMPLAINT = "customer.complaint"
# No server tries longer to deliver a message.
DELIVERED_WITHIN = timedelta(days=5)
# Identities, not values: no caller from outside can put these objects into a context.
_MACHINE, _LIST = object(), object()


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def _message_parse_extract_payload(self, message, *args, **kwargs):
        """Read also what names a character set that does not exist, on which Odoo would fail."""
        for part in message.walk():
            if part.get_content_maintype() == "text" and not _is_readable(part):
                part.set_param("charset", "utf-8")
        return super()._message_parse_extract_payload(message, *args, **kwargs)

    @api.model
    def message_route(self, message, message_dict, *args, **kwargs):
        """Let nothing a machine wrote become a complaint, and no message two of them."""
        routes, is_new = [], not reply.is_machine(message)
        for route in super().message_route(message, message_dict, *args, **kwargs):
            model, thread_id = route[:2]
            if model != COMPLAINT or thread_id:
                routes.append(route)
            elif is_new and not self._is_ours(message_dict.get("email_from")):
                routes.append(route)
                is_new = False
            else:
                _logger.info("No complaint made of message %s", message_dict.get("message_id"))
        return routes

    @api.model
    def _is_ours(self, address):
        """Say whether an address is one of those to which customers write."""
        normal = email_normalize(address)
        return bool(normal and self.env["mail.alias.domain"].sudo()._find_aliases([normal]))

    def _message_route_process(self, message, message_dict, routes):
        if reply.is_automatic(message):
            sender = _MACHINE if reply.is_machine(message) else _LIST
            self = self.with_context(customer_sender=sender)
        return super()._message_route_process(message, message_dict, routes)


class CustomerComplaint(models.Model):
    """A complaint that comes as an e-mail, and what is written about it later."""

    _inherit = "customer.complaint"

    @api.private
    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """Make a complaint of an e-mail; the address it came to decides nothing but the team."""
        team = self.env["customer.team"].browse((custom_values or {}).get("team_id")).exists()
        company = team.company_id or self.env.company
        intake = as_system(self).with_company(company)
        partner = intake._sender(msg_dict, company)
        vals = intake._prepare_mail_vals(msg_dict, partner)
        vals = intake._prepare_intake_vals(company, team, partner, vals)
        complaint = super(CustomerComplaint, intake).message_new(msg_dict, vals)
        refused = complaint._take_attachments(msg_dict)
        if not self.env.context.get("customer_sender"):
            complaint._acknowledge(refused)
        return complaint

    @api.private
    def message_update(self, msg_dict, update_vals=None):
        result = super().message_update(msg_dict, update_vals)
        is_machine = self.env.context.get("customer_sender") is _MACHINE
        for complaint in as_system(self):
            if not is_machine and complaint._is_from_customer(msg_dict):
                complaint._process_customer_message(
                    plain_text(msg_dict.get("body"))
                )._take_attachments(msg_dict)
            else:
                complaint._note_refused(complaint._sorted_attachments(msg_dict)[1])
        return result

    @api.model
    def _detect_loop_sender_domain(self, email_from_normalized):
        return Domain("complainant_email", "=ilike", email_from_normalized) | Domain(
            "partner_id.email_normalized", "=", email_from_normalized
        )

    @api.model
    def _sender(self, msg_dict, company):
        """Return the contact who wrote; make one only if the company wants that."""
        address = msg_dict.get("email_from")
        partner = self._known_partner(address, company)
        name, normal = _name_and_address(address)
        if partner or not normal or not company.customer_mail_contacts:
            return partner
        if self.env["res.partner"].search_count([("email_normalized", "=", normal)], limit=1):
            # Several, or a colleague, or another company's: somebody decides.
            return partner
        return partner.create({"name": name or normal, "email": normal, "company_id": company.id})

    def _prepare_mail_vals(self, msg_dict, partner):
        body = (msg_dict.get("body") or "").replace("\x00", "")
        now = fields.Datetime.now()
        lines = html2plaintext(body).split("\n") if body.strip() else []
        first = next((line for line in lines if line.strip()), "")
        vals = {
            "title": (msg_dict.get("subject") or "").strip("\x00 ") or first,
            "description": body,
            "channel_id": self.env.ref("customer_followup.customer_channel_email").id,
            "date_received": _sent(fields.Datetime.to_datetime(msg_dict.get("date")), now),
        }
        if not partner:
            name, normal = _name_and_address(msg_dict.get("email_from"))
            vals |= {"complainant_name": name, "complainant_email": normal}
        return vals

    def _is_from_customer(self, msg_dict):
        """Say whether somebody on the customer's side wrote."""
        sender = email_normalize(msg_dict.get("email_from"))
        if not sender:
            return False
        people = self.partner_id | self.complainant_id
        known = {*people.mapped("email_normalized"), email_normalize(self.complainant_email)}
        author = self.env["res.partner"].browse(msg_dict.get("author_id") or [])
        customer = self.commercial_partner_id
        return sender in known or bool(customer and author.commercial_partner_id == customer)

    def _take_attachments(self, msg_dict):
        """Keep the files of a message as evidence and the rest out; return why."""
        taken, refused = self._sorted_attachments(msg_dict)
        # Pictures within the text, like a logo, prove nothing.
        self._keep_files([file for file in taken if not (len(file) > 2 and file[2].get("cid"))])
        self._note_refused(refused)
        return refused

    def _sorted_attachments(self, msg_dict):
        """Keep out of a message what is refused; return what is taken, and why the rest is not."""
        files = msg_dict.get("attachments") or ()
        # Odoo's copy of the whole message, if somebody wants one: the customer did not send it.
        copies = [file for file in files if _is_copy(file)]
        taken, refused = self._sorted_files([file for file in files if not _is_copy(file)])
        msg_dict["attachments"] = copies + taken
        return taken, refused


def _is_copy(file):
    return file[0] == "original_email.eml" and len(file) > 2 and not file[2]


def _sent(moment, now):
    """Return when a message was sent; what comes from the future or long ago has a wrong clock."""
    return moment if moment and now - DELIVERED_WITHIN <= moment <= now else now


def _name_and_address(email_from):
    """Return the name and the address of a sender, each ``False`` if there is none to keep."""
    name, address = next(iter(email_split_tuples(email_from or "")), ("", ""))
    normal = email_normalize(address)
    # A name that is an address would be shown unmasked.
    return "" if "@" in name else name.replace("\x00", ""), normal


def _is_readable(part):
    try:
        codecs.lookup(part.get_content_charset() or "utf-8")
    except LookupError:
        return False
    return True
