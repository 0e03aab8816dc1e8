from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import consteq, html2plaintext, is_html_empty
from odoo.tools.mail import email_normalize

from ...tools import gate, reply
from ..contact.customer_followup import DONE, MISSED, OPEN_STATES, PLANNED, WITHHELD
from ..ground.system import as_system
from .customer_followup_plan import PAUSE, STOP
from .mail_thread import BY_A_MACHINE, plain_text

BATCH = 200
LAYOUT = "customer_followup.mail_layout_message"
# In this order: the fastest first.
WRITTEN = ("sms", "email")
# Identity, not a value: no caller from outside can put this object into a context.
_RETURNED = object()


class CustomerFollowup(models.Model):
    """A contact made by e-mail or text message: its content, sending, replies and bounces."""

    _inherit = "customer.followup"
    _protected_fields = frozenset({"copy_of_id"})

    close_code = fields.Selection(
        selection_add=[("undelivered", "It could not be delivered")],
        ondelete={"undelivered": "set null"},
    )
    copy_of_id = fields.Many2one(
        "customer.followup",
        string="Written copy of",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The contact whose key points this message sends to the customer.",
    )

    @api.model
    def _to_send_domain(self):
        return (
            Domain("state", "=", PLANNED)
            & Domain("channel_id.is_automatic", "=", True)
            & Domain("date_planned", "<=", fields.Datetime.now())
            & Domain("error", "=", False)
            & Domain("is_paused", "=", False)
        )

    @api.model
    def _cron_send(self):
        """Send what is due on automatic channels, one customer at a time."""
        cron, domain = self.env["ir.cron"], self._to_send_domain()
        ids = self.search(domain, order="date_planned, id", limit=BATCH).ids
        if not cron._commit_progress(remaining=self.search_count(domain)):
            return
        for followup_id in ids:
            self.browse(followup_id)._send_if_free()
            if not cron._commit_progress(1):
                break

    def _send_if_free(self):
        """Send one contact that is still due, unless another process sends it."""
        self._run_one(lambda contact: contact._send(), self._to_send_domain())

    def _send(self):
        """Send the contacts that the gate allows now; postpone or withhold the others."""
        verdicts, now = self._gate(), fields.Datetime.now()
        for followup in self:
            verdict = verdicts[followup.id]
            if followup.date_expiry and followup.date_expiry < now:
                followup._end(MISSED, "expired")
            elif verdict.state == gate.BLOCKED:
                followup._withhold(verdict.reason)
            elif verdict.until:
                followup._postpone(verdict.until)
            else:
                getattr(followup, f"_send_{followup.channel_id.kind}")()
                followup._record_sent()

    def _record_sent(self):
        outcome = self._sent_outcome()
        self._record_attempt(outcome)
        self.write({"state": DONE, "outcome_id": outcome.id})

    @api.model
    def _sent_outcome(self):
        return self.env.ref("customer_followup.customer_followup_outcome_sent")

    def action_send_again(self):
        """Try again to send contacts that could not be sent."""
        self.check_access("write")
        self.filtered(lambda one: one.state in OPEN_STATES)._record({"error": False})
        self.env.ref("customer_followup.ir_cron_send").sudo()._trigger()
        return True

    def _send_email(self):
        """Queue the step's template or text as an e-mail in the customer's language."""
        subject, body = self._email_content()
        template = self.step_id.mail_template_id
        self._queue_email(subject, body, attachment_ids=template.attachment_ids.ids)

    def _queue_email(self, subject, body, **values):
        """Queue an e-mail to the customer only, with the unsubscribe link of its purpose."""
        lang = self.partner_id.lang
        company = self.company_id
        self.with_context(lang=lang, mail_notify_force_send=False).message_post(
            subject=subject,
            body=body,
            partner_ids=self.partner_id.ids,
            author_id=company.partner_id.id,
            email_from=company.email_formatted or self.env.user.email_formatted,
            email_layout_xmlid=LAYOUT,
            subtype_xmlid="mail.mt_comment",
            mail_headers=self._unsubscribe_headers(),
            # Followers read it in the chatter: the unsubscribe link is for the customer only.
            notify_skip_followers=True,
            force_email_lang=lang,
            **values,
        )

    def _email_content(self):
        """Return the subject and the body in the customer's language."""
        self.step_id._check_gaps()
        template = self.step_id.mail_template_id
        if template:
            return (
                self._rendered(template, "subject") or self._step_text("name"),
                Markup(self._rendered(template, "body_html", options={"post_process": True})),
            )
        if is_html_empty(self._step_text("text")):
            raise UserError(self._no_text_error())
        return self._step_text("name"), self._step_text("text")

    def _send_sms(self):
        """Queue the step's template or text as a text message in the customer's language."""
        self._queue_sms(self._sms_content())

    def _queue_sms(self, text):
        """Queue a text message to the customer."""
        # As a note: Odoo would send a comment to followers, or to the customer as an e-mail.
        self._message_sms(
            text,
            partner_ids=self.partner_id.ids,
            author_id=self.company_id.partner_id.id,
            put_in_queue=True,
        )

    def _sms_content(self):
        """Return the text in the customer's language, with the unsubscribe text as last line."""
        self.step_id._check_gaps()
        template = self.step_id.sms_template_id
        text = (
            self._rendered(template, "body")
            if template
            else html2plaintext(self._step_text("text"))
        )
        text = (text or "").strip()
        if not text:
            raise UserError(self._no_text_error())
        return "\n".join(filter(None, [text, self._sms_unsubscribe_text()]))

    def _step_text(self, name):
        """Return the name or text of a message, in the customer's language.

        That is what the step says. A written copy has the key points of its contact; a fallback
        asks the customer to reply, because what an agent would say on the phone does not fit.
        """
        localized = self.with_context(lang=self.partner_id.lang)
        if self.copy_of_id:
            if name == "name":
                return self.copy_of_id.name
            lines = (self.copy_of_id.summary or "").splitlines()
            return Markup("<p>%s</p>") % Markup("<br>").join(map(escape, lines))
        if name == "text" and self.fallback_of_id:
            return Markup("<p>%s</p>") % localized.env._(
                "%(company)s tried to reach you: %(occasion)s. When does it suit you? Answer this"
                " message, or call us.",
                company=localized.company_id.name,
                occasion=localized.step_id.name,
            )
        return localized.step_id[name]

    def _no_text_error(self):
        return self.env._(
            "Step %s has no text: write what to send or choose a template.", self.step_id.name
        )

    def _rendered(self, template, name, **options):
        """Return a field of a template rendered for the customer, in their language.

        :raise UserError: naming step and template, if it cannot be rendered
        """
        try:
            return template._render_field(
                name, self.ids, set_lang=self.partner_id.lang or self.env.lang, **options
            )[self.id]
        except UserError as error:
            raise UserError(self.step_id._template_error(template, error)) from error

    def _unsubscribe_token(self, purpose_id):
        """Return the proof that the link for this contact and purpose is ours."""
        # The key also protects do-not-contact blocks; no number or address begins like this.
        digest = self.env["customer.contact.block"]._digest(f"leave:{self.id}:{purpose_id}")
        return digest[:32]

    def _unsubscribe_url(self):
        """Return the page to unsubscribe from this purpose; ``None`` for requested messages."""
        if self.purpose_id.is_requested:
            return None
        token = self._unsubscribe_token(self.purpose_id.id)
        return f"{self.get_base_url()}/followup/leave/{self.id}/{self.purpose_id.id}/{token}"

    def _unsubscribe_headers(self):
        """Return the headers by which mail programs offer to unsubscribe, by RFC 8058."""
        url = self._unsubscribe_url()
        if not url:
            return {}
        return {
            "List-Unsubscribe": f"<{url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }

    def _sms_unsubscribe_text(self):
        url = self._unsubscribe_url()
        text = self.channel_id.with_context(lang=self.partner_id.lang).unsubscribe_text
        return (text or "{link}").replace("{link}", url) if url else None

    @api.model
    def _by_unsubscribe_link(self, followup_id, purpose_id, token):
        """Return the contact of an unsubscribe link; an empty record if the token is wrong."""
        expected = self.browse(followup_id)._unsubscribe_token(purpose_id)
        if not consteq(expected.encode(), token.encode()):
            return self.browse()
        # The link gives its owner the right to withdraw, without an account.
        return as_system(self.sudo()).browse(followup_id).exists()

    def _after_close(self, outcome, details):
        result = super()._after_close(outcome, details)
        if self.step_id.is_copied and outcome.is_reached and self.summary:
            self._plan_written_copy()
        return result

    def _plan_written_copy(self):
        """Plan a message with the key points of this contact, by the first channel that works."""
        # The system writes for the agent, who may not use every number and address.
        contact = self.sudo()
        channels = contact.env["customer.channel"].search(
            [("kind", "in", WRITTEN), ("is_automatic", "=", True)]
        )
        channel, verdict = contact._choose_channel(
            channels.sorted(lambda one: WRITTEN.index(one.kind))
        )
        if not channel:
            return contact.browse()
        vals = contact._prepare_copy_vals(channel)
        if verdict.state != gate.BLOCKED:
            start = verdict.until or fields.Datetime.now()
            return contact.create({**vals, "date_planned": start, "date_deadline": start})
        copy = contact.create({**vals, "state": WITHHELD, "close_code": verdict.reason})
        self.env["customer.contact.refusal"]._note({copy: verdict.reason})
        return copy

    def _prepare_copy_vals(self, channel):
        return {
            "name": self.name,
            "copy_of_id": self.id,
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "team_id": self.team_id.id,
            "user_id": self.user_id.id,
            "purpose_id": self.purpose_id.id,
            "channel_id": channel.id,
        }

    @api.private
    def message_update(self, msg_dict, update_vals=None):
        result = super().message_update(msg_dict, update_vals)
        is_machine = self.env.context.get("customer_reply") is BY_A_MACHINE
        for followup in as_system(self):
            if not is_machine and followup._is_from_customer(msg_dict):
                followup._process_reply(plain_text(msg_dict.get("body")))
        return result

    def _is_from_customer(self, msg_dict):
        """Say whether the person of this contact wrote, not a colleague or another person."""
        if msg_dict.get("author_id") == self.partner_id.id:
            return True
        sender = email_normalize(msg_dict.get("email_from"))
        return bool(sender) and sender == self.partner_id.email_normalized

    def _process_reply(self, text):
        """Do what the customer's reply asks for: unsubscribe, or create an action to answer.

        Called for e-mails; a connector that receives text messages calls it as well.
        """
        self.ensure_one()
        wish = reply.wish(text)
        if wish:
            purpose = None if wish == reply.LEAVE_ALL else self.purpose_id
            if self._leave("message", purpose):
                self._confirm_unsubscription(purpose)
            return
        self._request_action(self.env._("Answer %s", self._customer_name()))
        self._hold_plan()

    def _hold_plan(self):
        """Pause or stop the plan of the contact, as the plan says."""
        row = self.enrollment_id
        if self.plan_id.on_reply == STOP and row.state in ("active", "paused"):
            row.action_stop(self.env._("The customer answered."), code="asked")
        if self.plan_id.on_reply == PAUSE and row.state == "active":
            row._pause(note=self.env._("The customer answered."))

    def _confirm_unsubscription(self, purpose):
        """Send the customer one confirmation, without any other content."""
        localized = self.with_context(lang=self.partner_id.lang)
        if purpose:
            text = localized.env._(
                "We will not contact you any more for: %s.", localized.purpose_id.display_name
            )
        else:
            text = localized.env._("We will not contact you any more.")
        if self.channel_id.kind == "sms":
            self._queue_sms(text)
        else:
            self._queue_email(localized.env._("It is done"), text)

    def _record_undelivered(self):
        """Count a sent message as missed, once, and request an action to correct the address."""
        self.ensure_one()
        if self.state != DONE or self.outcome_id != self._sent_outcome():
            return
        outcome = self.env.ref("customer_followup.customer_followup_outcome_bounced")
        self._record_attempt(outcome)
        self.with_context(customer_message=_RETURNED).write(
            {"state": MISSED, "close_code": "undelivered", "outcome_id": outcome.id}
        )
        self._request_action(self._correction_text())

    def _check_history(self, state):
        """Allow a message that was returned to count as missed: it was never received."""
        if state == MISSED and self.env.context.get("customer_message") is _RETURNED:
            return None
        return super()._check_history(state)
