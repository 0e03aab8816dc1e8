from freezegun import freeze_time

from odoo.tests import tagged

from ..common import EMAIL, PHONE
from .test_message_sending import MessageCommon

MAIL = """From: {sender}
To: garage@example.com
Subject: Re: How are you?
Message-Id: <{number}@example.com>
In-Reply-To: {parent}
References: {parent}
{headers}Content-Type: {kind}; charset=utf-8

{body}
"""


@tagged("post_install", "-at_install")
@freeze_time("2026-03-05 10:00")
class TestMessageAnswers(MessageCommon):
    """Failures, replies, automatic replies, and requests to unsubscribe."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        text = {"name": "Call later", "offset_count": 5, "channel_id": cls.phone.id}
        first = {"name": "How are you?", "channel_id": cls.by_mail.id, "message": "<p>Hello</p>"}
        cls.cadence = cls._make_cadence(first, text)

    def _answer(self, contact, body, sender=EMAIL, kind="text/plain", headers=""):
        """Receive an e-mail as a reply to what was sent."""
        message = contact.message_ids.filtered("notification_ids")[:1]
        text = MAIL.format(
            sender=sender,
            number=self.env["mail.message"].search_count([]),
            parent=message.message_id,
            headers=headers,
            kind=kind,
            body=body,
        )
        self.env["mail.thread"].message_process("customer.followup", text)

    def _actions(self, contact):
        return self.env["customer.action"].search(
            [("res_model", "=", contact._name), ("res_id", "in", contact.ids)]
        )

    def _first(self):
        contacts = self._sent(self.cadence)
        return contacts.filtered(lambda contact: contact.state == "done")

    def _fail(self, contact, failure, status="bounce"):
        rows = contact.message_ids.notification_ids
        rows.write({"notification_status": status, "failure_type": failure})

    def test_a_bounce_reported_twice_is_one_failure(self):
        contact = self._first()
        for _turn in range(2):
            self._fail(contact, "mail_bounce")
        self.assertEqual((contact.state, contact.close_code), ("missed", "undelivered"))
        self.assertEqual(contact.attempt_ids.outcome_id.mapped("name"), ["Bounced", "Sent"])
        self.assertEqual(contact.attempt_count, 2)
        self.assertEqual(self._actions(contact).mapped("name"), ["Correct the address of Li Na"])

    def test_a_number_that_fails_is_a_failure(self):
        contact = self._sent(self._make_sender(self.by_sms))
        text = self._texts(contact)
        text.sms_tracker_id._action_update_from_provider_error("invalid_destination")
        self.assertEqual((contact.state, contact.close_code), ("missed", "undelivered"))
        self.assertEqual(self._actions(contact).mapped("name"), ["Correct the number of Li Na"])

    def test_a_failure_of_our_own_server_is_not_the_customers(self):
        contact = self._first()
        self._fail(contact, "mail_smtp", "exception")
        self.assertEqual(contact.state, "done")

    def test_a_sent_contact_cannot_be_reopened_by_hand(self):
        contact = self._first()
        for context in ({}, {"customer_message": True}):
            with self.assertRaisesRegex(Exception, "has ended"):
                contact.with_context(**context).write(
                    {"state": "missed", "close_code": "undelivered"}
                )

    def test_an_answer_pauses_the_plan_and_asks_the_agent(self):
        contact = self._first()
        for _turn in range(2):
            self._answer(contact, "The brakes squeak.\n\n> unsubscribe")
        self.assertEqual(contact.enrollment_id.state, "paused")
        self.assertEqual(self._actions(contact).mapped("name"), ["Answer Li Na"])
        self.assertFalse(self.customer.customer_consent_ids)

    def test_a_plan_may_stop_or_go_on_when_the_customer_answers(self):
        for policy, state in (("stop", "stopped"), ("nothing", "active")):
            with self.subTest(policy):
                self.cadence.on_reply = policy
                customer = self._make_customer(policy, email=f"{policy}@example.com", phone=PHONE)
                contact = self._sent(self.cadence, customer).filtered("outcome_id")
                self._answer(contact, "Thank you", sender=f"{policy}@example.com")
                self.assertEqual(contact.enrollment_id.state, state)
                self.assertEqual(len(self._actions(contact)), 1)

    def test_machines_change_nothing(self):
        contact = self._first()
        for sender, headers in (
            (EMAIL, "Auto-Submitted: auto-replied\n"),
            (EMAIL, "Precedence: bulk\n"),
        ):
            with self.subTest(sender=sender, headers=headers):
                self._answer(contact, "STOP", sender=sender, headers=headers)
                self.assertEqual(contact.enrollment_id.state, "active")
                self.assertFalse([*self._actions(contact), *self.customer.customer_consent_ids])

    def test_a_mail_of_another_person_reaches_the_agent_and_changes_nothing(self):
        contact = self._first()
        for _turn in range(2):
            self._answer(contact, "STOP", sender="stranger@example.com")
        self.assertEqual(contact.enrollment_id.state, "active")
        self.assertFalse(self.customer.customer_consent_ids)
        action = self._actions(contact)
        self.assertEqual(
            action.mapped("name"), ["Read the message of another sender about How are you?"]
        )
        self.assertEqual(action.user_id, contact.user_id or self.leader)

    def test_a_mail_of_a_colleague_changes_nothing(self):
        contact = self._first()
        self.agent.partner_id.email = "agent@example.com"
        self._answer(contact, "STOP", sender="agent@example.com")
        self.assertFalse([*self._actions(contact), *self.customer.customer_consent_ids])

    def test_a_stop_word_unsubscribes_and_is_confirmed_once(self):
        contact = self._first()
        pending = contact.enrollment_id.followup_ids - contact
        before = self._mails(contact)
        for _turn in range(2):
            self._answer(contact, "Unsubscribe\n\nOn Monday, the garage wrote:\n> Hello")
        consent = self.customer.customer_consent_ids
        self.assertEqual(
            (consent.purpose_id, consent.kind, consent.how), (self.service, "withdrawn", "message")
        )
        self.assertEqual(contact.enrollment_id.state, "stopped")
        self.assertEqual(contact.enrollment_id.stop_code, "asked")
        self.assertFalse(pending.filtered(lambda one: one.state in ("planned", "waiting")))
        confirmation = self._mails(contact) - before
        self.assertEqual(len(confirmation), 1)
        self.assertIn("We will not contact you any more for: Service.", confirmation.body_html)
        self.assertFalse(self._actions(contact))

    def test_quoted_text_is_ignored(self):
        contact = self._first()
        for body in (
            "<blockquote>STOP</blockquote><p>Fine, thank you</p>",
            '<p>Fine</p><div class="gmail_quote">unsubscribe</div>',
        ):
            self._answer(contact, body, kind="text/html")
        self.assertFalse(self.customer.customer_consent_ids)

    def test_stop_all_unsubscribes_from_everything(self):
        contact = self._first()
        self._answer(contact, "<p>STOP ALL</p>", kind="text/html")
        self.assertFalse(self.customer.customer_consent_ids.purpose_id)
        self.assertEqual(len(self.customer.customer_consent_ids), 1)
        blocked = self.env["customer.contact.block"]._blocked([EMAIL])
        self.assertEqual(blocked, {EMAIL: "wish"})

    def test_a_text_message_may_be_answered_too(self):
        contact = self._sent(self._make_sender(self.by_sms))
        contact._process_reply("退订")
        self.assertEqual(self.customer.customer_consent_ids.kind, "withdrawn")
        self.assertEqual(len(self._texts(contact)), 2)
