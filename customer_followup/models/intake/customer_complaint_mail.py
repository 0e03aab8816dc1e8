from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import html2plaintext
from odoo.tools.mail import email_normalize, email_split_tuples

from ...tools import identity, masking
from ...tools.folding import fold

# Mail servers stop trying to deliver a message after this time.
DELIVERED_WITHIN = timedelta(days=5)


class CustomerComplaint(models.Model):
    """Intake of complaints by e-mail: senders, values and attachments."""

    _inherit = "customer.complaint"

    @api.model
    def _sender(self, msg_dict, company):
        """Return the contact of the sender; create one only if the company allows it."""
        address = msg_dict.get("email_from")
        partner = self._known_partner(address, company)
        name, normal = _name_and_address(address)
        if partner or not normal or not company.customer_mail_contacts:
            return partner
        if partner.search_count(partner._address_domain(normal), limit=1):
            # Ambiguous senders, colleagues and contacts of other companies are assigned manually.
            return partner
        return partner.create({"name": name or normal, "email": normal, "company_id": company.id})

    def _replace_guessed_author(self, msg_dict, partner):
        """Show the sender we know as author; Odoo takes any contact with a shared address."""
        author = partner.browse(msg_dict.get("author_id") or [])
        if author.partner_share and author != partner:
            msg_dict["author_id"] = partner.id

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
        """Return whether the sender belongs to the customer."""
        sender = msg_dict.get("email_from")
        if not identity.emails(sender):
            return False
        people = self.partner_id | self.complainant_id
        author = self.env["res.partner"].browse(msg_dict.get("author_id") or [])
        customer = self.commercial_partner_id
        return (
            people._has_address(sender)
            or bool({*identity.emails(sender)} & {*identity.emails(self.complainant_email)})
            or bool(customer and author.commercial_partner_id == customer)
        )

    def _take_attachments(self, msg_dict):
        """Save the files of a message as evidence; return the reasons for refused files."""
        taken, refused = self._sorted_attachments(msg_dict)
        # Inline images, such as logos, are not evidence.
        self._keep_files([file for file in taken if not (len(file) > 2 and file[2].get("cid"))])
        self._note_refused(refused)
        return refused

    def _sorted_attachments(self, msg_dict):
        """Remove refused files from a message; return accepted files and reasons of refusal."""
        files = msg_dict.get("attachments") or ()
        # Odoo can attach a copy of the whole e-mail, which is not a file of the customer.
        copies = [file for file in files if _is_copy(file)]
        taken, refused = self._sorted_files([file for file in files if not _is_copy(file)])
        msg_dict["attachments"] = copies + taken
        return taken, refused


def _is_copy(file):
    return file[0] == "original_email.eml" and len(file) > 2 and not file[2]


def _sent(moment, now):
    """Return when a message was sent; implausible dates are replaced by the present."""
    return moment if moment and now - DELIVERED_WITHIN <= moment <= now else now


def _name_and_address(email_from):
    """Return name and address of a sender, each ``False`` if missing or unusable."""
    name, address = next(iter(email_split_tuples(email_from or "")), ("", ""))
    normal = email_normalize(address)
    # A name that is an address, or holds a number, would be shown unmasked.
    return "" if "@" in fold(name) else masking.text(name.replace("\x00", "")), normal
