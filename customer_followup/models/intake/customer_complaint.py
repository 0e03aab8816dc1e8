import base64
import secrets
from email.message import EmailMessage
from pathlib import PurePath

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools import identity
from ...tools.mail.charset import clean
from ...tools.mail.kind import PERSON
from ..complaint.customer_complaint_contact import ACKNOWLEDGED
from ..ground.system import as_system
from ..message.mail_thread import plain_text
from .customer_complaint_evidence import media_type

MAX_TITLE = 200
# About twelve pages of text.
MAX_LETTERS = 20_000
# Limits what a visitor can upload with the link of one complaint.
FILES_IN_ALL = 50
_KINDS = {"image": "photo", "video": "video", "audio": "audio"}


class CustomerComplaint(models.Model):
    """Intake of complaints by e-mail, portal and public form."""

    _name = "customer.complaint"
    _inherit = ["customer.complaint", "portal.mixin"]
    _protected_fields = frozenset({"consent_text", "consent_version", "date_acknowledged"})

    evidence_ids = fields.One2many("customer.complaint.evidence", "complaint_id")
    consent_version = fields.Integer(readonly=True, copy=False)
    consent_text = fields.Text(
        string="Consent text",
        readonly=True,
        copy=False,
        help="Text of the public form to which the customer agreed.",
    )

    # The token acts for the customer: no user may read it, and only letters to them contain it.
    access_token = fields.Char(groups=fields.NO_ACCESS)

    def _compute_access_url(self):
        for complaint in self:
            complaint.access_url = f"/my/complaints/{complaint.id}"

    def _portal_ensure_token(self):
        # The user who writes to the customer may not read the token.
        complaint = self.sudo()
        if not complaint.access_token:
            complaint.access_token = secrets.token_urlsafe(32)
        return complaint.access_token

    def get_portal_url(self, *args, **kwargs):
        """Return the customer's link with its token to the system, without it to users."""
        return super().get_portal_url(*args, **kwargs) if self.env.su else self.access_url

    def _get_share_url(self, *args, **kwargs):
        if not self.env.su:
            kwargs["share_token"] = False
        return super()._get_share_url(*args, **kwargs)

    @api.model
    def _get_thread_with_access(self, thread_id, *, hash=None, pid=None, token=None, **kwargs):
        """Give access by rights only: the customer's link opens our pages, not the chatter."""
        return super()._get_thread_with_access(thread_id, **kwargs)

    def _follow(self, before=None):
        super()._follow(before)
        self._follow_receiver(before)

    def _record_stage(self, before=None):
        super()._record_stage(before)
        self._changed(before, "stage_id").filtered(
            lambda one: one.state == "awaiting" != one._state_before(before)
        )._ask_customer()

    @api.private
    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """Create a complaint from an e-mail; its alias decides only the team."""
        team = self._mail_team(custom_values)
        company = team.company_id or self.env.company
        intake = as_system(self).with_company(company)
        partner = intake._sender(msg_dict, company)
        intake._replace_guessed_author(msg_dict, partner)
        vals = intake._prepare_mail_vals(msg_dict, partner)
        vals = intake._prepare_intake_vals(company, team, partner, vals)
        complaint = super(CustomerComplaint, intake).message_new(msg_dict, vals)
        complaint._note_context(msg_dict, intake._answered_followup(msg_dict, company))
        refused = complaint._take_attachments(msg_dict)
        self._block_programs(msg_dict)
        if self._mail_kind().name == PERSON and not complaint._is_repeated(msg_dict):
            complaint._acknowledge(refused)
        return complaint

    @api.private
    def message_update(self, msg_dict, update_vals=None):
        result = super().message_update(msg_dict, update_vals)
        is_written = self._mail_kind().is_written
        for complaint in as_system(self):
            if is_written and complaint._is_from_customer(msg_dict):
                complaint._process_customer_message(
                    plain_text(msg_dict.get("body"))
                )._take_attachments(msg_dict)
            elif not is_written:
                complaint._keep_as_note(msg_dict)
            elif not complaint._is_from_colleague(msg_dict):
                complaint._process_other_message(msg_dict)
        self._block_programs(msg_dict)
        return result

    def _message_failed(self, entry, was_sent):
        result = super()._message_failed(entry, was_sent)
        if entry.result == ACKNOWLEDGED:
            self._record({"date_acknowledged": False})
        return result

    @api.model
    def _detect_loop_sender_domain(self, email_from_normalized):
        people = self.env["res.partner"]._address_domain(email_from_normalized)
        return Domain("complainant_email", "=ilike", email_from_normalized) | Domain(
            "partner_id", "any", people
        )

    def _notify_get_reply_to_batch(self, defaults=None, author_ids=None):
        """Direct answers to the address of the team, in the name of the company."""
        answers = super()._notify_get_reply_to_batch(defaults=defaults, author_ids=author_ids)
        # The addresses of teams are public, as each letter shows them.
        own = {one.id: one._letter_reply_to() for one in self.sudo()}
        return answers | {id_: address for id_, address in own.items() if address}

    @api.model
    def _prepare_intake_vals(self, company, team, partner, vals):
        """Return the values of a complaint from outside, completed with team and handler."""
        team = team.filtered(lambda one: one.company_id == company)
        category = self.with_context(default_company_id=company.id)._default_category_id()
        if not team and category.team_id.company_id == company:
            team = category.team_id
        handler = self._intake_handler(company, team, partner)
        # Without team and handler, the topmost team of the company is used, so that its leader
        # is notified.
        team = team or self.env["customer.team"]._teams_of(handler, company)[handler]
        return {
            "company_id": company.id,
            "team_id": team.id,
            "category_id": category.id,
            "partner_id": partner.id,
            "user_id": handler.id,
            "accountable_user_id": (handler or team.leader_id).id,
            **vals,
            "title": (_clean(vals.get("title")) or self.env._("(no subject)"))[:MAX_TITLE],
        }

    @api.model
    def _intake_handler(self, company, team, partner):
        """Return the handler: the owner of the customer, else the team member with least load."""
        holders = self.env["customer.ownership"]._holders(partner, company) if partner else {}
        owner = holders.get((partner.commercial_partner_id.id, "owner"))
        if owner and owner.active and company in owner.company_ids:
            return owner
        return team._next_users(1)[0] if team else self.env["res.users"]

    @api.model
    def _known_partner(self, address, company):
        """Return the contact with an address, if it belongs to one customer of the company.

        If several people of a customer share it, that is the customer: the person is not guessed.
        """
        people = self.env["res.partner"]
        found = people.search(
            people._address_domain(address) & Domain("company_id", "in", (False, company.id))
        )
        # A colleague writes for a customer, who is selected later.
        is_colleague = found.user_ids.filtered(lambda user: not user.share)
        customer = found.commercial_partner_id
        if is_colleague or len(customer) != 1:
            return people
        # If a person and their company share an address, the person is the sender.
        persons = found - customer.filtered("is_company") if len(found) > 1 else found
        return persons if len(persons) == 1 else customer

    @api.model
    def _record_intake(self, company, team, partner, vals, files=()):
        """Record a complaint from outside; return it with the reasons for refused files.

        It runs with the rights of the system, as complainants have none.
        """
        intake = as_system(self.sudo()).with_company(company)
        intake = intake.with_context(mail_create_nosubscribe=True)
        complaint = intake.create(intake._prepare_intake_vals(company, team, partner, vals))
        refused = complaint._take_files(files)
        complaint._acknowledge(refused)
        return complaint, refused

    @api.model
    def _take_form(self, company, values, files):
        """Record a complaint of the public form; return it with the reasons for refused files.

        For a logged-in customer, the address in the form is ignored. Other visitors get the same
        answer whether or not their address is known.
        """
        # The address of a visitor is searched, but the result is not shown.
        visitor = self._visitor(company)
        partner = visitor or self.sudo()._known_partner(values["email"], company)
        way = "portal" if visitor else "website"
        wishes = dict(self._fields["remedy_asked"].selection)
        text = values["description"].replace("\x00", "")
        vals = {
            "channel_id": self.env.ref(f"customer_followup.customer_channel_{way}").id,
            "title": values["title"] or values["description"],
            "description": Markup("<p>%s</p>") % Markup("<br/>").join(text.splitlines()),
            "object_name": _clean(values["reference"]),
            "remedy_asked": values["wish"] if values["wish"] in wishes else False,
            "complainant_name": _clean(values["name"]),
            "complainant_phone": _clean(values["phone"]),
            "complainant_email": next(iter(identity.emails(values["email"])), False),
            "consent_version": company.customer_consent_version,
            "consent_text": company.customer_consent_text,
        }
        return self._record_intake(company, company.customer_form_team_id, partner, vals, files)

    @api.model
    def _visitor(self, company):
        """Return the logged-in customer if they belong to the company, else none."""
        user = self.env.user
        is_customer = user.share and not user._is_public() and company in user.company_ids
        # Portal users may not read their own contact.
        partner = user.partner_id.sudo() if is_customer else self.env["res.partner"]
        return partner.filtered(lambda one: not one.company_id or one.company_id == company)

    def _take_files(self, files):
        """Save files, ``(name, bytes)``, as evidence; return the reasons for refused files."""
        taken, refused = self._sorted_files(files)
        self._keep_files(taken)
        self._note_refused(refused)
        return refused

    def _sorted_files(self, files, is_from_other=False):
        """Return the accepted files, and the reason for each refused one."""
        self.ensure_one()
        most = self.company_id.sudo().customer_files_most
        # Files of other people leave the room of the customer.
        known = self.sudo().evidence_ids.filtered(lambda one: one.is_from_other == is_from_other)
        room = FILES_IN_ALL - len(known)
        taken, refused = [], []
        for file in files:
            why = self._why_refused(*file[:2])
            if not why and len(taken) >= room:
                why = self.env._("“%s”: this complaint already has too many files.", file[0])
            if not why and len(taken) >= most:
                why = self.env._(
                    "“%(file)s” exceeds the limit of %(most)s files.", file=file[0], most=most
                )
            if why:
                refused.append(why)
            else:
                taken.append(file)
        return taken, refused

    def _why_refused(self, name, content):
        if not content:
            return self.env._("“%s” is empty.", name)
        evidence = self.env["customer.complaint.evidence"]
        try:
            evidence._check_file(_evidence_vals(name, content), self.company_id)
        except UserError as error:
            return str(error)
        return None

    def _keep_files(self, files, **facts):
        self.env["customer.complaint.evidence"].create(
            [{"complaint_id": self.id, **_evidence_vals(*file[:2]), **facts} for file in files]
        )

    def _note_refused(self, refused):
        if refused:
            lines = Markup("<br/>").join([self.env._("Files not accepted as evidence:"), *refused])
            self._message_log(body=lines)

    def _process_other_message(self, msg_dict):
        """Keep the message of another person for the handler, who decides what follows from it.

        The customer does not see it, as it is not theirs.
        """
        self._keep_as_note(msg_dict)
        self._take_attachments(msg_dict, is_from_other=True)
        self._notify_handler(self.env._("Another person wrote about %s: decide", self.name))

    def _process_customer_message(self, text, summary=None):
        """Process a message of the customer, notify the handler, and return the complaint.

        A new complaint is returned if this one was closed too long ago.

        :param summary: text of the notification, with ``%s`` for the number
        """
        self.ensure_one()
        complaint = self._customer_replies(text)
        if complaint != self:
            # Copies leave out the contact details of the complainant.
            complaint.sudo().complainant_email = self.sudo().complainant_email
            complaint.sudo().complainant_phone = self.sudo().complainant_phone
            if self._mail_kind().name == PERSON:
                complaint._acknowledge()
        summary = summary or self.env._("The customer wrote about %s")
        complaint._notify_handler(summary % complaint.name)
        return complaint

    def _visitor_writes(self, text, files=()):
        """Record a message of a visitor; return the complaint and the reasons for refused files."""
        text = (text or "").replace("\x00", "").strip()
        if len(text) > MAX_LETTERS:
            return self, [
                self.env._("Your message is too long. The limit is %s characters.", MAX_LETTERS)
            ]
        taken, refused = self._sorted_files(files)
        complaint = self._process_customer_message(text) if text else self
        if taken:
            complaint = complaint._process_customer_files(taken, is_alone=not text)
        complaint._note_refused(refused)
        if text:
            lines = Markup("<br/>").join(text.splitlines())
            complaint.message_post(
                body=Markup("<p>%s</p>") % lines,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                **complaint._visitor_author(),
            )
        return complaint, refused

    def _process_customer_files(self, files, is_alone):
        """Record files of the customer and return the complaint.

        :param is_alone: whether they were sent without a message
        """
        summary, complaint = self.env._("The customer sent files on %s"), self
        if is_alone:
            # Files without a message count as a message.
            names = ", ".join(PurePath(file[0]).name for file in files)
            complaint = self._process_customer_message(self.env._("Files: %s", names), summary)
        else:
            complaint._notify_handler(summary % complaint.name)
        complaint._keep_files(files)
        return complaint

    def _visitor_author(self):
        # The visitor, because the system executes the request.
        user = self.env["res.users"].browse(self.env.context.get("customer_visitor", self.env.uid))
        person = self._letter_person() if user._is_public() else user.partner_id
        if person:
            return {"author_id": person.id}
        return {"author_id": False, "email_from": self.complainant_email or self.name}

    def _visitor_answers(self, is_solved, why=None, satisfaction=None):
        """Record the answer of a visitor who was asked whether the complaint is solved."""
        self.ensure_one()
        how = self.env._("On the complaint page")
        satisfaction = satisfaction if satisfaction in ("1", "2", "3", "4", "5") else None
        why = (why or "").replace("\x00", "").strip()
        if is_solved:
            self._customer_confirms(how, why or None, satisfaction)
        else:
            self._customer_rejects(how, why, satisfaction)
            self._notify_handler(self.env._("%s: the customer is not satisfied", self.name))


def _clean(text):
    """Return text on one line, without characters that the database refuses."""
    return " ".join(clean(text).split())


def _evidence_vals(name, content):
    content = as_bytes(content)
    kind = media_type(content).split("/")[0] if content else ""
    return {
        "name": PurePath(_clean(name) or "file").name[:MAX_TITLE],
        "kind": _KINDS.get(kind, "document"),
        "datas": base64.b64encode(content),
    }


def as_bytes(content):
    """Return the content of an attachment as bytes; it may be text or another e-mail."""
    if isinstance(content, str):
        return content.encode(errors="replace")
    return bytes(content) if isinstance(content, EmailMessage) else content or b""
