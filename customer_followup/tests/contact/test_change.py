from datetime import datetime

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

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

    def test_an_agreed_date_stays(self):
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
            rule._follow_dates()
        self.assertEqual(enrollment.date_anchor, datetime(2026, 3, 5, 8))
        with freeze_time("2026-03-06 11:00"):
            self.assertFalse(rule._follow_dates(), "Nothing has changed since.")
        deal.unlink()
        rule._follow_dates()
        self.assertEqual((enrollment.state, enrollment.stop_code), ("stopped", "anchor_removed"))

    def _write_date(self, record, moment):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_users SET create_date = %s WHERE id = %s", [moment, record.id]
        )
        record.invalidate_recordset()


@tagged("post_install", "-at_install")
class TestPause(FollowupCommon):
    """A pause postpones contacts or makes them up; statutory contacts are not paused."""

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

    def test_overdue_contacts_stay_overdue_and_the_pause_is_shown(self):
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
        pause = pause.with_context(**action["context"]).create({"note": "Travels abroad"})
        self.assertTrue(pause.is_statutory)
        pause.action_pause()
        self.assertEqual((enrollment.state, enrollment.pause_note), ("paused", "Travels abroad"))

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
        enrollment = self._paused({"offset_count": 5, "channel_id": mail.id, "message": "Good day"})
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
            {"code": "goal_reached", "note": "Bought a car"}
        )
        stop.action_stop()
        self.assertEqual(enrollment.state, "stopped")
        self.assertEqual(
            (enrollment.stop_code, enrollment.stop_note), ("goal_reached", "Bought a car")
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
