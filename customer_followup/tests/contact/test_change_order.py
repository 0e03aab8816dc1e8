from datetime import datetime

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.contact import customer_followup_enrollment as planner
from ..common import PHONE, FollowupCommon


@tagged("post_install", "-at_install")
class TestChangeOrder(FollowupCommon):
    """Unusual sequences that once failed."""

    def test_what_waits_for_a_withheld_contact_goes_on_after_its_own_day(self):
        plan = self._make_cadence(
            {"name": "One", "offset_count": 20},
            {"name": "Two", "anchor": "previous", "offset_count": 3},
        )
        silent = self._make_customer("Silent")
        with freeze_time("2026-03-02 12:00"):
            enrollment = plan._enroll(silent)
        self._plan_on("2026-03-02", 13)
        self._plan_on("2026-03-02", 14)
        found = {one.name: (one.state, self._days(one)[0]) for one in enrollment.followup_ids}
        self.assertEqual(
            found, {"One": ("withheld", "2026-03-22"), "Two": ("withheld", "2026-03-25")}
        )

    def test_a_condition_that_fails_once_does_not_end_a_chain(self):
        tag = self.env["res.partner.category"].create({"name": "Ready"})
        plan = self._make_cadence(
            {
                "repeat": "completion",
                "every_count": 7,
                "every_unit": "days",
                "condition": f"[('category_id', 'in', {tag.ids})]",
            }
        )
        enrollment = self._enroll_on(plan, "2026-03-02")
        self._plan_on("2026-03-02", 14)
        self.customer.category_id = tag
        self._plan_on("2026-03-09", 10)
        self._plan_on("2026-03-09", 11)
        states = enrollment.followup_ids.sorted("occurrence").mapped("state")
        self.assertEqual(states, ["not_applicable", "planned"])

    def test_a_delay_is_not_counted_twice(self):
        plan = self._make_cadence({"offset_count": 5}, {"anchor": "previous", "offset_count": 3})
        enrollment = self._enroll_on(plan, "2026-03-02")
        with freeze_time("2026-03-03 10:00"):
            enrollment._pause()
        with freeze_time("2026-03-13 10:00"):
            enrollment.action_resume()
        first = enrollment.followup_ids
        self._reach_on(first, "2026-03-17")
        self.assertEqual(self._days(enrollment.followup_ids - first), ["2026-03-20"])

    def test_all_pauses_count(self):
        plan = self._make_cadence({"offset_count": 1, "repeat": "completion", "every_count": 60,
                                   "every_unit": "days"})  # fmt: skip
        enrollment = self._enroll_on(plan, "2026-03-02")
        first = enrollment.followup_ids
        self._reach_on(first, "2026-03-03")
        for start, end in (("2026-03-05", "2026-03-15"), ("2026-03-20", "2026-03-25")):
            with freeze_time(f"{start} 10:00"):
                enrollment._pause()
            with freeze_time(f"{end} 10:00"):
                enrollment.action_resume()
        self._plan_on("2026-05-01")
        self.assertEqual(self._days(enrollment.followup_ids - first), ["2026-05-17"])

    def test_a_pause_does_not_move_what_counts_back_from_the_target(self):
        plan = self._make_cadence(
            {"anchor": "target", "offset_count": -7}, {"anchor": "target", "offset_count": -40}
        )
        enrollment = self._enroll_on(plan, "2026-03-02", date_target="2026-04-20 12:00:00")
        with freeze_time("2026-03-03 10:00"):
            enrollment._pause()
        with freeze_time("2026-03-09 10:00"):
            enrollment.action_resume()
        self._plan_on("2026-03-20")
        self.assertEqual(self._days(enrollment.followup_ids), ["2026-03-11", "2026-04-13"])

    def test_a_target_taken_away_and_given_again_loses_nothing(self):
        plan = self._make_cadence({"anchor": "target", "offset_count": -7})
        enrollment = self._enroll_on(plan, "2026-03-02", date_target="2026-03-20 12:00:00")
        with freeze_time("2026-03-03 10:00"):
            enrollment.date_target = False
            enrollment.date_target = "2026-03-25 12:00:00"
        self.assertEqual(self._days(enrollment.followup_ids), ["2026-03-18"])
        self.assertEqual((enrollment.state, enrollment.followup_ids.state), ("active", "planned"))

    def test_planning_less_far_ahead_loses_nothing(self):
        enrollment = self._enroll_on(self.plan, "2026-02-01")
        before = enrollment.date_next
        self.env["customer.followup.enrollment"]._shift_horizon(-21)
        self.assertEqual(enrollment.date_next, before)

    def test_retry_remembers_a_pause_and_a_stop_clears_what_was(self):
        enrollment = self._enroll_on(self._make_cadence({"offset_count": 5}), "2026-03-02")
        with freeze_time("2026-03-03 10:00"), mute_logger(planner.__name__):
            enrollment._pause()
            enrollment._park(ValueError("Hm"))
            enrollment.action_retry()
            self.assertEqual(enrollment.state, "paused")
            enrollment._park(ValueError("Hm"))
            enrollment.action_stop()
        self.assertFalse(enrollment.error or enrollment.followup_ids.is_paused)
        with self.assertRaisesRegex(UserError, "has ended"):
            enrollment.action_stop()

    def test_a_stop_reaches_contacts_handed_to_others(self):
        enrollment = self._enroll_on(self._make_cadence({"offset_count": 5}), "2026-03-02")
        enrollment.followup_ids.write({"team_id": False, "user_id": self.manager.id})
        enrollment.with_user(self.leader).action_stop()
        self.assertEqual(enrollment.followup_ids.state, "cancelled")

    def test_a_changed_policy_blocks_no_one(self):
        plan = self._make_cadence({"offset_count": 5})
        first = self._enroll_on(plan, "2026-03-02")
        first.action_stop()
        second = self._enroll_on(plan, "2026-03-02")
        with freeze_time("2026-03-03 10:00"):
            second._pause(until=datetime(2026, 3, 5, 8))
        plan.reenrollment = "never"
        self._plan_on("2026-03-05")
        self.assertEqual(second.state, "active")

    def test_contacts_of_a_paused_plan_do_not_expire(self):
        plan = self._make_cadence({"offset_count": 5, "is_expiring": True})
        enrollment = self._enroll_on(plan, "2026-03-02")
        with freeze_time("2026-03-05 10:00"):
            enrollment._pause()
        self._plan_on("2026-03-20")
        self.assertEqual(enrollment.followup_ids.state, "planned")

    def test_an_archived_contact_is_left_alone_at_once(self):
        enrollment = self._enroll_on(self._make_cadence({"offset_count": 5}), "2026-03-02")
        self.customer.active = False
        self.cr.flush()
        contact = enrollment.followup_ids
        self.assertEqual((contact.state, contact.close_code), ("withheld", "archived"))

    def test_a_contact_archived_by_mistake_keeps_its_follow_ups(self):
        enrollment = self._enroll_on(self._make_cadence({"offset_count": 5}), "2026-03-02")
        self.customer.active = False
        self.customer.active = True
        self.cr.flush()
        self.assertEqual(enrollment.followup_ids.state, "planned")

    def test_moving_to_a_version_keeps_the_channel(self):
        mail = self.env["customer.channel"].search([("kind", "=", "email")], limit=1)
        plan = self._make_cadence({"offset_count": 5, "alternative_ids": [mail.id]})
        silent = self._make_customer("Silent", email="silent@example.com")
        with freeze_time("2026-03-02 12:00"):
            enrollment = plan._enroll(silent)
        self._plan_on("2026-03-02", 13)
        enrollment.followup_ids.priority = "3"
        plan.action_new_version()
        plan.action_use_version()
        plan._move_to_version()
        contact = enrollment.followup_ids
        self.assertEqual((contact.channel_id, contact.priority), (mail, "3"))

    def test_no_version_is_left_with_steps_that_wait_for_nothing(self):
        plan = self._make_cadence({"name": "One"}, {"name": "Two", "anchor": "previous"})
        one, two = plan.step_ids
        with self.assertRaisesRegex(UserError, "no step before it"), self.env.cr.savepoint():
            one.unlink()
        with self.assertRaisesRegex(UserError, "would wait forever"), self.env.cr.savepoint():
            one.write({"repeat": "interval", "every_unit": "weeks"})
        two.after_step_id = one
        with self.assertRaisesRegex(UserError, "Two waits for One"), self.env.cr.savepoint():
            one.unlink()
        with self.assertRaisesRegex(UserError, "add at least one step"), self.env.cr.savepoint():
            (two | one).unlink()
            plan.action_run()
        self._enroll_on(plan, "2026-03-02")
        with self.assertRaisesRegex(UserError, "already"):
            one.sequence = 99

    def test_a_series_of_steps_is_checked_in_reasonable_time(self):
        chain = [{"anchor": "previous"} for _number in range(100)]
        self.env.flush_all()
        before = self.cr.sql_log_count
        plan = self._make_cadence({"name": "First"}, *chain)
        self.assertEqual(len(plan.step_ids), 101)
        self.assertLess(self.cr.sql_log_count - before, 800)

    def test_moving_many_contacts_asks_the_gate_once(self):
        plan = self._make_cadence({"offset_count": 5}, {"offset_count": 9})
        people = self.env["res.partner"].create(
            [{"name": f"C{n}", "phone": PHONE} for n in range(20)]
        )
        with freeze_time("2026-03-02 12:00"):
            rows = plan._enroll(people)
        self._plan_on("2026-03-02", 13)
        calls = []
        gate_of = type(self.env["customer.followup"])._gate

        def counted(contacts, *args, **kwargs):
            calls.append(len(contacts))
            return gate_of(contacts, *args, **kwargs)

        self.patch(type(self.env["customer.followup"]), "_gate", counted)
        with freeze_time("2026-03-03 12:00"):
            rows.date_anchor = datetime(2026, 3, 4, 12)
        self.assertEqual(calls, [40])
