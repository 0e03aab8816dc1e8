from odoo import api, fields, models
from odoo.fields import Domain

from ..contact.customer_followup import DONE, MISSED, NOT_APPLICABLE, PLANNED
from ..ground.groups import ADMIN

LAYOUT = "customer_followup.mail_layout_message"
# Statuses of Odoo's notifications.
LEFT = frozenset({"process", "pending", "sent"})
FAILED = frozenset({"exception", "bounce"})
# The address or number is unusable; other failures are on our side and can be tried again.
UNUSABLE = frozenset(
    {
        "mail_bounce",
        "mail_email_invalid",
        "mail_email_missing",
        "sms_country_not_supported",
        "sms_invalid_destination",
        "sms_not_delivered",
        "sms_number_format",
        "sms_number_missing",
        "sms_rejected",
    }
)
BLACKLISTED = frozenset({"mail_bl", "mail_optout", "sms_blacklist", "sms_optout"})
# A message that the system sends on the customer's request, such as a confirmation.
ANSWER = "auto_comment"
# Identity, not a value: no caller from outside can put this object into a context.
RETURNED = object()
BY_SYSTEM = object()


class CustomerFollowup(models.Model):
    """The way of a contact's message to the customer: queued, sent, kept back or returned.

    A contact is done when its message has left the queue, not before: whatever ends or changes the
    contact meanwhile, and what the gate says at that moment, keeps the message back.
    """

    _inherit = "customer.followup"
    _protected_fields = frozenset({"message_key", "own_message_id"})

    own_message_id = fields.Many2one(
        "mail.message",
        string="Message",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The message that this contact sends. Other messages in the chatter do not change it.",
    )
    message_key = fields.Char(
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups=fields.NO_ACCESS,
        help="A digest of the mailbox or number, the day and the words of the message.",
    )
    is_queued = fields.Boolean(
        compute="_compute_is_queued", help="The message is in the queue and has not been sent yet."
    )

    @api.depends("state", "own_message_id")
    def _compute_is_queued(self):
        for contact in self:
            contact.is_queued = contact.state == PLANNED and bool(contact.own_message_id)

    @api.model
    def _queued_domain(self):
        return Domain("state", "=", PLANNED) & Domain("own_message_id", "!=", False)

    def _send_email(self):
        """Queue the contact's e-mail, in the customer's language."""
        subject, body = self._email_content()
        files = self.step_id.mail_template_id.attachment_ids.ids
        if not self._is_sent_today(subject, body):
            self._record_queued(self._queue_email(subject, body, attachment_ids=files))

    def _send_sms(self):
        """Queue the contact's text message, in the customer's language."""
        text = self._sms_content()
        # Without the unsubscribe link, which differs from customer to customer.
        if not self._is_sent_today("", text.removesuffix(self._sms_unsubscribe_text() or "")):
            self._record_queued(self._queue_sms(text))

    def _is_sent_today(self, subject, body):
        """End the contact if the same message goes to its mailbox or number today already.

        Several persons of a customer may share one.
        """
        reach = self.sudo().partner_id._reach()[self.channel_id._needed()]
        mailbox = " ".join(sorted(value.kept[0] for value in reach))
        day = self.company_id._customer_day()
        text = f"message:{mailbox}:{day}:{subject}:{body}"
        key = self.env["customer.contact.block"]._digest(text)
        # The other contact may be one that the user may not see; nothing of it is shown.
        same = self.sudo().search(
            [
                ("message_key", "=", key),
                ("id", "!=", self.id),
                ("own_message_id", "!=", False),
                ("state", "in", (PLANNED, DONE)),
            ]
        )
        if not same:
            self._record({"message_key": key})
        elif any(one.state == DONE for one in same):
            self._end(NOT_APPLICABLE, "satisfied")
        # Else the other is still queued: this one waits for what becomes of it.
        return bool(same)

    def _record_queued(self, message):
        self._record({"own_message_id": message.id})

    def _queue_email(self, subject, body, note=None, **values):
        """Queue an e-mail to the customer only, with the unsubscribe link of its purpose.

        :param note: what the chatter keeps instead of a body that agents must not read
        """
        company, lang = self.company_id, self.partner_id.lang
        message = self.with_context(
            lang=lang, mail_notify_force_send=False, customer_message=BY_SYSTEM
        ).message_post(
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
        if note:
            # The e-mail in the queue has a body of its own.
            message.sudo().body = note
        return message

    def _queue_sms(self, text, **values):
        """Queue a text message to the customer."""
        # As a note: Odoo would send a comment to followers, or to the customer as an e-mail.
        return self.with_context(customer_message=BY_SYSTEM)._message_sms(
            text,
            partner_ids=self.partner_id.ids,
            author_id=self.company_id.partner_id.id,
            put_in_queue=True,
            **values,
        )

    @api.model
    def _keep_back(self, rows, kind):
        """Ask the gate again before messages leave the queue.

        The contact of a message that must not leave is withheld, postponed, or stays as it has
        ended meanwhile.

        :param rows: rows of a queue: e-mails or text messages
        :param kind: the kind of their channels
        :return: the rows that must never leave, and when others may: ``{row: naive UTC}``
        """
        about = self._of_messages(rows.mail_message_id)
        contacts = self.sudo().union(*about.values())
        verdicts, never, later = contacts._gate(), rows.browse(), {}
        for row in rows.filtered(lambda one: one.mail_message_id in about):
            message, contact = row.mail_message_id, about[row.mail_message_id]
            if not contact:
                may_leave = False
            elif message == contact.own_message_id:
                may_leave = contact._may_leave(verdicts[contact.id])
            else:
                may_leave = contact._may_be_sent_by_hand(row, kind)
            if not may_leave:
                never |= row
            elif may_leave is not True:
                later[row] = may_leave
        return never, later

    def _may_leave(self, verdict):
        """Say whether the message of this contact may leave now; else the contact is changed."""
        if self.state != PLANNED:
            return False
        is_addressed = self.partner_id in self.own_message_id.partner_ids
        if is_addressed and not self.is_paused and self._passes(verdict):
            return True
        self._record({"own_message_id": False, "message_key": False})
        return False

    @api.model
    def _settle_lost(self):
        """Record what became of messages that are in no queue any more."""
        lost = self._queued_domain()
        for queue in ("mail.mail", "sms.sms"):
            # The queues belong to the system.
            waiting = self.env[queue].sudo()._search([("state", "=", "outgoing")])
            lost &= Domain("own_message_id", "not in", waiting.subselect("mail_message_id"))
        for contact in self.search(lost):
            contact._run_one(lambda one: one._settle(), self._queued_domain())

    def _settle(self):
        """Record what became of the messages of these contacts."""
        for contact in self.filtered("is_queued"):
            # Notifications belong to the system.
            rows = contact.sudo().own_message_id.notification_ids
            row = rows.filtered(
                lambda one, contact=contact: one.res_partner_id == contact.partner_id
            )
            if row.notification_status in LEFT:
                contact._record_sent()
            elif row.failure_type in UNUSABLE:
                contact._record_undelivered()
            elif row.failure_type in BLACKLISTED:
                contact._withhold("blacklisted")
            elif row.notification_status != "ready" or row._lost():
                contact._record_unsent(row)

    def _record_sent(self):
        outcome = self._sent_outcome()
        self._record_attempt(outcome)
        self._record({"state": DONE, "outcome_id": outcome.id})

    @api.model
    def _sent_outcome(self):
        return self.env.ref("customer_followup.customer_followup_outcome_sent")

    def _record_unsent(self, notification):
        """Set a contact aside whose message could not be sent for a reason on our side."""
        notification._cancel_queued()
        reason = notification.failure_reason or notification._failure_text()
        self._record(
            {
                "own_message_id": False,
                "message_key": False,
                "error": reason,
            }
        )

    def _record_undelivered(self):
        """Count a message as missed, once, and request an action to correct the address."""
        self.ensure_one()
        if not self.is_queued and (self.state, self.outcome_id) != (DONE, self._sent_outcome()):
            return
        outcome = self.env.ref("customer_followup.customer_followup_outcome_bounced")
        self._record_attempt(outcome)
        self.with_context(customer_message=RETURNED)._record(
            {
                "state": MISSED,
                "close_code": "undelivered",
                "outcome_id": outcome.id,
                "is_undelivered": True,
            }
        )
        self._request_correction()

    def _record_refused(self):
        """Request an action of an administrator: a mail server did not take a sent message.

        One open action is enough for all messages, as they have the same cause.
        """
        self.ensure_one()
        name = self.env._(
            "Messages are not delivered by %s: check the server", self.channel_id.name
        )
        user = self._administrator()
        open_ones = [
            ("code", "=", f"server of {self.channel_id.kind}"),
            ("user_id", "=", user.id),
            ("company_id", "=", self.company_id.id),
            ("state", "=", "open"),
        ]
        if not user or not self.env["customer.action"].search_count(open_ones, limit=1):
            self._request_action(name, f"server of {self.channel_id.kind}", user)

    def _administrator(self):
        """Return a user who administrates follow-ups for the company of the contact, or none."""
        users = self.env.ref(ADMIN).all_user_ids.filtered("active")
        return users.filtered(lambda user: self.company_id in user.company_ids).sorted("id")[:1]
