from datetime import datetime
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_promise import PromiseCommon

COMPLAINT = "odoo.addons.customer_followup.models.sla.customer_complaint"

STEPS = (
    {"level": 1, "delay_count": 10, "audience": "leader"},
    {"level": 2, "delay_count": 60, "audience": "manager"},
)


@tagged("post_install", "-at_install")
class TestPromiseChanges(PromiseCommon):
    """A change breaks no promise, and notices follow the policy that holds."""

    def _tick(self, moment):
        with freeze_time(moment):
            self._run_cron("ir_cron_promise")

    def _codes(self, complaint):
        notices = self.env["customer.complaint.notice"].search(
            [("complaint_id", "=", complaint.id)], order="id"
        )
        return notices.mapped("code")

    def _state(self, complaint, kind="closure"):
        promise = self._promises(complaint, kind)
        return promise.state, promise.date_deadline and str(promise.date_deadline)[:16]

    def _with_steps(self, *targets, **vals):
        steps = [Command.create(step) for step in STEPS]
        return self._make_policy(*targets, escalation_ids=steps, **vals)

    def test_a_shorter_promise_counts_from_the_change(self):
        self._make_policy(("closure", 10, "hours"))
        self._make_policy(("closure", 1, "hours"), priority="2")
        complaint = self._complain("2026-05-04 09:00")
        with freeze_time("2026-05-04 12:00"):
            complaint.priority = "2"
        self.assertEqual(self._state(complaint), ("open", "2026-05-04 13:00"))
        self._tick("2026-05-04 12:30")
        self.assertEqual(self._codes(complaint), [])
        self._tick("2026-05-04 13:01")
        self.assertEqual(self._state(complaint)[0], "missed")

    def test_a_shorter_promise_that_still_holds_keeps_its_start(self):
        self._make_policy(("closure", 10, "hours"))
        self._make_policy(("closure", 4, "hours"), priority="2")
        complaint = self._complain("2026-05-04 09:00")
        with freeze_time("2026-05-04 12:00"):
            complaint.priority = "2"
        self.assertEqual(self._state(complaint), ("open", "2026-05-04 13:00"))

    def test_a_shorter_promise_that_waits_goes_on_waiting(self):
        self._make_policy(("closure", 16, "hours"))
        self._make_policy(("closure", 4, "hours"), priority="2")
        complaint = self._complain("2026-05-04 09:00")
        self._to_stage(complaint, "awaiting", "2026-05-04 15:00")
        with freeze_time("2026-05-06 10:00"):
            complaint.priority = "2"
        self.assertEqual(self._state(complaint), ("paused", False))
        self._tick("2026-05-06 10:01")
        self._to_stage(complaint, "solving", "2026-05-06 12:00")
        self.assertEqual(self._state(complaint), ("open", "2026-05-06 16:00"))

    def test_a_promise_that_was_over_before_the_change_is_broken(self):
        self._make_policy(("closure", 2, "hours"))
        self._make_policy(("closure", 1, "hours"), priority="2")
        complaint = self._complain("2026-05-04 09:00")
        with freeze_time("2026-05-04 12:00"):
            complaint.priority = "2"
        self.assertEqual(self._state(complaint), ("missed", "2026-05-04 11:00"))

    def test_applying_a_shorter_policy_breaks_none(self):
        policy = self._make_policy(("closure", 10, "hours"))
        complaints = [self._complain("2026-05-04 09:00") for _number in range(3)]
        policy.target_ids.count = 1
        with freeze_time("2026-05-04 12:00"):
            policy.action_apply()
        self.assertEqual(
            [self._state(complaint) for complaint in complaints],
            [("open", "2026-05-04 13:00")] * 3,
        )

    def _apply_to_many(self):
        """Change a policy of more complaints than are matched immediately, and apply it."""
        policy = self._make_policy(("closure", 10, "hours"))
        complaints = [self._complain("2026-05-04 09:00") for _number in range(3)]
        policy.target_ids.count = 20
        with freeze_time("2026-05-04 12:00"), patch(f"{COMPLAINT}.MAX_IMMEDIATE", 1):
            message = policy.action_apply()["params"]["message"]
        self.assertIn("will be checked", message)
        return complaints

    def test_a_policy_is_applied_to_many_by_the_scheduled_action(self):
        complaints = self._apply_to_many()
        self.assertEqual(self._state(complaints[0]), ("open", "2026-05-04 19:00"))
        self._tick("2026-05-04 12:01")
        for complaint in complaints:
            self.assertEqual(self._state(complaint), ("open", "2026-05-05 05:00"))
            self.assertFalse(complaint.is_match_due)

    def test_a_complaint_that_cannot_be_matched_stops_no_other(self):
        first, poison, last = self._apply_to_many()
        rematch = type(poison)._rematch

        def fail(complaints, *args):
            if poison in complaints:
                raise ValueError("Poison")
            return rematch(complaints, *args)

        with (
            patch.object(type(poison), "_rematch", fail),
            mute_logger(COMPLAINT),
        ):
            self._tick("2026-05-04 12:01")
        self.assertEqual(
            [self._state(one)[1] for one in (first, poison, last)],
            ["2026-05-05 05:00", "2026-05-04 19:00", "2026-05-05 05:00"],
        )
        self.assertFalse(poison.is_match_due)
        self.assertIn("Poison", poison.sudo().message_ids[0].body)

    def test_other_working_hours_break_none(self):
        calendar = self._make_hours(9, 10, company_id=False)
        self._make_policy(("closure", 2, "business_hours"), calendar_id=calendar.id)
        complaint = self._complain("2026-05-04 09:00")
        with freeze_time("2026-05-04 15:00"):
            calendar.attendance_ids.hour_to = 18
            self.env.flush_all()
            self.env.cr.precommit.run()
        self.assertEqual(self._state(complaint), ("open", "2026-05-04 17:00"))

    def test_no_user_is_notified_by_a_policy_that_is_not_in_use(self):
        policy = self._with_steps(("closure", 10, "hours"))
        complaint = self._complain("2026-05-04 09:00")
        with freeze_time("2026-05-04 18:00"):
            policy.active = False
        self._tick("2026-05-04 18:30")
        self._tick("2026-05-04 22:30")
        promise = self._promises(complaint, "closure")
        self.assertEqual((promise.state, promise.level, self._codes(complaint)), ("missed", 0, []))
        with freeze_time("2026-05-04 23:00"):
            policy.active = True
        self._tick("2026-05-04 23:01")
        self.assertEqual(promise.level, 2)

    def test_a_broken_promise_that_nothing_promises_any_more_is_silent(self):
        policy = self._with_steps(("closure", 2, "hours"))
        complaint = self._complain("2026-05-04 09:00")
        self._tick("2026-05-04 11:01")
        self.assertEqual(self._codes(complaint), ["missed"])
        for change in ({"priority": "2"}, {"active": False}):
            with self.subTest(change=change), self.env.cr.savepoint():
                policy.write(change)
                with freeze_time("2026-05-04 11:05"):
                    policy.action_apply()
                self._tick("2026-05-04 14:00")
                promise = self._promises(complaint, "closure")
                self.assertEqual((promise.state, promise.level), ("missed", 0))
                self.assertEqual(self._codes(complaint), ["missed"])

    def test_a_broken_promise_rings_by_the_policy_that_holds_now(self):
        self._make_policy(("closure", 2, "hours"))
        self._with_steps(("closure", 1, "hours"), priority="2")
        complaint = self._complain("2026-05-04 09:00")
        self._tick("2026-05-04 11:01")
        with freeze_time("2026-05-04 11:05"):
            complaint.priority = "2"
        self._tick("2026-05-04 11:11")
        promise = self._promises(complaint, "closure")
        self.assertEqual((promise.state, promise.level, promise.count), ("missed", 1, 2))

    def test_an_agreed_date_is_warned_of_as_the_policy_says(self):
        calendar = self._make_hours(9, 17, company_id=False)
        for count, unit, kind, warn in (
            (0, "percent", "hours", False),
            (30, "minutes", "hours", datetime(2026, 5, 8, 11, 30)),
            (50, "percent", "hours", datetime(2026, 5, 6, 11, 30)),
            # 11:00 to 17:00, three days of 8 hours, and 9:00 to 12:00: 33 hours.
            (50, "percent", "business_hours", datetime(2026, 5, 6, 11, 30)),
            (25, "percent", "business_hours", datetime(2026, 5, 5, 11, 15)),
        ):
            with self.subTest(count=count, unit=unit, kind=kind):
                policy = self._make_policy(("closure", 10, kind), calendar_id=calendar.id)
                policy.target_ids.write({"warn_count": count, "warn_unit": unit})
                complaint = self._complain("2026-05-04 10:00")
                promise = self._promises(complaint, "closure")
                with freeze_time("2026-05-04 11:00"):
                    promise.with_user(self.agent)._agree(
                        datetime(2026, 5, 8, 12), "By phone", "The part is late"
                    )
                self.assertEqual(
                    (promise.date_deadline, promise.date_warn), (datetime(2026, 5, 8, 12), warn)
                )
                policy.active = False
