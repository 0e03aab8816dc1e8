from datetime import datetime

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from ..common import PHONE, FollowupCommon

WEEKLY = {"repeat": "interval", "every_count": 1, "every_unit": "weeks"}


@tagged("post_install", "-at_install")
class TestCadence(FollowupCommon):
    """Steps of every kind, from the form to the planned contacts."""

    def test_a_car_dealers_schedule(self):
        plan = self._make_cadence(
            {"name": "Sales 1", "offset_count": 3, "early_count": 3},
            {"name": "Sales 2", "offset_count": 7},
            {"name": "Club 1", "offset_count": 5},
            {"name": "Station 2", "offset_count": 2, "offset_unit": "months"},
            {"name": "Renewal", "offset_count": 9, "offset_unit": "months"},
        )
        enrollment = self._enroll_on(plan, "2026-01-30")
        self.assertEqual(
            self._days(enrollment.followup_ids, "date_deadline"),
            ["2026-02-02", "2026-02-04", "2026-02-06"],
        )
        first = enrollment.followup_ids.filtered(lambda one: one.name == "Sales 1")
        self.assertEqual(first.date_planned.day, 30)
        self._plan_on("2026-10-05")
        self.assertEqual(self._days(enrollment.followup_ids)[-2:], ["2026-03-30", "2026-10-30"])

    def test_hours_are_elapsed_time_and_days_are_the_customers(self):
        plan = self._make_cadence(
            {"name": "Gauze", "offset_count": 30, "offset_unit": "minutes"},
            {"name": "Brushing", "offset_count": 24, "offset_unit": "hours"},
            {"name": "Sutures", "offset_count": 5, "late_count": 2},
            {
                "name": "Restoration",
                "offset_count": 2,
                "offset_unit": "months",
                "late_count": 1,
                "late_unit": "months",
            },
        )
        self.customer.customer_tz = "Asia/Shanghai"
        with freeze_time("2025-11-30 08:00"):
            enrollment = plan._enroll(self.customer, datetime(2025, 11, 30, 7, 40))
        self._plan_on("2026-01-20")
        found = {one.name: one for one in enrollment.followup_ids}
        self.assertEqual(found["Gauze"].date_original, datetime(2025, 11, 30, 8, 10))
        self.assertEqual(found["Brushing"].date_original, datetime(2025, 12, 1, 7, 40))
        self.assertEqual(str(found["Sutures"].date_planned), "2025-12-05 01:00:00")
        self.assertEqual(str(found["Sutures"].date_deadline), "2025-12-07 15:59:59")
        self.assertEqual(str(found["Restoration"].date_planned), "2026-01-30 01:00:00")
        self.assertEqual(str(found["Restoration"].date_deadline), "2026-02-28 15:59:59")

    def test_a_condition_that_does_not_hold_leaves_the_contact_out(self):
        tag = self.env["res.partner.category"].create({"name": "Sutured"})
        plan = self._make_cadence(
            {
                "name": "Sutures",
                "offset_count": 5,
                "condition": f"[('category_id', 'in', {tag.ids})]",
            },
            {"name": "Recheck", "offset_count": 6},
        )
        enrollment = self._enroll_on(plan, "2025-11-30")
        # Whether it holds is asked on the day.
        self.assertEqual(enrollment.followup_ids.mapped("name"), ["Recheck"])
        self._plan_on("2025-12-05")
        contact = enrollment.followup_ids.filtered(lambda one: one.name == "Sutures")
        self.assertEqual((contact.state, contact.close_code), ("not_applicable", "condition"))
        self.customer.category_id = tag
        enrollment.action_stop()
        again = self._enroll_on(plan, "2025-11-30")
        self._plan_on("2025-12-05")
        self.assertEqual(again.followup_ids.sorted("name")[-1:].state, "planned")

    def test_conditions_ask_the_record_that_enrolled(self):
        record = self.env["res.users"].create({"name": "Deal", "login": "cf_deal"})
        plan = self._make_cadence(
            {"name": "If", "condition": "[('login', '=', 'cf_deal')]"},
            {"name": "If not", "condition": "[('login', '=', 'other')]"},
            model_name="res.users",
        )
        source = {"res_model": "res.users", "res_id": record.id}
        enrollment = self._enroll_on(plan, "2026-03-02", **source)
        states = dict(zip(*map(enrollment.followup_ids.mapped, ("name", "state")), strict=True))
        self.assertEqual(states, {"If": "planned", "If not": "not_applicable"})
        # Without a record there is nothing to ask: the contacts are made.
        by_hand = self._make_customer("Kim", phone=PHONE)
        with freeze_time("2026-03-02 12:00"):
            other = plan._enroll(by_hand)
        self._plan_on("2026-03-02", 13)
        self.assertEqual(other.followup_ids.mapped("state"), ["planned", "planned"])

    def test_a_series_runs_until_what_it_waits_for_has_come(self):
        tag = self.env["res.partner.category"].create({"name": "Insured and plated"})
        stop = f"[('category_id', 'in', {tag.ids})]"
        plan = self._make_cadence({"offset_count": 7, **WEEKLY, "stop_condition": stop})
        enrollment = self._enroll_on(plan, "2026-03-02")
        self._plan_on("2026-03-09")
        self._plan_on("2026-03-16")
        self.assertEqual(self._days(enrollment.followup_ids), ["2026-03-09", "2026-03-16"])
        self.customer.category_id = tag
        for day in ("2026-03-23", "2026-04-20"):
            self._plan_on(day)
        self.assertEqual(len(enrollment.followup_ids), 2)
        self.assertTrue(enrollment.is_planned_out)

    def test_weekly_until_the_target_then_monthly_after_it(self):
        plan = self._make_cadence(
            {"name": "Weekly", "offset_count": 7, **WEEKLY, "is_ending_at_target": True},
            {
                "name": "Monthly",
                "anchor": "target",
                "offset_count": 1,
                "offset_unit": "months",
                "repeat": "interval",
                "every_unit": "months",
                "is_month_end": True,
            },
        )
        enrollment = self._enroll_on(plan, "2026-03-02", date_target="2026-03-25 12:00:00")
        weekly = enrollment.followup_ids.filtered(lambda one: one.name == "Weekly")
        self.assertEqual(self._days(weekly), ["2026-03-09", "2026-03-16", "2026-03-23"])
        self._plan_on("2026-04-20")
        self.assertEqual(self._days(enrollment.followup_ids - weekly), ["2026-04-25"])

    def test_steps_before_a_target_wait_for_it(self):
        plan = self._make_cadence(
            {"anchor": "target", "offset_count": -30},
            {"anchor": "target", "offset_count": -7},
        )
        enrollment = self._enroll_on(plan, "2026-03-02")
        self.assertFalse(enrollment.followup_ids)
        self.assertEqual(enrollment.state, "active")
        with freeze_time("2026-03-03 10:00"):
            enrollment.date_target = "2026-04-15 12:00:00"
        self._plan_on("2026-03-20")
        self.assertEqual(self._days(enrollment.followup_ids), ["2026-03-16", "2026-04-08"])

    def test_after_completion_counts_from_the_actual_contact(self):
        every = {"every_count": 7, "every_unit": "days"}
        plan = self._make_cadence({"offset_count": 7, "repeat": "completion", **every})
        enrollment = self._enroll_on(plan, "2026-03-01")
        first = enrollment.followup_ids
        self.assertEqual(self._days(first), ["2026-03-08"])
        self._reach_on(first, "2026-03-11")
        self.assertEqual(self._days(enrollment.followup_ids - first), ["2026-03-18"])
        self._plan_on("2026-03-20")
        self.assertEqual(len(enrollment.followup_ids), 2)

    def test_a_step_may_wait_for_another(self):
        plan = self._make_cadence(
            {"name": "Visit", "offset_count": 2},
            {"name": "Thanks", "anchor": "previous", "offset_count": 1},
        )
        enrollment = self._enroll_on(plan, "2026-03-02")
        visit = enrollment.followup_ids
        self.assertEqual(visit.name, "Visit")
        self.assertFalse(enrollment.is_planned_out)
        self._reach_on(visit, "2026-03-09")
        thanks = enrollment.followup_ids - visit
        self.assertEqual((thanks.name, self._days(thanks)), ("Thanks", ["2026-03-10"]))
        self._reach_on(thanks, "2026-03-10")
        self.assertEqual(enrollment.state, "done")

    def _intent(self, **vals):
        rows = ((3, "days", 1), (7, "days", 3), (15, "days", 5), (1, "months", 7))
        bands = [
            Command.create({"limit_count": limit, "limit_unit": unit, "every_count": every})
            for limit, unit, every in rows
        ]
        return self._make_cadence({"repeat": "remaining", "interval_ids": bands, **vals})

    def test_the_nearer_the_purchase_the_more_often(self):
        enrollment = self._enroll_on(
            self._intent(), "2026-03-05", date_target="2026-03-20 12:00:00"
        )
        for day in ("2026-03-10", "2026-03-15", "2026-03-18", "2026-03-19", "2026-03-20"):
            contact = enrollment.followup_ids.filtered(lambda one: one.state == "planned")
            self.assertEqual(self._days(contact), [day])
            self._reach_on(contact, day)
        last = enrollment.followup_ids.filtered(lambda one: one.state == "planned")
        self.assertEqual((self._days(last), last.moved_reason), (["2026-03-23"], "target"))
        self._reach_on(last, "2026-03-23")
        self.assertEqual(enrollment.state, "done")

    def test_a_later_intended_date_moves_the_next_contact(self):
        enrollment = self._enroll_on(
            self._intent(), "2026-03-15", date_target="2026-03-20 12:00:00"
        )
        self._reach_on(enrollment.followup_ids, "2026-03-18")
        contact = enrollment.followup_ids.filtered(lambda one: one.state == "planned")
        self.assertEqual(self._days(contact), ["2026-03-19"])
        with freeze_time("2026-03-18 17:00"):
            enrollment.date_target = "2026-04-02 12:00:00"
        self.assertEqual(self._days(contact), ["2026-03-23"])

    def test_far_from_the_purchase_the_enrollment_is_listed_as_idle(self):
        enrollment = self._enroll_on(
            self._intent(), "2026-03-05", date_target="2026-06-01 12:00:00"
        )
        self.assertFalse(enrollment.followup_ids)
        rows = self.env["customer.followup.enrollment"]
        idle = [("is_idle", "=", True), ("id", "=", enrollment.id)]
        for day, is_listed in (("2026-04-03", False), ("2026-04-05", True)):
            with freeze_time(f"{day} 10:00"):
                self.env.invalidate_all()
                self.assertEqual(bool(rows.search(idle)), is_listed)
                self.assertEqual(enrollment.is_idle, is_listed)
        # A month before, the widest row of the table holds, and the planner comes back.
        self.assertEqual(self._days(enrollment, "date_next"), ["2026-05-01"])
        self._plan_on("2026-05-01", 12)
        self.assertEqual(len(enrollment.followup_ids), 1)

    def test_seasons_set_the_pace(self):
        seasons = [
            Command.create({"month_from": "4", "month_to": "10", "every_count": 7}),
            Command.create({"month_from": "11", "month_to": "3", "every_count": 15}),
        ]
        plan = self._make_cadence({"repeat": "season", "interval_ids": seasons})
        enrollment = self._enroll_on(plan, "2026-10-28")
        contact = enrollment.followup_ids
        self.assertEqual(self._days(contact), ["2026-11-04"])
        self._reach_on(contact, "2026-11-04")
        self.assertEqual(self._days(enrollment.followup_ids - contact), ["2026-11-19"])

    def test_an_unplanned_contact_counts_for_one_of_its_period(self):
        plan = self._make_cadence({"repeat": "period", "times": 2, "period": "months"})
        enrollment = self._enroll_on(plan, "2026-03-01")
        self._plan_on("2026-03-02")
        slots = enrollment.followup_ids.filtered(lambda one: one.date_planned.month == 3)
        self.assertEqual(self._days(slots), ["2026-03-01", "2026-03-16"])
        first, second = slots.sorted("date_planned")
        self._reach_on(first, "2026-03-02")
        self.assertEqual(second.state, "planned")
        extra = self._make_followup(date_planned="2026-03-05", date_deadline="2026-03-05")
        self._reach_on(extra, "2026-03-05")
        self.assertEqual((second.state, second.close_code), ("not_applicable", "satisfied"))
        # April asks for two of its own.
        self._plan_on("2026-04-20")
        april = enrollment.followup_ids.filtered(lambda one: one.date_planned.month == 4)
        self.assertEqual(april.mapped("state"), ["planned", "planned"])

    def test_a_contact_made_before_the_planner_comes_counts_too(self):
        extra = self._make_followup(date_planned="2026-03-05", date_deadline="2026-03-05")
        self._reach_on(extra, "2026-03-05")
        plan = self._make_cadence({"repeat": "period", "times": 2, "period": "months"})
        with freeze_time("2026-03-06 10:00"):
            enrollment = plan._enroll(self.customer, datetime(2026, 3, 1, 12))
        self._plan_on("2026-03-06", 11)
        march = enrollment.followup_ids.filtered(lambda one: one.date_planned.month == 3)
        self.assertEqual(march.mapped("state").count("not_applicable"), 1)

    def test_a_visit_is_not_made_good_by_a_call(self):
        visit = self.env["customer.channel"].search([("kind", "=", "visit")], limit=1)
        plan = self._make_cadence(
            {"repeat": "period", "times": 1, "period": "years", "channel_id": visit.id}
        )
        enrollment = self._enroll_on(plan, "2026-01-01")
        call = self._make_followup(date_planned="2026-01-05", date_deadline="2026-01-05")
        self._reach_on(call, "2026-01-05")
        self.assertEqual(enrollment.followup_ids.state, "planned")

    def test_every_role_is_contacted(self):
        chief, clerk = self.env["res.partner.category"].create(
            [{"name": "Chief"}, {"name": "Clerk"}]
        )
        boss = self._make_customer(
            "Boss", parent_id=self.customer.id, phone=PHONE, category_id=[Command.link(chief.id)]
        )
        plan = self._make_cadence({"role_ids": [Command.set((chief | clerk).ids)]})
        contacts = self._enroll_on(plan, "2026-03-02").followup_ids
        people = {contact.role_id: contact.partner_id for contact in contacts}
        self.assertEqual(people, {chief: boss, clerk: self.customer})

    def test_another_channel_where_the_first_does_not_work(self):
        mail = self.env["customer.channel"].search([("kind", "=", "email")], limit=1)
        plan = self._make_cadence({"alternative_ids": [Command.link(mail.id)]})
        silent = self._make_customer("Kim", email="kim@example.com")
        unreachable = self._make_customer("Unreachable")
        fond = self._make_customer(
            "Fond", phone=PHONE, email="fond@example.com", customer_channel_id=mail.id
        )
        with freeze_time("2026-03-02 10:00"):
            rows = plan._enroll(silent | unreachable | fond | self.customer)
        self._plan_on("2026-03-02", 11)
        channels = [row.followup_ids.channel_id for row in rows]
        self.assertEqual(channels, [mail, self.phone, mail, self.phone])
        self.assertEqual(
            (rows[1].followup_ids.state, rows[1].followup_ids.close_code),
            ("withheld", "no_phone"),
        )

    def test_stars_of_the_step_and_of_the_tier_count_together(self):
        plan = self._make_cadence({"priority": "2"})
        self.assertEqual(self._enroll_on(plan, "2026-03-02").followup_ids.priority, "2")

    def test_days_off_are_the_teams(self):
        self._close("2026-02-15", "2026-02-23")
        makeup = {"name": "Make-up", "kind": "workday"}
        self.env["customer.workday"].create(
            {**makeup, "date_from": "2026-02-14", "date_to": "2026-02-14"}
        )
        plan = self._make_cadence(
            {"name": "Next", "workday_policy": "next"},
            {"name": "Previous", "workday_policy": "previous"},
            {"name": "None"},
        )
        contacts = self._enroll_on(plan, "2026-02-15").followup_ids
        found = {one.name: (self._days(one)[0], one.moved_reason) for one in contacts}
        self.assertEqual(
            found,
            {
                "Next": ("2026-02-24", "holiday"),
                "Previous": ("2026-02-14", "holiday"),
                "None": ("2026-02-15", False),
            },
        )

    def _close(self, first, last, **vals):
        self.env["customer.workday"].create(
            {"name": "Festival", "date_from": first, "date_to": last, **vals}
        )

    def test_a_latest_day_is_kept_even_over_days_off(self):
        self._close("2026-02-15", "2026-02-23")
        makeup = {"name": "Make-up", "kind": "workday"}
        self.env["customer.workday"].create(
            {**makeup, "date_from": "2026-02-14", "date_to": "2026-02-14"}
        )
        plan = self._make_cadence({"offset_count": 3, "early_count": 3, "workday_policy": "next"})
        contact = self._enroll_on(plan, "2026-02-13").followup_ids
        self.assertEqual(self._days(contact, "date_deadline"), ["2026-02-14"])
        self.assertEqual(contact.moved_reason, "window")
