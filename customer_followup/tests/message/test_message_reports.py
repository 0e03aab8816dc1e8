from freezegun import freeze_time

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import EMAIL
from .test_message_sending import MessageCommon

REPORT = """From: {sender}
To: b@garage.example.com
Subject: {subject}
Message-Id: <{number}@mx.example.com>
Content-Type: multipart/report; report-type={kind}; boundary="b"

--b
Content-Type: text/plain

About your message
--b
Content-Type: message/{kind}

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; {email}
{fields}
--b
Content-Type: text/rfc822-headers

Message-Id: {parent}
--b--
"""
WORDS = """From: MAILER-DAEMON@mx.example.com
To: b@garage.example.com
Subject: failure notice
Message-Id: <{number}@mx.example.com>

{words}

Message-ID: {parent}
"""
ANSWER = """From: {email}
To: garage@example.com
Subject: {subject}
Message-Id: <{number}@example.com>
In-Reply-To: {parent}
{headers}

{body}
"""
PARTS = 'Content-Type: multipart/mixed; boundary="b"'
PART = "--b\nContent-Type: text/plain\n\nLi Na\n--b\nContent-Type: {kind}\n\n{text}\n--b--"


@tagged("post_install", "-at_install")
@freeze_time("2026-03-05 10:00")
class TestMessageReports(MessageCommon):
    """Reports on delivery, receipts, and what programs answer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        text = {"name": "Call later", "offset_count": 5, "channel_id": cls.phone.id}
        first = {"name": "How are you?", "channel_id": cls.by_mail.id, "message": "<p>Hello</p>"}
        cls.cadence = cls._make_cadence(first, text)

    def setUp(self):
        super().setUp()
        contacts = self._sent(self.cadence)
        self.contact = contacts.filtered(lambda contact: contact.state == "done")
        self.row = self.contact.message_ids.notification_ids

    def _receive(self, text, **values):
        values = {
            "number": self.env["mail.message"].search_count([]),
            "parent": self.contact.message_ids.filtered("notification_ids").message_id,
            "email": EMAIL,
            **values,
        }
        with mute_logger("odoo.addons.mail.models.mail_thread"):
            self.env["mail.thread"].message_process("customer.followup", text.format(**values))

    def _report(self, fields, kind="delivery-status", **values):
        values = {"sender": "MAILER-DAEMON@mx.example.com", "subject": "Returned mail", **values}
        self._receive(REPORT, fields=fields, kind=kind, **values)

    def _actions(self):
        return self.env["customer.action"].search(
            [("res_model", "=", "customer.followup"), ("res_id", "=", self.contact.id)]
        )

    def assertUnchanged(self):
        self.assertEqual((self.contact.state, self.contact.outcome_id.name), ("done", "Sent"))
        self.assertEqual(self.row.failure_type, False)
        self.assertNotIn(self.row.notification_status, ("bounce", "exception"))
        self.assertEqual(self.contact.enrollment_id.state, "active")
        self.assertEqual(self._actions().mapped("name"), [])

    def test_a_receipt_and_a_delay_change_nothing(self):
        for kind, fields in (
            ("disposition-notification", "Disposition: manual-action/sent; displayed"),
            ("disposition-notification", "Disposition: automatic-action/sent; deleted"),
            ("delivery-status", "Action: delayed\nStatus: 4.4.1"),
            ("delivery-status", "Action: delivered\nStatus: 2.0.0"),
            ("feedback-report", "Feedback-Type: abuse"),
        ):
            with self.subTest(kind=kind, fields=fields):
                self._report(fields, kind=kind, sender=EMAIL)
                self.assertUnchanged()

    def test_a_failure_of_the_address_is_a_failure_of_the_contact(self):
        self._report("Action: failed\nStatus: 5.1.1")
        self.assertEqual((self.contact.state, self.contact.close_code), ("missed", "undelivered"))
        self.assertEqual(self.row.failure_type, "mail_bounce")
        self.assertEqual(self._actions().mapped("name"), ["Correct the address of Li Na"])

    def test_an_address_behind_the_customers_is_theirs(self):
        self._report(
            f"Original-Recipient: rfc822; {EMAIL}\nAction: failed\nStatus: 5.1.1",
            email="behind@elsewhere.example.com",
        )
        self.assertEqual((self.contact.state, self.contact.close_code), ("missed", "undelivered"))

    def test_a_report_in_words_is_a_failure_as_well(self):
        self._receive(WORDS, words=f"<{EMAIL}>: 550 no such user; ask postmaster@mx.example.com")
        self.assertEqual((self.contact.state, self.contact.close_code), ("missed", "undelivered"))

    def test_a_refusal_of_our_server_is_for_the_administrator(self):
        name = "Messages are not delivered by E-mail: check the server"
        for number, fields in enumerate(
            (
                "Action: failed\nStatus: 5.7.1",
                "Action: failed\nStatus: 5.2.2",
                "Action: failed\nStatus: 4.4.7",
                "Action: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 554 listed as spam",
            )
        ):
            with self.subTest(number=number, fields=fields):
                self._report(fields)
                self.assertEqual(self.contact.state, "done")
                self.assertEqual(self.row.notification_status, "exception")
                self.assertEqual(self.row.failure_type, "unknown")
                [action] = self._actions()
                self.assertEqual(action.name, name)
                self.assertTrue(action.user_id.has_group("customer_followup.group_followup_admin"))

    def test_what_a_program_answers_changes_nothing_and_stays_readable(self):
        emoji = "text/vnd.google.email-reaction+json"
        for number, (subject, headers, body) in enumerate(
            (
                ("Re: Hello", "X-Auto-Response-Suppress: All", "STOP"),
                ("Automatic reply: Hello", "X-A: 1", "STOP"),
                ("自动回复: Hello", "X-A: 1", "STOP"),
                ("Abwesenheitsnotiz", "Auto-Submitted: auto-replied", "STOP"),
                ("Re: Hello", PARTS, PART.format(kind=emoji, text='{"emoji": "x"}')),
                ("Accepted: Hello", PARTS, PART.format(kind="text/calendar", text="METHOD:REPLY")),
            )
        ):
            with self.subTest(subject=subject, headers=headers):
                before = self.contact.message_ids
                self._receive(ANSWER, subject=subject, headers=headers, body=body, number=number)
                self.assertUnchanged()
                message = self.contact.message_ids - before
                self.assertEqual(len(message), 1)
                self.assertEqual(message.is_internal, True)
                self.assertFalse(message.notification_ids)
                self.assertFalse(self.customer.customer_consent_ids)

    def test_an_automatic_reply_to_the_address_for_bounces_is_no_bounce(self):
        text = ANSWER.replace("To: garage@", "To: b@")
        self._receive(text, subject="Automatic reply: Hello", headers="X-A: 1", body="Away")
        self.assertUnchanged()

    def test_a_person_behind_a_list_is_heard(self):
        self._receive(ANSWER, subject="Re: Hello", headers="List-Id: <a>", body="It squeaks")
        self.assertEqual(self.contact.enrollment_id.state, "paused")
        self.assertEqual(self._actions().mapped("name"), ["Answer Li Na"])

    def test_an_automatic_mail_without_a_place_is_no_error(self):
        text = ANSWER.replace("In-Reply-To: {parent}\n", "").replace("To: garage@", "To: x@")
        for subject in ("Automatic reply: Hello", "Re: Hello"):
            message = text.format(
                email=EMAIL,
                subject=subject,
                number=subject,
                headers="Auto-Submitted: auto-replied",
                body="Away",
            )
            self.assertFalse(self.env["mail.thread"].message_process(None, message))
