from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import html2plaintext
from odoo.tools.mail import email_normalize, email_split_tuples

# No server tries longer to deliver a message.
DELIVERED_WITHIN = timedelta(days=5)


class CustomerComplaint(models.Model):
    """A complaint that comes as an e-mail, and what is written about it later."""

    _inherit = "customer.complaint"

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
