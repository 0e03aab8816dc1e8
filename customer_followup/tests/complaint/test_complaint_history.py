from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError

from ..common import ComplaintCommon


class TestComplaintHistory(ComplaintCommon):
    """What a user may write to a complaint that is closed, and to its parts."""

    def setUp(self):
        super().setUp()
        self.other = self._make_customer("Another")

    def test_a_closed_complaint_stays_as_it_is(self):
        complaint = self._make_closed()
        for user in (self.agent, self.leader, self.manager, self.admin):
            self.assertUnchangeable(
                complaint.with_user(user),
                {
                    "solution": "Nothing",
                    "cause": "The customer did it",
                    "title": "Nothing went wrong",
                    "partner_id": self.other.id,
                    "complainant_id": self.other.id,
                    "unknown_email": "someone@example.com",
                    "commercial_partner_id": self.other.id,
                    "team_id": False,
                    "user_id": user.id,
                    "verdict": "unfounded",
                    "amount_asked": 9999,
                    "date_received": "2020-01-01",
                    "severity": "minor",
                    "liability_ids": [Command.create({"party": "producer", "share": 100})],
                },
            )

    def test_the_parts_of_a_closed_complaint_stay(self):
        complaint = self._make_settled()
        share = self.env["customer.complaint.liability"].create(
            {"complaint_id": complaint.id, "party": "producer", "share": 100}
        )
        referral = self.env["customer.complaint.referral"].create(
            {"complaint_id": complaint.id, "body": "Court", "outcome": "settlement"}
            | {"date_referred": "2026-01-01", "date_outcome": "2026-01-02"}
        )
        complaint._customer_confirms("By phone")
        self.assertEqual(complaint.state, "closed")
        self.assertUnchangeable(share.with_user(self.leader), {"party": "seller", "share": 50})
        self.assertUnchangeable(referral.with_user(self.leader), {"outcome": "refused"})
        for part in (share, referral):
            with self.assertRaises(UserError):
                part.with_user(self.leader).unlink()
        for model, vals in (
            ("customer.complaint.solution", {"name": "A gift"}),
            ("customer.complaint.referral", {"body": "Arbitrator"}),
        ):
            with self.assertRaises(UserError):
                self.env[model].with_user(self.leader).create(
                    {"complaint_id": complaint.id, **vals}
                )

    def test_a_closed_complaint_is_reopened_and_changed_at_once(self):
        complaint = self._make_closed()
        complaint.write({"stage_id": self.stages["assessing"].id, "cause": "Two loose screws"})
        self.assertEqual((complaint.state, complaint.reopen_count), ("assessing", 1))

    def test_tags_and_employees_are_added_later(self):
        complaint = self._make_closed()
        tag = self.env["customer.complaint.tag"].create({"name": "Screws"})
        complaint.tag_ids = tag
        complaint.concerned_user_ids = self.colleague
        self.assertEqual(complaint.sudo().tag_ids, tag)
        self.assertEqual(complaint.sudo().accused_user_ids, self.colleague)

    def test_a_complaint_closes_together_with_its_last_parts(self):
        complaint = self._make_settled()
        complaint._record({"confirmation": "confirmed"})
        share = Command.create({"party": "producer", "share": 100})
        complaint.write({"stage_id": self.stages["closed"].id, "liability_ids": [share]})
        self.assertEqual((complaint.state, len(complaint.liability_ids)), ("closed", 1))

    def test_closing_requires_an_answer_after_the_verdict(self):
        with freeze_time("2026-03-02 10:00"):
            complaint = self._complain()
            complaint._customer_informed("By phone", "We look into it")
        with freeze_time("2026-03-12 10:00"):
            complaint.write({"verdict": "unfounded", "verdict_evidence": "The log"})
            complaint.with_user(self.leader).action_confirm_verdict()
            self.assertRefuses(complaint, "closed", "an answer to the customer")
            complaint._customer_informed("By phone", "It is as it should be")
            complaint.stage_id = self.stages["closed"]
        self.assertEqual(complaint.date_answered, self._utc("2026-03-02 10:00:00"))

    def test_closing_requires_another_answer_after_reopening(self):
        with freeze_time("2026-03-02 10:00"):
            complaint = self._make_settled()
            complaint._customer_confirms("By phone", satisfaction="5")
        with freeze_time("2026-03-04 10:00"):
            complaint._customer_replies("It rattles again")
            self.assertEqual(
                (complaint.state, complaint.satisfaction, complaint.date_confirmation),
                ("assessing", False, False),
            )
            complaint._record({"confirmation": "silent"})
            self.assertRefuses(complaint, "closed", "an answer to the customer")
            complaint._customer_informed("By phone", "Now it is tight")
            complaint.stage_id = self.stages["closed"]
        self.assertEqual(complaint.state, "closed")

    def test_a_dialog_counts_once(self):
        self.customer.email = "li.na@example.com"
        complaint = self._complain()
        letter = self.env["customer.complaint.letter"].with_user(self.agent)
        log = self.env["customer.complaint.contact.log"].with_user(self.agent)
        letter = letter.create({"complaint_id": complaint.id, "text": "We look into it"})
        log = log.create({"complaint_id": complaint.id, "result": "tried", "how": "By phone"})
        for _turn in range(2):
            letter.action_send()
            log.action_note()
        self.assertEqual(
            sorted(complaint.sudo().contact_ids.mapped("result")), ["informed", "tried"]
        )
        contact = self._make_followup()
        close = self.env["customer.followup.close"].with_user(self.agent)
        close = close.create(
            {"followup_id": contact.id, "outcome_id": self._ending("no_answer").id}
        )
        wish = self.env["customer.consent.note"].with_user(self.agent)
        wish = wish.create({"res_model": contact._name, "res_id": contact.id, "kind": "withdrawn"})
        for _turn in range(2):
            close.action_close()
            wish.action_note()
        self.assertEqual(len(contact.attempt_ids), 1)
        consents = self.env["customer.consent"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(len(consents), 1)
