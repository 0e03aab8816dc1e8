from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_promise import PromiseCommon


@tagged("post_install", "-at_install")
class TestPromiseWaiting(PromiseCommon):
    """Promises that are paused while information from the customer is needed."""

    def setUp(self):
        super().setUp()
        self._make_policy(("first_answer", 1, "hours"), ("solution", 4, "hours"))
        self.complaint = self._complain("2026-05-01 10:00", solution=False)
        with freeze_time("2026-05-01 10:30"):
            self.complaint._customer_asked("Phone", "Which door?")

    def _solution(self):
        return self._promises(self.complaint, "solution")

    def test_asking_the_customer_is_an_answer_and_pauses_the_solution(self):
        self.assertEqual(self._promises(self.complaint, "first_answer").state, "met")
        self.assertEqual(self._solution().state, "paused")
        self.assertEqual((self.complaint.state, self.complaint.next_state), ("new", "paused"))
        self.assertEqual(self.complaint.contact_ids.mapped("result"), ["asked"])

    def test_a_reply_of_the_customer_resumes_the_clock(self):
        with freeze_time("2026-05-01 12:30"):
            self.complaint._customer_replies("The left one")
        self.assertFalse(self.complaint.date_asked)
        self.assertEqual(str(self._solution().date_deadline), "2026-05-01 16:00:00")
        self.assertEqual(self.complaint.clock_ids.mapped("meaning"), ["new", "awaiting", "new"])

    def test_a_failed_attempt_does_not_resume_the_clock(self):
        with freeze_time("2026-05-01 12:30"):
            self.complaint._customer_not_reached("Phone")
        self.assertEqual(self._solution().state, "paused")

    def test_a_button_resumes_the_clock(self):
        with self.assertRaises(AccessError):
            self.complaint.with_user(self.auditor).action_go_on()
        with freeze_time("2026-05-01 11:30"):
            self.complaint.with_user(self.agent).action_go_on()
        self.assertEqual(str(self._solution().date_deadline), "2026-05-01 15:00:00")
        self.assertIn("No longer waiting", self.complaint.message_ids[0].body)

    def test_another_stage_resumes_the_clock(self):
        self._to_stage(self.complaint, "solving", "2026-05-01 11:30")
        self.assertFalse(self.complaint.date_asked)
        self.assertEqual(str(self._solution().date_deadline), "2026-05-01 15:00:00")

    def test_the_waiting_state_is_not_written_by_users(self):
        with self.assertRaisesRegex(UserError, "recorded by the system"):
            self.complaint.with_user(self.manager).date_asked = "2026-05-01 10:00:00"

    def test_the_customer_of_a_closed_complaint_is_not_asked(self):
        self._to_stage(self.complaint, "closed", "2026-05-01 11:30")
        with self.assertRaisesRegex(UserError, "Reopen it"):
            self.complaint._customer_asked("Phone")
