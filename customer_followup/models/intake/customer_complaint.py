import base64
import secrets
from email.message import EmailMessage
from pathlib import PurePath

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools.mail import email_normalize

from ...tools import masking
from ..ground.system import as_system
from ..message.customer_followup_reply import plain_text
from .customer_complaint_evidence import media_type
from .mail_thread import MACHINE

MAX_TITLE = 200
# A message as long as a dozen pages.
MAX_LETTERS = 20_000
# More files than any complaint needs: nobody fills the disk through his link.
FILES_IN_ALL = 50
_KINDS = {"image": "photo", "video": "video", "audio": "audio"}


class CustomerComplaint(models.Model):
    """How a complaint is recorded that somebody outside brings."""

    _name = "customer.complaint"
    _inherit = ["customer.complaint", "portal.mixin"]
    _protected_fields = frozenset({"consent_text", "consent_version", "date_acknowledged"})

    evidence_ids = fields.One2many("customer.complaint.evidence", "complaint_id")
    consent_version = fields.Integer(readonly=True, copy=False)
    consent_text = fields.Text(
        string="Agreed to", readonly=True, copy=False, help="What the public form said then."
    )

    # With it one speaks for the customer: nobody reads it, and it leaves in letters to him only.
    access_token = fields.Char(groups=fields.NO_ACCESS)

    def _compute_access_url(self):
        for complaint in self:
            complaint.access_url = f"/my/complaints/{complaint.id}"

    def _portal_ensure_token(self):
        # Whoever writes to the customer need not see his token.
        complaint = self.sudo()
        if not complaint.access_token:
            complaint.access_token = secrets.token_urlsafe(32)
        return complaint.access_token

    def get_portal_url(self, *args, **kwargs):
        """Return the customer's own link to the system, and one without a key to others."""
        return super().get_portal_url(*args, **kwargs) if self.env.su else self.access_url

    def _get_share_url(self, *args, **kwargs):
        if not self.env.su:
            kwargs["share_token"] = False
        return super()._get_share_url(*args, **kwargs)

    def _follow(self, before=None):
        super()._follow(before)
        self._changed(before, "stage_id").filtered(
            lambda one: one.state == "awaiting" != one._state_before(before)
        )._ask_customer()

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
        is_machine = self.env.context.get("customer_sender") is MACHINE
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

    def _notify_get_reply_to_batch(self, defaults=None, author_ids=None):
        """Direct answers to the address of the team, in the name of the company."""
        answers = super()._notify_get_reply_to_batch(defaults=defaults, author_ids=author_ids)
        # Which address a team has is printed on each letter.
        own = {one.id: one._letter_reply_to() for one in self.sudo()}
        return answers | {id_: address for id_, address in own.items() if address}

    @api.model
    def _prepare_intake_vals(self, company, team, partner, vals):
        """Return complete values for a complaint from outside: who handles it, what it is."""
        team = team.filtered(lambda one: one.company_id == company)
        category = self.with_context(default_company_id=company.id)._default_category_id()
        if not team and category.team_id.company_id == company:
            team = category.team_id
        handler = self._intake_handler(company, team, partner)
        # Whoever leads the company's topmost team hears of what nobody is there for.
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
        """Return who handles what a customer complains about: his owner, else a member by load."""
        holders = self.env["customer.ownership"]._holders(partner, company) if partner else {}
        owner = holders.get((partner.commercial_partner_id.id, "owner"))
        if owner and owner.active and company in owner.company_ids:
            return owner
        return team._next_users(1)[0] if team else self.env["res.users"]

    @api.model
    def _known_partner(self, address, company):
        """Return the customer with an address, if a company knows one and no other with it."""
        normal = email_normalize(address)
        if not normal:
            return self.env["res.partner"]
        found = self.env["res.partner"].search(
            [("email_normalized", "=", normal), ("company_id", "in", (False, company.id))]
        )
        # A colleague writes for a customer, whom somebody names later.
        is_colleague = found.user_ids.filtered(lambda user: not user.share)
        if is_colleague or len(found.commercial_partner_id) != 1:
            return self.env["res.partner"]
        # A person and his firm may share an address: the person wrote.
        return found.sorted("is_company")[:1]

    @api.model
    def _take_in(self, company, team, partner, vals, files=()):
        """Record a complaint from outside; return it with why files were refused.

        It speaks with the rights of the system: whoever complains has none here.
        """
        intake = as_system(self.sudo()).with_company(company)
        intake = intake.with_context(mail_create_nosubscribe=True)
        complaint = intake.create(intake._prepare_intake_vals(company, team, partner, vals))
        refused = complaint._take_files(files)
        complaint._acknowledge(refused)
        return complaint, refused

    @api.model
    def _take_form(self, company, values, files):
        """Record what somebody wrote in the form; return the complaint, and files refused.

        A customer who is logged in complains for himself, whatever address he gives. To everybody
        else the answer is the same whether or not we know him.
        """
        # A stranger's address is looked up for him; he learns nothing of what is found.
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
            "complainant_name": masking.text(_clean(values["name"])),
            "complainant_phone": _clean(values["phone"]),
            "complainant_email": email_normalize(values["email"]),
            "consent_version": company.customer_consent_version,
            "consent_text": company.customer_consent_text,
        }
        return self._take_in(company, company.customer_form_team_id, partner, vals, files)

    @api.model
    def _visitor(self, company):
        """Return the customer who is logged in, if a company may know him; else none."""
        user = self.env.user
        is_customer = user.share and not user._is_public() and company in user.company_ids
        # His own contact, which he may not read as such.
        partner = user.partner_id.sudo() if is_customer else self.env["res.partner"]
        return partner.filtered(lambda one: not one.company_id or one.company_id == company)

    def _take_files(self, files):
        """Keep files, ``(name, bytes)``, as evidence; return why others were refused."""
        taken, refused = self._sorted_files(files)
        self._keep_files(taken)
        self._note_refused(refused)
        return refused

    def _sorted_files(self, files):
        """Return which files are taken, and a sentence for each that is not."""
        self.ensure_one()
        most = self.company_id.sudo().customer_files_most
        room = FILES_IN_ALL - len(self.sudo().evidence_ids)
        taken, refused = [], []
        for file in files:
            why = self._why_refused(*file[:2])
            if not why and len(taken) >= room:
                why = self.env._("“%s”: there are too many files already.", file[0])
            if not why and len(taken) >= most:
                why = self.env._(
                    "“%(file)s” is one too many: send %(most)s.", file=file[0], most=most
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

    def _keep_files(self, files):
        self.env["customer.complaint.evidence"].create(
            [{"complaint_id": self.id, **_evidence_vals(*file[:2])} for file in files]
        )

    def _note_refused(self, refused):
        if refused:
            lines = Markup("<br/>").join([self.env._("Files not taken:"), *refused])
            self._message_log(body=lines)

    def _process_customer_message(self, text, summary=None):
        """The customer writes: return the complaint that goes on, its handler knows.

        :param summary: what the handler is told, about the number of the complaint
        """
        self.ensure_one()
        complaint = self._customer_replies(text)
        if complaint != self:
            # How to reach somebody who is no contact; copies leave it out.
            complaint.sudo().complainant_email = self.sudo().complainant_email
            complaint.sudo().complainant_phone = self.sudo().complainant_phone
            if not self.env.context.get("customer_sender"):
                complaint._acknowledge()
        summary = summary or self.env._("The customer wrote about %s")
        complaint._notify_handler(summary % complaint.name)
        return complaint

    def _visitor_writes(self, text, files=()):
        """A visitor writes on his page; return the complaint that goes on, and files refused."""
        text = (text or "").replace("\x00", "").strip()
        if len(text) > MAX_LETTERS:
            return self, [self.env._("Your message is too long: at most %s letters.", MAX_LETTERS)]
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
        """The customer sends files, alone or with a message: return the complaint that goes on."""
        summary, complaint = self.env._("The customer sent files on %s"), self
        if is_alone:
            # They say something too.
            names = ", ".join(PurePath(file[0]).name for file in files)
            complaint = self._process_customer_message(self.env._("Files: %s", names), summary)
        else:
            complaint._notify_handler(summary % complaint.name)
        complaint._keep_files(files)
        return complaint

    def _visitor_author(self):
        # The visitor, while the system acts for them.
        user = self.env["res.users"].browse(self.env.context.get("customer_visitor", self.env.uid))
        person = self._letter_person() if user._is_public() else user.partner_id
        if person:
            return {"author_id": person.id}
        return {"author_id": False, "email_from": self.complainant_email or self.name}

    def _visitor_answers(self, is_solved, why=None, satisfaction=None):
        """A visitor who is being asked says whether it was put right."""
        self.ensure_one()
        how = self.env._("On his page")
        satisfaction = satisfaction if satisfaction in ("1", "2", "3", "4", "5") else None
        why = (why or "").replace("\x00", "").strip()
        if is_solved:
            self._customer_confirms(how, why or None, satisfaction)
        else:
            self._customer_rejects(how, why, satisfaction)
            self._notify_handler(self.env._("The customer is not content with %s", self.name))


def _clean(text):
    """Return text on one line, without what the database refuses."""
    return " ".join((text or "").replace("\x00", "").split())


def _evidence_vals(name, content):
    content = _as_bytes(content)
    kind = media_type(content).split("/")[0] if content else ""
    return {
        "name": PurePath(_clean(name) or "file").name[:MAX_TITLE],
        "kind": _KINDS.get(kind, "document"),
        "datas": base64.b64encode(content),
    }


def _as_bytes(content):
    """Return what a part of an e-mail holds as bytes: it may be text, or another e-mail."""
    if isinstance(content, str):
        return content.encode(errors="replace")
    return content.as_bytes() if isinstance(content, EmailMessage) else content or b""
