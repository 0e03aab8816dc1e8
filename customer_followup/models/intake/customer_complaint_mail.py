import re
from datetime import timedelta

from lxml import html
from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import html2plaintext
from odoo.tools.mail import email_normalize, email_split_tuples, unfold_references

from ...tools import filetype, identity, masking
from ...tools.folding import fold
from ...tools.mail.charset import clean
from ..message.mail_thread import plain_text
from .customer_complaint import as_bytes

# The names by which the text shows pictures, as :meth:`_shown_body` writes them.
_NAMES = re.compile(r"\[[^\[\]\n]*\.\w{2,5}\]")
# Mail servers stop trying to deliver a message after this time.
DELIVERED_WITHIN = timedelta(days=5)


class CustomerComplaint(models.Model):
    """Intake of complaints by e-mail: senders, values and attachments."""

    _inherit = "customer.complaint"

    @api.model
    def _sender(self, msg_dict, company):
        """Return the contact of the sender; create one only if the company allows it."""
        address = identity.sender(msg_dict.get("email_from"))
        partner = self._known_partner(address, company)
        name, _first = _name_and_address(msg_dict.get("email_from"))
        normal = email_normalize(address)
        if partner or not normal or not company.customer_mail_contacts:
            return partner
        if partner.search_count(partner._address_domain(normal), limit=1):
            # Ambiguous senders, colleagues and contacts of other companies are assigned manually.
            return partner
        return partner.create(
            {"name": name or masking.email(normal), "email": normal, "company_id": company.id}
        )

    def _replace_guessed_author(self, msg_dict, partner):
        """Show the sender we know as author; Odoo takes any contact with a shared address."""
        author = partner.browse(msg_dict.get("author_id") or [])
        if author.partner_share and author != partner:
            msg_dict["author_id"] = partner.id

    @api.model
    def _named_by_customer(self, msg_dict, defaults):
        """Return the complaint that the subject of a message names, if its customer wrote it.

        :param defaults: values of the alias to which the message was sent
        """
        # Messages come from strangers; the sender decides what is theirs.
        complaints = self.sudo()
        company = complaints._mail_team(defaults).company_id or self.env.company
        author = complaints._known_partner(identity.sender(msg_dict.get("email_from")), company)
        known = {**msg_dict, "author_id": msg_dict.get("author_id") or author.id}
        named = complaints._named_in(msg_dict.get("subject"), company)
        return named.filtered(lambda one: one._is_from_customer(known))[:1]

    @api.model
    def _mail_team(self, defaults):
        team_id = (defaults or {}).get("team_id")
        return (
            self.env["customer.team"].browse(team_id if isinstance(team_id, int) else []).exists()
        )

    @api.model
    def _answered_followup(self, msg_dict, company):
        """Return the contact whose message the customer answers by a complaint, or none."""
        names = unfold_references(msg_dict.get("references") or "")
        names += unfold_references(msg_dict.get("in_reply_to") or "")
        messages = self.env["mail.message"].sudo()
        domain = [("message_id", "in", names), ("model", "=", "customer.followup")]
        ids = messages.search(domain, order="id desc").mapped("res_id") if names else []
        followups = self.env["customer.followup"].sudo().browse(ids).exists()
        return followups.filtered(
            lambda one: one.company_id == company and one._is_from_customer(msg_dict)
        )[:1]

    def _is_repeated(self, msg_dict):
        """Return whether the sender wrote the same shortly before, as an unmarked program does."""
        recent = fields.Datetime.now() - timedelta(days=1)
        domain = [
            ("id", "!=", self.id),
            ("company_id", "=", self.company_id.id),
            ("title", "=", self.title),
            ("date_acknowledged", ">=", recent),
        ]
        return any(one._is_from_customer(msg_dict) for one in self.search(domain, limit=20))

    def _note_context(self, msg_dict, followup):
        """Note what a new complaint may belong to, and stop what the customer answered."""
        others = self._named_in(msg_dict.get("subject"), self.company_id) - self
        if others:
            names = ", ".join(others.mapped("name"))
            self._message_log(body=self.env._("The subject names another complaint: %s", names))
        if followup:
            self._record({"followup_id": followup.id})
            followup._process_complaint(plain_text(msg_dict.get("body")))

    def _prepare_mail_vals(self, msg_dict, partner):
        body, names = self._shown_body(msg_dict), self._names_of_files(msg_dict)
        now = fields.Datetime.now()
        lines = _words(body).split("\n")
        first = next((line for line in lines if line.strip()), "")
        if names and not first:
            note = self.env._("This message has no text. See its files: %s", ", ".join(names))
            body = Markup("<p>%s</p>") % note
        subject = (msg_dict.get("subject") or "").strip()
        vals = {
            "title": subject or first or next(iter(names), "").removesuffix(".eml"),
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
        sender = identity.sender(msg_dict.get("email_from"))
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

    def _take_attachments(self, msg_dict, **facts):
        """Save the files of a message as evidence; return the reasons for refused files.

        The message keeps all its files, whether or not they are evidence.
        """
        files = msg_dict.get("attachments") or ()
        chosen = self._without_known([file for file in files if _is_chosen(file)])
        taken, refused = self._sorted_files(chosen, **facts)
        self._keep_files(taken, **facts)
        self._note_refused(refused)
        return refused

    @api.model
    def _block_programs(self, msg_dict):
        """Rename the programs among the files of a message, so that no click runs them."""
        msg_dict["attachments"] = [
            (f"{file[0]}{filetype.BLOCKED}", *file[1:])
            if filetype.is_program(file[0] or "", as_bytes(file[1]))
            else file
            for file in msg_dict.get("attachments") or ()
        ]

    def _without_known(self, files):
        """Return the files that are not evidence yet: programs send pictures with each answer."""
        attachments = self.env["ir.attachment"].sudo()
        known = attachments.search(
            [
                ("res_model", "=", "customer.complaint.evidence"),
                ("res_field", "=", "datas"),
                ("res_id", "in", self.sudo().evidence_ids.ids),
            ]
        ).mapped("checksum")
        by_content = {}
        for file in files:
            by_content.setdefault(attachments._compute_checksum(as_bytes(file[1])), file)
        return [file for digest, file in by_content.items() if digest not in known]

    @api.model
    def _shown_body(self, msg_dict):
        """Return the text of a message, with the names of the pictures only it has."""
        body = clean(msg_dict.get("body"))
        if "cid:" not in body:
            return body
        tree = html.fromstring(f"<div>{body}</div>")
        for picture in tree.xpath("//img[starts-with(@src, 'cid:')]"):
            name = picture.get("data-filename")
            picture.tail = f"{f'[{name}]' if name else ''}{picture.tail or ''}"
            picture.drop_tree()
        return Markup(html.tostring(tree, encoding="unicode"))

    @api.model
    def _names_of_files(self, msg_dict):
        """Return the names of the files of a message, first of those that a person attached."""
        files = msg_dict.get("attachments") or ()
        chosen = [file[0] for file in files if _is_chosen(file)]
        return chosen or [file[0] for file in files]


def _words(body):
    """Return the text of a message without the pictures and links that stand for files."""
    if not (body or "").strip():
        return ""
    tree = html.fromstring(f"<div>{body}</div>")
    for picture in tree.xpath("//img"):
        picture.drop_tree()
    return _NAMES.sub("", html2plaintext(html.tostring(tree, encoding="unicode")))


def _is_chosen(file):
    """Return whether a person attached a file, not their mail program."""
    info = file[2] if len(file) > 2 and file[2] else {}
    return not info.get("technical") and not info.get("decoration")


def _sent(moment, now):
    """Return when a message was sent; implausible dates are replaced by the present."""
    return moment if moment and now - DELIVERED_WITHIN <= moment <= now else now


def _name_and_address(email_from):
    """Return name and address of a sender, each ``False`` if missing or unusable."""
    name, address = next(iter(email_split_tuples(email_from or "")), ("", ""))
    normal = email_normalize(address)
    # A name that is an address, or holds a number, would be shown unmasked.
    return "" if "@" in fold(name) else masking.text(clean(name)), normal
