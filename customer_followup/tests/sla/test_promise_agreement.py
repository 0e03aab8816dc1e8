from datetime import datetime

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_promise import PromiseCommon


@tagged("post_install", "-at_install")
class TestPromiseAgreement(PromiseCommon):
    """Deadlines agreed with the customer."""

    def setUp(self):
        super().setUp()
        self.policy = self._make_policy(("closure", 2, "hours"))
        self.complaint = self._complain("2026-05-01 10:00")
        self.promise = self._promises(self.complaint)

    def _agree(self, user=None, moment="2026-05-01 11:00", until="2026-05-05 12:00:00"):
        with freeze_time(moment):
            user = user or self.agent
            model = self.env["customer.complaint.agreement"].with_user(user)
            dialog = model.create(
                {
                    "complaint_id": self.complaint.id,
                    "promise_id": self.promise.id,
                    "date_deadline": until,
                    "how": "Phone",
                    "why": "The part is late",
                }
            )
            dialog.action_agree()
            return dialog

    def test_the_promise_holds_until_the_date_agreed(self):
        self._agree()
        self.assertTrue(self.promise.is_agreed)
        self.assertEqual(self.complaint.date_deadline, datetime(2026, 5, 5, 12))
        self.assertEqual(self.complaint.contact_ids.mapped("result"), ["agreed"])
        self.assertIn("The part is late", self.complaint.message_ids[0].body)
        [line] = self.complaint.promise_panel
        self.assertIn("agreed with the customer", line["why"])

    def test_the_next_progress_update_waits_until_then(self):
        self.policy.target_ids = [
            Command.create({"kind": "progress", "count": 24, "unit": "hours"}),
            Command.create({"kind": "first_answer", "count": 24, "unit": "hours"}),
        ]
        self.complaint = self._complain("2026-05-01 10:00")
        self.promise = self._promises(self.complaint, "progress")
        self._agree()
        kept, running = self._promises(self.complaint, "progress")
        self.assertEqual((kept.state, running.state), ("met", "open"))
        self.assertEqual(str(running.date_deadline), "2026-05-05 12:00:00")
        self.assertEqual(self._promises(self.complaint, "first_answer").state, "met")

    def test_a_first_answer_is_met_by_the_agreement(self):
        self.policy.target_ids = [
            Command.create({"kind": "first_answer", "count": 24, "unit": "hours"})
        ]
        self.complaint = self._complain("2026-05-01 10:00")
        self.promise = self._promises(self.complaint, "first_answer")
        with self.assertRaisesRegex(UserError, "already met by this contact"):
            self._agree()

    def test_an_agreed_date_does_not_change(self):
        self._agree()
        with freeze_time("2026-05-01 11:30"):
            self.policy.target_ids.count = 1
            self.policy.action_apply()
            self.policy.active = False
            self.policy.action_apply()
        self._to_stage(self.complaint, "awaiting", "2026-05-01 12:00")
        self.assertEqual((self.promise.state, self.promise.date_deadline.day), ("open", 5))
        self._to_stage(self.complaint, "closed", "2026-05-05 11:00")
        self.assertEqual(self.promise.state, "met")

    def test_no_date_is_agreed_for_a_broken_promise(self):
        with self.assertRaisesRegex(UserError, "already kept or broken"):
            self._agree(moment="2026-05-01 12:00:01")

    def test_only_a_future_date_is_agreed(self):
        with self.assertRaisesRegex(UserError, "in the future"):
            self._agree(until="2026-05-01 11:00:00")

    def test_agreeing_needs_write_access_to_the_complaint(self):
        for user in (self.colleague, self.auditor, self.stranger):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._agree(user)
        with self.assertRaises(AccessError):
            self.promise.with_user(self.manager).write({"is_agreed": True})

    def test_a_dialog_is_its_owners(self):
        dialog = self._agree()
        model = dialog.with_user(self.manager)
        self.assertFalse(model.search([("id", "=", dialog.id)]))
