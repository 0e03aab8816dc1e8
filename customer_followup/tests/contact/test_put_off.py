from datetime import datetime

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from ..common import FollowupCommon


@tagged("post_install", "-at_install")
class TestPutOff(FollowupCommon):
    """A contact that the gate puts off keeps its window, and says truly whether it was late."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mail = cls.env["customer.channel"].search([("kind", "=", "email")], limit=1)

    def _hold(self, date_from, date_to):
        self.env["customer.contact.hold"].create(
            {
                "partner_id": self.customer.id,
                "reason": "In mourning",
                "date_from": date_from,
                "date_to": date_to,
            }
        )

    def _dates(self, contact):
        return [str(contact[name])[:16] for name in ("date_planned", "date_deadline", "date_due")]

    def _hours(self, plan, *spans):
        plan.window_ids = [Command.create({"hour_from": a, "hour_to": b}) for a, b in spans]

    def test_by_the_days_of_the_plan_it_is_due_on_the_day_it_may_be_made(self):
        plan = self._make_cadence({"offset_count": 1}, is_workdays_only=True)
        with freeze_time("2026-03-06 17:00"):
            row = plan._enroll(self.customer)
            self._run_cron("ir_cron_plan")
        contact = row.followup_ids
        self.assertEqual(
            self._dates(contact), ["2026-03-09 08:00", "2026-03-09 23:59", "2026-03-09 23:59"]
        )
        self._reach_on(contact, "2026-03-09")
        self.assertEqual(contact.timeliness, "on_time")

    def test_by_the_hours_of_the_plan_it_is_due_on_the_day_it_may_be_made(self):
        plan = self._make_cadence({"offset_count": 1, "late_count": 2}, is_workdays_only=True)
        self._hours(plan, (10.5, 11.5), (15, 18))
        # From Saturday to Monday: it is still open on Monday.
        with freeze_time("2026-03-06 17:00"):
            row = plan._enroll(self.customer)
            self._run_cron("ir_cron_plan")
        self.assertEqual(
            self._dates(row.followup_ids),
            ["2026-03-09 10:30", "2026-03-09 23:59", "2026-03-09 23:59"],
        )

    def test_a_window_that_is_over_moves_as_a_whole_and_stays_due_as_before(self):
        self._hold("2026-03-01 00:00:00", "2026-03-20 10:00:00")
        plan = self._make_cadence({"offset_count": 1, "late_count": 2})
        contact = self._enroll_on(plan, "2026-03-02").followup_ids
        self.assertEqual(
            self._dates(contact), ["2026-03-20 10:00", "2026-03-22 23:59", "2026-03-05 23:59"]
        )

    def test_what_is_put_off_when_it_moves_keeps_its_window_as_well(self):
        plan = self._make_cadence({"offset_count": 20}, is_workdays_only=True)
        row = self._enroll_on(plan, "2026-03-02")
        with freeze_time("2026-03-03 10:00"):
            # Day 20 is Saturday, 28 March.
            row.date_anchor = datetime(2026, 3, 8, 12)
        self.assertEqual(
            self._dates(row.followup_ids),
            ["2026-03-30 08:00", "2026-03-30 23:59", "2026-03-30 23:59"],
        )

    def test_messages_of_minutes_and_hours_do_not_come_the_next_morning(self):
        plan = self._make_cadence(
            {"name": "Gauze", "offset_count": 30, "offset_unit": "minutes"},
            {"name": "Food", "offset_count": 2, "offset_unit": "hours"},
            {"name": "A day", "offset_count": 24, "offset_unit": "hours"},
            {
                "name": "Call",
                "offset_count": 2,
                "offset_unit": "hours",
                "channel_id": self.phone.id,
            },
        )
        self.assertEqual(
            [(step.is_expiring, step.expire_days) for step in plan.step_ids],
            [(False, 0)] * 4,
        )
        plan.step_ids[:3].write({"channel_id": self.mail.id, "message": "<p>Please</p>"})
        self.assertEqual(
            [(step.is_expiring, step.expire_days) for step in plan.step_ids],
            [(True, 0), (True, 0), (True, 1), (False, 0)],
        )
        with freeze_time("2026-12-01 20:55"):
            row = plan._enroll(self.customer)
            self._run_cron("ir_cron_plan")
        found = {
            contact.name: (contact.state, contact.close_code, self._dates(contact)[0])
            for contact in row.followup_ids
        }
        self.assertEqual(
            found,
            {
                "Gauze": ("withheld", "hours", "2026-12-01 21:25"),
                "Food": ("withheld", "hours", "2026-12-01 22:55"),
                "A day": ("planned", False, "2026-12-02 20:55"),
                "Call": ("planned", False, "2026-12-02 08:00"),
            },
        )

    def test_a_message_that_expires_may_be_kept_for_longer(self):
        plan = self._make_cadence({"offset_count": 30, "offset_unit": "minutes"})
        step = plan.step_ids
        step.write({"channel_id": self.mail.id, "message": "<p>x</p>"})
        step.is_expiring = False
        with freeze_time("2026-12-01 20:55"):
            row = plan._enroll(self.customer)
            self._run_cron("ir_cron_plan")
        self.assertEqual(
            self._dates(row.followup_ids),
            ["2026-12-02 08:00", "2026-12-02 23:59", "2026-12-02 23:59"],
        )

    def test_a_reminder_before_the_target_does_not_come_near_the_next(self):
        self._hold("2026-03-01 00:00:00", "2026-04-10 10:00:00")
        mail = {"channel_id": self.mail.id, "message": "<p>x</p>", "anchor": "target"}
        plan = self._make_cadence(
            {**mail, "name": "60 days", "offset_count": -60},
            {**mail, "name": "30 days", "offset_count": -30},
        )
        self.assertEqual(plan.step_ids.mapped("expire_days"), [15, 7])
        with freeze_time("2026-03-02 10:00"):
            row = plan._enroll(self.customer, date_target=datetime(2026, 5, 8, 12))
        # 60 days before is 9 March, 30 days before is 8 April.
        self._plan_on("2026-03-02", 11)
        self._plan_on("2026-03-20", 11)
        found = {one.name: (one.state, one.close_code) for one in row.followup_ids}
        self.assertEqual(found, {"60 days": ("withheld", "hold"), "30 days": ("planned", False)})

    def test_a_survey_within_48_hours_does_not_come_after_20_days(self):
        survey = self.env.ref("customer_followup.customer_purpose_survey")
        self._make_followup(
            purpose_id=survey.id,
            date_planned="2026-11-20 10:00:00",
            date_deadline="2026-11-20 20:00:00",
        )
        template = self.env.ref("customer_followup.customer_followup_plan_gallery_survey_resolved")
        plan = template.copy({"is_template": False, "team_id": self.team.id})
        plan.action_run()
        with freeze_time("2026-12-01 10:00"):
            row = plan._enroll(self.customer)
            self._run_cron("ir_cron_plan")
        contact = row.followup_ids
        self.assertEqual((contact.state, contact.close_code), ("withheld", "budget"))

    def test_a_hold_makes_a_message_expire_when_it_is_sent(self):
        plan = self._make_cadence(
            {
                "channel_id": self.mail.id,
                "message": "<p>x</p>",
                "is_expiring": True,
                "offset_count": 1,
            }
        )
        contact = self._enroll_on(plan, "2026-03-02").followup_ids
        with freeze_time("2026-03-03 08:00"):
            self._hold("2026-03-03 00:00:00", "2026-03-20 10:00:00")
            verdict = contact._gate(datetime(2026, 3, 3, 10))[contact.id]
            contact._postpone(verdict.until, verdict.reason)
        self.assertEqual((contact.state, contact.close_code), ("withheld", "hold"))
