from ast import literal_eval
from datetime import datetime

from freezegun import freeze_time
from lxml import etree

from odoo import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import ComplaintCommon

AWAITED = "customer_followup.mail_activity_type_awaited"
REFERRAL = "customer_followup.mail_activity_type_referral"


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 10:00")
class TestComplaintWaiting(ComplaintCommon):
    """Reminders about customers and outside bodies that do not answer."""

    def setUp(self):
        super().setUp()
        self.company.write({"customer_silence_days": 7, "customer_silence_tries": 3})
        self.complaint = self._make_settled()

    def _reminders(self, activity_type, complaint=None):
        return (complaint or self.complaint).sudo().activity_search([activity_type])

    def _refer(self, **vals):
        self.complaint.referral_ids = [
            Command.create({"body": "Court", "date_deadline": "2026-03-20", **vals})
        ]
        return self.complaint.referral_ids

    def test_the_handler_has_an_activity_for_the_answer_of_an_outside_body(self):
        referral = self._refer()
        reminder = self._reminders(REFERRAL)
        self.assertEqual(reminder.user_id, self.agent)
        self.assertEqual(
            (reminder.summary, str(reminder.date_deadline)), ("Answer from Court", "2026-03-20")
        )
        referral.date_deadline = "2026-03-25"
        self.assertEqual(str(reminder.date_deadline), "2026-03-25")
        referral.write({"outcome": "settlement", "date_outcome": "2026-03-10"})
        self.assertFalse(self._reminders(REFERRAL))
        self.assertFalse(reminder.active)

    def test_no_activity_remains_when_no_answer_is_expected(self):
        referral = self._refer()
        referral.date_deadline = False
        self.assertFalse(self._reminders(REFERRAL))
        referral.date_deadline = "2026-03-25"
        self.assertTrue(self._reminders(REFERRAL))
        referral.with_user(self.leader).unlink()
        self.assertFalse(self._reminders(REFERRAL))

    def test_reminders_follow_the_handler(self):
        self._refer()
        self.complaint.with_user(self.leader).user_id = self.colleague
        self.assertEqual(self._reminders(REFERRAL).user_id, self.colleague)

    def _search(self, name):
        view = etree.fromstring(
            self.env.ref("customer_followup.customer_complaint_view_search").arch
        )
        [text] = view.xpath(f"//filter[@name='{name}']/@domain")
        return self.env["customer.complaint"].with_user(self.agent).search(literal_eval(text))

    def test_overdue_answers_are_found(self):
        self._refer()
        with freeze_time("2026-03-20 10:00"):
            self.assertNotIn(self.complaint, self._search("referral_late"))
        with freeze_time("2026-03-21 10:00"):
            self.assertIn(self.complaint, self._search("referral_late"))
            self.complaint.referral_ids.write(
                {"outcome": "settlement", "date_outcome": "2026-03-10"}
            )
            self.assertNotIn(self.complaint, self._search("referral_late"))

    def test_customers_waited_for_a_long_time_are_found(self):
        with freeze_time("2026-03-08 10:00"):
            self.assertNotIn(self.complaint, self._search("awaited"))
        with freeze_time("2026-03-10 10:00"):
            self.assertIn(self.complaint, self._search("awaited"))

    def test_the_handler_is_reminded_once_of_a_missing_answer(self):
        with freeze_time("2026-03-04 09:59"):
            self._run_cron("ir_cron_awaited")
            self.assertFalse(self._reminders(AWAITED))
        with freeze_time("2026-03-04 10:00"):
            self._run_cron("ir_cron_awaited")
            reminder = self._reminders(AWAITED)
            self.assertEqual(reminder.user_id, self.agent)
            reminder.unlink()
            self._run_cron("ir_cron_awaited")
            self.assertFalse(self._reminders(AWAITED))
        # A new waiting period gets a new reminder.
        with freeze_time("2026-03-05 10:00"):
            self.complaint._customer_rejects("By phone", "It rattles still")
            self.complaint.stage_id = self.stages["awaiting"]
        with freeze_time("2026-03-08 10:00"):
            self._run_cron("ir_cron_awaited")
            self.assertEqual(len(self._reminders(AWAITED)), 1)
            self.complaint._customer_confirms("By phone")
            self.assertFalse(self._reminders(AWAITED))

    def test_an_open_question_is_reminded_too(self):
        complaint = self._complain()
        complaint._customer_asked("By phone", "Which door?")
        self.assertEqual(complaint._customer_status(), "Waiting for your answer")
        with freeze_time("2026-03-04 10:00"):
            self._run_cron("ir_cron_awaited")
            self._run_cron("ir_cron_awaited")
            self.assertEqual(len(self._reminders(AWAITED, complaint)), 1)
            complaint._customer_replies("The left one")
            self.assertFalse(self._reminders(AWAITED, complaint))

    def test_a_reminder_that_fails_does_not_stop_others(self):
        poison, good = self.complaint, self._make_settled()
        listener = type(poison)._contact_user

        def fail(complaint):
            if complaint.id == poison.id:
                raise ValueError("Poison")
            return listener(complaint)

        self.patch(type(poison), "_contact_user", fail)
        with (
            freeze_time("2026-03-05 10:00"),
            mute_logger("odoo.addons.customer_followup.models.sla.customer_complaint_waiting"),
        ):
            self._run_cron("ir_cron_awaited")
        self.assertFalse(self._reminders(AWAITED))
        self.assertTrue(self._reminders(AWAITED, good))
        self.assertEqual(poison.date_reminded, datetime(2026, 3, 5, 10))

    def test_a_stopped_server_reminds_once(self):
        with freeze_time("2026-03-05 10:00"):
            with self._dying_before_commit(1):
                self._run_cron("ir_cron_awaited")
            self._run_cron("ir_cron_awaited")
        self.assertEqual(len(self._reminders(AWAITED)), 1)
