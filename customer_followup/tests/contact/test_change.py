from datetime import datetime

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.contact import customer_followup_enrollment as planner
from ..common import PHONE, FollowupCommon

DAILY = {"repeat": "interval", "every_unit": "days"}


@tagged("post_install", "-at_install")
class TestAnchorChange(FollowupCommon):
    """Another start moves what is pending, and nothing else."""

    def test_pending_contacts_move_and_done_ones_stay(self):
        plan = self._make_cadence({"offset_count": 3}, {"offset_count": 5}, {"offset_count": 7})
        enrollment = self._enroll_on(plan, "2026-03-02")
        first, second, third = enrollment.followup_ids.sorted("date_planned")
        self._reach_on(first, "2026-03-05")
        original = second.date_original
        for _turn in range(2):
            with freeze_time("2026-03-06 10:00"):
                enrollment.date_anchor = datetime(2026, 3, 10, 12)
            self.assertEqual((first.state, self._days(first)), ("done", ["2026-03-05"]))
            self.assertEqual(self._days(second | third), ["2026-03-15", "2026-03-17"])
            self.assertEqual(second.date_original, original)
            self._plan_on("2026-03-06", 11)
            self.assertEqual(len(enrollment.followup_ids), 3)

    def _moved_back(self, policy):
        plan = self._make_cadence({"offset_count": 7}, past_policy=policy)
        enrollment = self._enroll_on(plan, "2026-03-10")
        with freeze_time("2026-03-12 10:00"):
            enrollment.date_anchor = datetime(2026, 3, 1, 12)
        return enrollment.followup_ids

    def test_a_date_that_moves_into_the_past_is_made_up_for_today(self):
        for policy in ("today", "planned"):
            self.customer = self._make_customer("Kim", phone=PHONE)
            contact = self._moved_back(policy)
            self.assertEqual(self._days(contact), ["2026-03-12"])
            self.assertEqual(self._days(contact, "date_deadline"), ["2026-03-12"])
            self.assertEqual(self._days(contact, "date_nominal"), ["2026-03-08"])
            self.assertFalse(contact.is_agreed)

    def test_or_keeps_its_date_or_is_left_out(self):
        contact = self._moved_back("keep")
        self.assertEqual((self._days(contact), contact.state), (["2026-03-08"], "planned"))
        self.customer = self._make_customer("Kim", phone=PHONE)
        contact = self._moved_back("skip")
        self.assertEqual((contact.state, contact.close_code), ("not_applicable", "passed"))
        self.assertFalse(contact.timeliness)

    def test_what_was_late_before_stays_missed(self):
        plan = self._make_cadence({"offset_count": 1}, past_policy="skip")
        enrollment = self._enroll_on(plan, "2026-03-02")
        contact = enrollment.followup_ids
        with freeze_time("2026-03-12 10:00"):
            enrollment.date_anchor = datetime(2026, 3, 1, 12)
        self.assertEqual((contact.state, contact.close_code), ("missed", "changed"))

    def test_a_date_somebody_chose_stays(self):
        plan = self._make_cadence({"offset_count": 5})
        enrollment = self._enroll_on(plan, "2026-03-02")
        contact = enrollment.followup_ids
        contact.with_user(contact.user_id).date_planned = datetime(2026, 3, 20, 9)
        self.assertTrue(contact.is_agreed)
        with freeze_time("2026-03-06 10:00"):
            enrollment.date_anchor = datetime(2026, 3, 10, 12)
        self.assertEqual(self._days(contact), ["2026-03-20"])

    def test_without_a_start_nothing_is_left_to_do(self):
        plan = self._make_cadence(*({"offset_count": count} for count in (1, 3, 5, 7)))
        enrollment = self._enroll_on(plan, "2026-03-02")
        done, *pending = enrollment.followup_ids.sorted("date_planned")
        self._reach_on(done, "2026-03-03")
        enrollment.write({"date_anchor": False, "date_target": False})
        self.assertEqual((enrollment.state, enrollment.stop_code), ("stopped", "anchor_removed"))
        self.assertEqual(done.state, "done")
        self.assertEqual({contact.state for contact in pending}, {"cancelled"})
        with self.assertRaisesRegex(UserError, "has ended: enroll the customer anew"):
            enrollment.date_anchor = datetime(2026, 3, 10)

    def test_a_record_takes_its_customers_along(self):
        deal = self.env["res.users"].create({"name": "Deal", "login": "cf_deal"})
        rule = self.env["customer.followup.rule"].create(
            {
                "name": "Deals",
                "model_name": "res.users",
                "domain": "[('login', '=', 'cf_deal')]",
                "anchor_path": "create_date",
                "plan_id": self.plan.id,
                "active": True,
                "scope": "all",
            }
        )
        with freeze_time("2026-03-02 10:00"):
            rule.action_run()
        enrollment = self.env["customer.followup.enrollment"].search([("rule_id", "=", rule.id)])
        self._write_date(deal, "2026-03-05 08:00:00")
        with freeze_time("2026-03-06 10:00"):
            rule._enroll_safely(is_full=True)
        self.assertEqual(enrollment.date_anchor, datetime(2026, 3, 5, 8))
        with freeze_time("2026-03-06 11:00"):
            self.assertFalse(rule._follow_dates(), "Nothing has changed since.")
        deal.unlink()
        rule._enroll_safely(is_full=True)
        self.assertEqual((enrollment.state, enrollment.stop_code), ("stopped", "anchor_removed"))

    def _write_date(self, record, moment):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_users SET create_date = %s WHERE id = %s", [moment, record.id]
        )
        record.invalidate_recordset()


@tagged("post_install", "-at_install")
class TestPause(FollowupCommon):
    """A pause puts off, or is caught up with; what the law requires knows no pause."""

    def _paused(self, *steps, start="2026-03-02", pause="2026-03-05", **vals):
        plan = self._make_cadence(*steps)
        enrollment = self._enroll_on(plan, start)
        with freeze_time(f"{pause} 10:00"):
            enrollment._pause(**vals)
        return enrollment

    def _resume_on(self, enrollment, day):
        with freeze_time(f"{day} 10:00"):
            enrollment.action_resume()
        self._plan_on(day, 11)

    def test_everything_comes_later_by_the_length_of_the_pause(self):
        enrollment = self._paused({"offset_count": 5}, {"offset_count": 18})
        contacts = enrollment.followup_ids
        self.assertTrue(all(contacts.mapped("is_paused")))
        with freeze_time("2026-03-12 10:00"):
            self.assertEqual(set(contacts.mapped("bucket")), {"waiting"})
            self.assertFalse(any(contacts.mapped("is_late")))
        self._plan_on("2026-03-12")
        self._resume_on(enrollment, "2026-03-15")
        self.assertEqual(self._days(contacts), ["2026-03-17", "2026-03-30"])
        self.assertFalse(any(contacts.mapped("is_paused")))
        self.assertEqual(enrollment.delay_days, 10)

    def test_contacts_not_planned_yet_come_later_too(self):
        enrollment = self._paused({"offset_count": 2, "offset_unit": "months"})
        self._resume_on(enrollment, "2026-03-15")
        self._plan_on("2026-04-20")
        self.assertEqual(self._days(enrollment.followup_ids), ["2026-05-12"])

    def test_what_waits_for_a_contact_is_put_off_as_well(self):
        every = {"every_count": 7, "every_unit": "days"}
        plan = self._make_cadence({"offset_count": 1, "repeat": "completion", **every})
        enrollment = self._enroll_on(plan, "2026-03-01")
        first = enrollment.followup_ids
        with freeze_time("2026-03-02 15:00"):
            first._record_outcome(self._ending("reached"))
            enrollment._pause()
        self._resume_on(enrollment, "2026-03-12")
        self.assertEqual(self._days(enrollment.followup_ids - first), ["2026-03-19"])

    def test_what_the_pause_covered_is_due_when_it_ends_one_of_each_series(self):
        daily = {"offset_count": 1, **DAILY, "end_count": 20}
        once = {"offset_count": 6}
        enrollment = self._paused(daily, once, mode="collapse")
        self._resume_on(enrollment, "2026-03-15")
        contacts = enrollment.followup_ids.sorted("date_nominal")
        series = contacts.filtered(lambda one: one.step_id.repeat != "none")
        with freeze_time("2026-03-15 12:00"):
            self.assertEqual((contacts - series).bucket, "today")
        missed = series.filtered(lambda one: one.state == "missed")
        self.assertEqual(set(missed.mapped("close_code")), {"paused"})
        self.assertEqual(len(missed), 9)
        due = series.filtered(
            lambda one: (
                one.state == "planned" and one.date_planned.date().isoformat() <= "2026-03-15"
            )
        )
        # Two were late before the pause; of the others one is due today.
        self.assertEqual(self._days(due), ["2026-03-03", "2026-03-04", "2026-03-15", "2026-03-15"])

    def test_what_was_late_before_stays_late_and_the_pause_is_told_apart(self):
        enrollment = self._paused({"offset_count": 0}, start="2026-03-01")
        self._resume_on(enrollment, "2026-03-15")
        contact = enrollment.followup_ids
        self.assertEqual(self._days(contact, "date_deadline"), ["2026-03-01"])
        with freeze_time("2026-03-16 00:00"):
            self.env.invalidate_all()
            self.assertEqual((contact.late_days, contact.late_days_unpaused), (14, 4))

    def test_what_the_law_requires_is_neither_put_off_nor_left_unplanned(self):
        law = {"name": "Law", "is_statutory": True}
        enrollment = self._paused(
            {**law, "offset_count": 18},
            {**law, "offset_count": 2, "offset_unit": "months"},
            {"name": "Other", "offset_count": 5},
        )
        first = enrollment.followup_ids.filtered(lambda one: one.name == "Law")
        self.assertFalse(first.is_paused)
        self._plan_on("2026-04-20")
        by_law = enrollment.followup_ids.filtered(lambda one: one.name == "Law")
        self.assertEqual(self._days(by_law), ["2026-03-20", "2026-05-02"])
        self._resume_on(enrollment, "2026-04-21")
        self.assertEqual(self._days(by_law), ["2026-03-20", "2026-05-02"])

    def test_the_dialog_says_that_the_law_knows_no_pause(self):
        plan = self._make_cadence({"is_statutory": True})
        enrollment = self._enroll_on(plan, "2026-03-02")
        action = enrollment.with_user(self.manager).action_pause()
        pause = self.env["customer.followup.pause"].with_user(self.manager)
        pause = pause.with_context(**action["context"]).create({"note": "He is abroad"})
        self.assertTrue(pause.is_statutory)
        pause.action_pause()
        self.assertEqual((enrollment.state, enrollment.pause_note), ("paused", "He is abroad"))

    def test_a_pause_may_end_by_itself(self):
        enrollment = self._paused({"offset_count": 5}, until=datetime(2026, 3, 9, 8))
        self._plan_on("2026-03-08")
        self.assertEqual(enrollment.state, "paused")
        self._plan_on("2026-03-09")
        self.assertEqual(enrollment.state, "active")
        self.assertEqual(self._days(enrollment.followup_ids), ["2026-03-11"])

    def test_one_that_cannot_go_on_holds_up_no_other(self):
        enrollment = self._paused({"offset_count": 5}, until=datetime(2026, 3, 9, 8))
        kim = self._make_customer("Kim", phone=PHONE)
        with freeze_time("2026-03-02 12:00"):
            second = enrollment.plan_id._enroll(kim)
        self._plan_on("2026-03-02", 13)
        with freeze_time("2026-03-05 10:00"):
            second._pause(until=datetime(2026, 3, 9, 8))
        # Behind our back: a pause that never began.
        self.env.cr.execute(
            "UPDATE customer_followup_enrollment SET date_paused = NULL WHERE id = %s",
            [enrollment.id],
        )
        self.env.invalidate_all()
        with self.assertLogs(planner.__name__, "WARNING"):
            self._plan_on("2026-03-09")
        self.assertEqual((enrollment.state, second.state), ("stuck", "active"))

    def test_what_does_not_run_is_not_paused(self):
        enrollment = self._paused({"offset_count": 5})
        with self.assertRaisesRegex(UserError, "Cadence: Li Na is not running"):
            enrollment._pause()
        with self.assertRaisesRegex(UserError, "ends in the future"):
            enrollment.action_resume()
            enrollment._pause(until=datetime(2020, 1, 1))
        with self.assertRaisesRegex(UserError, "is not paused"):
            enrollment.action_resume()

    def test_a_paused_contact_is_not_sent(self):
        mail = self.env["customer.channel"].search([("kind", "=", "email")], limit=1)
        enrollment = self._paused({"offset_count": 5, "channel_id": mail.id, "text": "Good day"})
        contact = enrollment.followup_ids
        with freeze_time("2026-03-08 10:00"):
            self.assertNotIn(contact, contact.search(contact._to_send_domain()))

    def test_agents_neither_pause_nor_stop(self):
        enrollment = self._enroll_on(self._make_cadence({"offset_count": 5}), "2026-03-02")
        theirs = enrollment.with_user(enrollment.user_id)
        self.assertTrue(theirs.has_access("read"))
        for way in (theirs.action_pause, theirs.action_ask_stop, theirs.action_stop, theirs._pause):
            with self.subTest(way=way.__name__), self.assertRaises(AccessError):
                way()
        enrollment._pause()
        with self.assertRaises(AccessError):
            theirs.action_resume()
        with self.assertRaises(AccessError):
            theirs.date_anchor = datetime(2026, 3, 10)
        self.assertEqual(enrollment.state, "paused")


@tagged("post_install", "-at_install")
class TestStop(FollowupCommon):
    """Why a plan stops, and what starting again means."""

    def test_a_stop_says_why(self):
        plan = self._make_cadence({"offset_count": 3}, {"offset_count": 9})
        enrollment = self._enroll_on(plan, "2026-03-10")
        stop = self.env["customer.followup.stop"].with_user(self.manager)
        action = enrollment.with_user(self.manager).action_ask_stop()
        stop = stop.with_context(**action["context"]).create(
            {"code": "goal_reached", "note": "He bought one"}
        )
        stop.action_stop()
        self.assertEqual(enrollment.state, "stopped")
        self.assertEqual(
            (enrollment.stop_code, enrollment.stop_note), ("goal_reached", "He bought one")
        )
        self.assertEqual(set(enrollment.followup_ids.mapped("state")), {"cancelled"})

    def test_re_enrolling_follows_the_plans_policy(self):
        for policy, refused in (
            ("record", "is on the plan"),
            ("single", "is on the plan"),
            ("never", "is on twice"),
        ):
            with self.subTest(policy=policy):
                plan = self._make_cadence({"offset_count": 3}, reenrollment=policy)
                first = plan._enroll(self.customer)
                with self.assertRaisesRegex(UserError, refused), self.env.cr.savepoint():
                    plan._enroll(self.customer)
                first.action_stop()
                if policy == "never":
                    with self.assertRaisesRegex(UserError, refused), self.env.cr.savepoint():
                        plan._enroll(self.customer)
                else:
                    self.assertTrue(plan._enroll(self.customer))

    def test_a_new_start_stops_the_one_before(self):
        plan = self._make_cadence({"offset_count": 3}, reenrollment="restart")
        first = self._enroll_on(plan, "2026-03-02")
        second = self._enroll_on(plan, "2026-03-04")
        self.assertEqual((first.state, first.stop_code), ("stopped", "restarted"))
        self.assertEqual(first.followup_ids.state, "cancelled")
        self.assertEqual(self._days(second.followup_ids), ["2026-03-07"])


@tagged("post_install", "-at_install")
class TestVersion(FollowupCommon):
    """Who is on a plan keeps what it said when he came, until somebody moves him."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cadence = cls._make_cadence(
            {"name": "Call", "offset_count": 3},
            {"name": "Again", "offset_count": 7},
            {"name": "Thanks", "anchor": "previous", "offset_count": 1},
        )

    def _new_version(self, **days):
        """Put a version in force in which the named steps come so many days after the start."""
        self.cadence.action_new_version()
        for step in self.cadence.step_ids:
            if step.name in days:
                step.offset_count = days[step.name]
        self.cadence.action_use_version()

    def test_a_version_nobody_is_on_can_be_changed(self):
        self.cadence.step_ids[0].offset_count = 4
        self.assertEqual(self.cadence.version_id.number, 1)

    def test_a_used_version_keeps_its_dates_and_may_correct_its_words(self):
        self._enroll_on(self.cadence, "2026-03-02")
        step = self.cadence.step_ids[0]
        step.text = "Good day"
        for way in (
            lambda: step.write({"offset_count": 4}),
            lambda: step.unlink(),
            lambda: step.copy(),
            lambda: self.cadence.write({"step_ids": [fields.Command.delete(step.id)]}),
        ):
            with self.assertRaisesRegex(UserError, "Cadence: customers are on Version 1 already"):
                way()

    def test_rows_of_a_table_are_kept_too(self):
        row = {"month_from": "1", "month_to": "12", "every_count": 7}
        plan = self._make_cadence(
            {"repeat": "season", "interval_ids": [fields.Command.create(row)]}
        )
        self._enroll_on(plan, "2026-03-02")
        intervals = plan.step_ids.interval_ids
        for way in (
            lambda: intervals.write({"every_count": 8}),
            intervals.unlink,
            lambda: intervals.copy(),
        ):
            with self.assertRaisesRegex(UserError, "already"):
                way()

    def test_customers_keep_their_version(self):
        old = self._enroll_on(self.cadence, "2026-03-02")
        self._new_version(Again=14)
        self.assertEqual(
            self.cadence.version_ids.sorted("number").mapped("state"), ["replaced", "running"]
        )
        self.assertEqual(self.cadence.outdated_count, 1)
        other = self._make_customer("Kim", phone=PHONE)
        with freeze_time("2026-03-02 14:00"):
            new = self.cadence._enroll(other)
        self._plan_on("2026-03-03")
        self.assertEqual(old.version_id.number, 1)
        self.assertEqual(new.version_id.number, 2)
        self.assertEqual(self._days(old.followup_ids), ["2026-03-05", "2026-03-09"])
        self.assertEqual(self._days(new.followup_ids), ["2026-03-05", "2026-03-16"])

    def test_a_draft_changes_nothing_until_it_is_used(self):
        self._enroll_on(self.cadence, "2026-03-02")
        self.cadence.action_new_version()
        steps = self.cadence.step_ids
        self.assertEqual(self.cadence.draft_version_id.number, 2)
        self.assertEqual(steps.sorted("sequence")[-1:]._before(), steps.sorted("sequence")[1])
        kim = self._make_customer("Kim")
        self.assertEqual(self.cadence._enroll(kim).version_id.number, 1)
        with self.assertRaisesRegex(UserError, "has a draft already"):
            self.cadence.action_new_version()
        self.cadence.action_discard_version()
        self.assertFalse(steps.exists())
        self.assertEqual(self.cadence.step_ids, self.cadence.version_id.step_ids)
        self.assertEqual(len(self.cadence.step_ids), 3)

    def test_moving_to_the_new_version_moves_what_is_pending_and_no_more(self):
        enrollment = self._enroll_on(self.cadence, "2026-03-02")
        call, again = enrollment.followup_ids.sorted("date_planned")
        self._reach_on(call, "2026-03-05")
        self._new_version(Call=1, Again=14)
        with freeze_time("2026-03-06 10:00"):
            self.assertEqual(self.cadence.with_user(self.manager)._move_to_version(), enrollment)
        self._plan_on("2026-03-06", 11)
        self.assertEqual(enrollment.version_id.number, 2)
        self.assertEqual(self.cadence.outdated_count, 0)
        self.assertEqual(self._days(call), ["2026-03-05"])
        self.assertEqual(self._days(again), ["2026-03-16"])
        self.assertEqual(len(enrollment.followup_ids), 2, "The first step was done already.")

    def test_a_step_the_new_version_has_not_is_dropped_and_a_new_one_comes(self):
        enrollment = self._enroll_on(self.cadence, "2026-03-02")
        self.cadence.action_new_version()
        steps = self.cadence.step_ids.sorted("sequence")
        steps[2].unlink()
        steps[1].unlink()
        extra = {"name": "Extra", "offset_count": 9, "channel_id": self.phone.id}
        self.cadence.step_ids = [fields.Command.create(extra)]
        self.cadence.action_use_version()
        with freeze_time("2026-03-03 10:00"):
            self.cadence._move_to_version()
        self._plan_on("2026-03-03", 11)
        found = {
            one.name: (self._days(one)[0], one.state, one.close_code)
            for one in enrollment.followup_ids
        }
        self.assertEqual(
            found,
            {
                "Call": ("2026-03-05", "planned", False),
                "Again": ("2026-03-09", "cancelled", "changed"),
                "Extra": ("2026-03-11", "planned", False),
            },
        )

    def test_only_managers_make_and_use_versions(self):
        self._enroll_on(self.cadence, "2026-03-02")
        for user in (self.agent, self.leader, self.auditor):
            theirs = self.cadence.with_user(user)
            for way in (
                theirs.action_run,
                theirs.action_new_version,
                theirs.action_use_version,
                theirs.action_move_to_version,
            ):
                with (
                    self.subTest(user=user.login, way=way.__name__),
                    self.assertRaises(AccessError),
                ):
                    way()
        self.assertEqual(self.cadence.version_id.number, 1)

    def test_a_copy_of_a_plan_starts_with_its_own_first_version(self):
        copy = self.cadence.copy()
        self.assertEqual((copy.state, len(copy.step_ids)), ("draft", 3))
        self.assertEqual(copy.version_ids.number, 1)
        self.assertEqual(copy.step_ids[2]._before(), copy.step_ids[1])
        copy.action_run()
        self.assertEqual(copy.version_id, copy.version_ids)
        copy.unlink()
        self.assertFalse(copy.exists())


@tagged("post_install", "-at_install")
class TestReviewed(FollowupCommon):
    """What once went wrong in unusual order."""

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

    def test_a_policy_that_changes_holds_up_nobody(self):
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

    def test_moving_to_a_version_keeps_how_he_is_reached(self):
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

    def test_moving_many_takes_few_questions_to_the_gate(self):
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
