from freezegun import freeze_time

from odoo.tests import tagged

from ..common import ComplaintCommon

AWAITED = "customer_followup.mail_activity_type_awaited"


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 10:00")
class TestComplaintReply(ComplaintCommon):
    """Replies of customers who were asked whether a solution solves their complaint."""

    def setUp(self):
        super().setUp()
        self.company.write({"customer_silence_days": 7, "customer_silence_tries": 3})
        self.complaint = self._make_settled()

    def _reminders(self):
        return self.complaint.sudo().activity_search([AWAITED])

    def _current(self):
        return self.complaint.sudo().clock_ids.filtered(lambda one: not one.date_to).meaning

    def assertOurTurn(self, is_ours):
        self.env.invalidate_all()
        complaint = self.complaint.sudo()
        self.assertEqual(bool(complaint.date_replied), is_ours)
        self.assertEqual(
            complaint._customer_status(),
            "We are looking into your answer" if is_ours else "Waiting for your answer",
        )
        self.assertEqual(self._current(), "solving" if is_ours else "awaiting")

    def test_every_way_to_reply_makes_it_our_turn(self):
        log = self.env["customer.complaint.contact.log"].with_user(self.agent)
        for name, reply in (
            ("a message", lambda: self.complaint._process_customer_message("It still rattles")),
            ("the page", lambda: self.complaint.sudo()._visitor_writes("It still rattles")),
            ("a file", lambda: self.complaint.sudo()._visitor_writes("", [("a.txt", b"Hello")])),
            (
                "a talk",
                lambda: log.create(
                    {"complaint_id": self.complaint.id, "result": "replied", "note": "Hello"}
                ).action_note(),
            ),
        ):
            with self.subTest(name):
                self.complaint = self._make_settled()
                self.assertOurTurn(False)
                reply()
                self.assertOurTurn(True)
                self.assertEqual(self.complaint.state, "awaiting")
                self.assertEqual(self.complaint.contact_ids[0].result, "replied")

    def test_no_reminder_of_a_customer_who_replied(self):
        with freeze_time("2026-03-09 10:00"):
            self._run_cron("ir_cron_awaited")
            self.assertEqual(len(self._reminders()), 1)
            self.complaint._process_customer_message("It still rattles")
            self.assertEqual(len(self._reminders()), 0)
        with freeze_time("2026-03-29 10:00"):
            self._run_cron("ir_cron_awaited")
            self.assertEqual(len(self._reminders()), 0)

    def test_what_we_answer_makes_it_their_turn_again(self):
        self.complaint._process_customer_message("It still rattles")
        with freeze_time("2026-03-20 10:00"):
            self.complaint._customer_informed("By phone", "We tightened it again")
            self.assertOurTurn(False)
            self.assertEqual(str(self.complaint.date_awaiting), "2026-03-20 10:00:00")
            self._run_cron("ir_cron_awaited")
            self.assertEqual(len(self._reminders()), 0)
        with freeze_time("2026-03-27 10:00"):
            self._run_cron("ir_cron_awaited")
            self.assertEqual(len(self._reminders()), 1)

    def test_a_reply_is_over_with_the_stage(self):
        self.complaint._process_customer_message("It still rattles")
        self.complaint._customer_rejects("By phone", "It rattles")
        self.assertEqual(self.complaint.state, "solving")
        self.assertEqual(self.complaint.date_replied, False)
        self.complaint.stage_id = self.stages["awaiting"]
        self.assertOurTurn(False)

    def test_a_reply_may_still_be_followed_by_a_confirmation(self):
        self.complaint._process_customer_message("Thank you")
        self.complaint._customer_confirms("By phone")
        self.assertEqual(self.complaint.state, "closed")
        self.assertEqual(self._current(), "closed")
        self.assertEqual(self.complaint.date_replied, False)

    def test_a_late_talk_continues_in_a_new_complaint(self):
        self.complaint._customer_confirms("By phone")
        self.complaint.sudo().date_closed = "2026-01-01 10:00:00"
        log = self.env["customer.complaint.contact.log"].with_user(self.agent)
        dialog = log.create(
            {"complaint_id": self.complaint.id, "result": "replied", "note": "It rattles again"}
        )
        action = dialog.action_note()
        following = self.env["customer.complaint"].browse(action["res_id"])
        self.assertEqual(following.previous_id, self.complaint)
        self.assertEqual(self.complaint.state, "closed")
