from freezegun import freeze_time

from odoo.tests import tagged

from ..common import PHONE
from .test_intake import IntakeCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-05 10:00")
class TestAnsweredContact(IntakeCommon):
    """An answer to a follow-up may be a complaint, sent to the address for complaints."""

    def _make_sent(self, on_reply="stop"):
        """Return the contact of a plan whose e-mail the customer has received."""
        by_mail = self.env.ref("customer_followup.customer_channel_email")
        plan = self._make_cadence(
            {"name": "How are you?", "channel_id": by_mail.id, "message": "<p>Hello</p>"},
            {"name": "Call later", "offset_count": 5},
            on_reply=on_reply,
        )
        enrollment = plan._enroll(self.customer)
        self._run_cron("ir_cron_plan")
        self._send_due()
        [contact] = enrollment.followup_ids.filtered("message_ids").filtered(
            lambda one: one.channel_id == by_mail
        )
        return contact

    def _answer(self, contact, body="Since Monday", header="In-Reply-To", **values):
        """Receive an e-mail that refers to the message of a contact."""
        parent = contact.message_ids.filtered("notification_ids")[:1].message_id
        sender = values.pop("sender", None) or self.customer.email
        return self._receive(sender, body=body, headers={header: parent}, **values)

    def _replace_customer(self, name):
        """Use a customer who has neither contacts nor complaints from here on."""
        self.customer = self._make_customer(
            name, email=f"{name}@intake-customer.example.com", phone=PHONE
        )

    def _actions(self, contact):
        return self.env["customer.action"].search(
            [("res_model", "=", contact._name), ("res_id", "=", contact.id)]
        )

    def test_a_complaint_names_the_contact_it_answers_and_stops_its_plan(self):
        for header in ("In-Reply-To", "References"):
            self._replace_customer(header)
            contact = self._make_sent()
            with self.subTest(header=header):
                complaint = self._answer(contact, header=header)
                self.assertEqual(
                    (complaint.followup_id, complaint.partner_id), (contact, self.customer)
                )
                self.assertEqual(contact.enrollment_id.state, "stopped")
                self.assertEqual(len(self._actions(contact)), 0, "The complaint is the work.")

    def test_the_plan_pauses_or_goes_on_if_it_says_so(self):
        choices = dict(self.env["customer.followup.plan"]._fields["on_reply"].selection)
        expected = {"stop": "stopped", "pause": "paused"}
        for on_reply in choices:
            self._replace_customer(on_reply)
            contact = self._make_sent(on_reply)
            with self.subTest(on_reply=on_reply):
                self.assertEqual(self._answer(contact).followup_id, contact)
                self.assertEqual(contact.enrollment_id.state, expected.get(on_reply, "active"))

    def test_a_wish_to_unsubscribe_in_it_is_recorded(self):
        contact = self._make_sent()
        complaint = self._answer(contact, body="Unsubscribe")
        self.assertEqual(complaint.followup_id, contact)
        verdicts = self.customer._contact_verdicts(
            self.service, contact.channel_id, self._utc("2026-03-05 10:00")
        )
        self.assertEqual(verdicts[self.customer.id].reason, "withdrawn")
        self.assertEqual(contact.enrollment_id.state, "stopped")

    def test_a_stranger_answers_no_contact(self):
        contact = self._make_sent()
        complaint = self._answer(contact, sender="Bob <bob@elsewhere.example.com>")
        self.assertEqual(len(complaint), 1)
        self.assertEqual((complaint.followup_id.id, complaint.partner_id.id), (False, False))
        self.assertEqual(contact.enrollment_id.state, "active")

    def test_a_contact_of_another_company_is_not_answered(self):
        self._make_second_company()
        contact = self._make_sent()
        contact.enrollment_id.action_stop("Moved")
        self.env.cr.execute(
            "UPDATE customer_followup SET company_id = %s WHERE id = %s",
            (self.other_company.id, contact.id),
        )
        self.env.invalidate_all()
        self.assertEqual(self._answer(contact).followup_id.id, False)

    def test_a_message_that_answers_nothing_names_no_contact(self):
        contact = self._make_sent()
        complaint = self._receive(headers={"In-Reply-To": "<unknown@customer.example.com>"})
        self.assertEqual(complaint.followup_id.id, False)
        self.assertEqual(contact.enrollment_id.state, "active")

    def test_the_contact_of_a_merged_customer_is_answered_by_the_customer(self):
        contact = self._make_sent()
        kept = self._make_customer("Li Na", email="li.na@home.example.com")
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.customer | kept).ids, kept, extra_checks=False
        )
        complaint = self._answer(contact, sender="Li Na <li.na@home.example.com>")
        self.assertEqual((complaint.followup_id, complaint.partner_id), (contact, kept))

    def test_the_files_of_the_answer_are_evidence_of_the_complaint(self):
        contact = self._make_sent()
        complaint = self._answer(contact, files=[("door.pdf", b"%PDF-1.4 door", "application/pdf")])
        self.assertEqual(complaint.followup_id, contact)
        self.assertEqual(complaint.evidence_ids.mapped("name"), ["door.pdf"])
