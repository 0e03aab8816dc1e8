from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import consteq

from ...tools import gate, identity, reply
from ..contact.customer_followup import MISSED, OPEN_STATES, PLANNED, WITHHELD
from ..ground.system import as_system
from .customer_channel import WRITTEN
from .customer_followup_delivery import ANSWER, RETURNED
from .customer_followup_plan import PAUSE, STOP
from .mail_thread import plain_text

BATCH = 200


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

    def _check_create(self, vals):
        result = super()._check_create(vals)
        self._check_channel_by_hand(vals)
        return result

    def _check_write(self, vals):
        result = super()._check_write(vals)
        for contact in self if "channel_id" in vals else ():
            contact._check_channel_by_hand(vals)
        return result

    def _check_channel_by_hand(self, vals):
        """Raise if a user chooses a channel that sends what only the step of a plan could say."""
        if self.env.su:
            return
        # Channels are known to all users.
        channel = self.env["customer.channel"].sudo().browse(vals.get("channel_id"))
        if channel.is_automatic:
            raise UserError(
                self.env._(
                    "%(contact)s: only plans send messages by the channel %(channel)s. Choose"
                    " another channel.",
                    contact=self.name or vals.get("name") or "",
                    channel=channel.name,
                )
            )

    @api.model
    def _to_send_domain(self):
        return (
            Domain("state", "=", PLANNED)
            & Domain("channel_id.is_automatic", "=", True)
            & Domain("date_planned", "<=", fields.Datetime.now())
            & Domain("error", "=", False)
            & Domain("is_paused", "=", False)
            & Domain("own_message_id", "=", False)
        )

    @api.model
    def _cron_send(self):
        """Queue what is due on automatic channels, one customer at a time."""
        self._settle_lost()
        cron, domain = self.env["ir.cron"], self._to_send_domain()
        ids = self.search(domain, order="date_planned, id", limit=BATCH).ids
        if not cron._commit_progress(remaining=self.search_count(domain)):
            return
        for followup_id in ids:
            self.browse(followup_id)._send_if_free()
            if not cron._commit_progress(1):
                break
        # Odoo sends text messages at once, but e-mails once an hour.
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()

    def _send_if_free(self):
        """Send one contact that is still due, unless another process sends it."""
        self._run_one(lambda contact: contact._send(), self._to_send_domain())

    def _send(self):
        """Send the contacts that the gate allows now; postpone or withhold the others."""
        verdicts = self._gate()
        for contact in self:
            if contact._passes(verdicts[contact.id]):
                getattr(contact, f"_send_{contact.channel_id.kind}")()

    def _passes(self, verdict):
        """Say whether the contact may be made now; else end, withhold or postpone it."""
        if self.date_expiry and self.date_expiry < fields.Datetime.now():
            self._end(MISSED, "expired")
        elif verdict.state == gate.BLOCKED:
            self._withhold(verdict.reason)
        elif verdict.until:
            self._postpone(verdict.until, verdict.reason)
        else:
            return True
        return False

    def action_send_again(self):
        """Try again to send contacts that could not be sent."""
        self.check_access("write")
        self.filtered(lambda one: one.state in OPEN_STATES)._record({"error": False})
        self.env.ref("customer_followup.ir_cron_send").sudo()._trigger()
        return True

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
        is_written = self._mail_kind().is_written
        for followup in as_system(self):
            if is_written and followup._is_from_customer(msg_dict):
                followup._process_reply(plain_text(msg_dict.get("body")))
            elif not is_written:
                followup._keep_as_note(msg_dict)
            elif not followup._is_from_colleague(msg_dict):
                followup._keep_as_note(msg_dict)
                followup._request_action(
                    self.env._("Read the message of another sender about %s", followup.name),
                    "read",
                )
        return result

    def _is_from_customer(self, msg_dict):
        """Say whether the person of this contact wrote, not a colleague or another person."""
        if msg_dict.get("author_id") == self.partner_id.id:
            return True
        return self.partner_id._has_address(identity.sender(msg_dict.get("email_from")))

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
        self._request_action(self.env._("Answer %s", self._customer_name()), "answer")
        self._hold_plan()

    def _process_complaint(self, text):
        """Do what the customer's complaint in answer to this contact asks for.

        The complaint itself is work for its handler.
        """
        if reply.wish(text):
            self._process_reply(text)
        else:
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
            message = self._queue_sms(text)
        else:
            message = self._queue_email(localized.env._("You are unsubscribed"), text)
        # The gate allows no other message to this customer to leave the queue.
        message.sudo().message_type = ANSWER

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        recipients = super()._notify_get_recipients(message, msg_vals=msg_vals, **kwargs)
        return self._gated(recipients, message, msg_vals, kwargs) if self else recipients

    def _check_history(self, state):
        """Allow a message that was returned to count as missed: it was never received."""
        if state == MISSED and self.env.context.get("customer_message") is RETURNED:
            return None
        return super()._check_history(state)
