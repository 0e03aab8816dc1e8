from datetime import datetime

from freezegun import freeze_time

from odoo.tests import tagged

from ..common import FollowupCommon

MOMENT = "2026-09-21 10:00"


@tagged("post_install", "-at_install")
class TestContactDates(FollowupCommon):
    """Planned contacts follow days off, working hours and the zone of the customer."""

    def _enroll(self, *steps):
        plan = self._make_cadence(*(steps or ({"offset_count": 10, "workday_policy": "next"},)))
        with freeze_time(MOMENT):
            row = plan._enroll(self.customer)
            self._run_cron("ir_cron_plan")
        return row

    def _save(self):
        """Do what a commit does, then plan."""
        self.env.flush_all()
        self.env.cr.precommit.run()
        self._run_cron("ir_cron_plan")

    def _off(self, day, **vals):
        return self.env["customer.workday"].create(
            {"name": "Off", "date_from": day, "date_to": day, **vals}
        )

    def _dates(self, row):
        return [str(one.date_planned)[:16] for one in row.followup_ids.sorted("date_planned")]

    def test_they_follow_a_day_off_that_moves(self):
        day = self._off("2026-10-01")
        row = self._enroll()
        self.assertEqual(self._dates(row), ["2026-10-02 09:00"])
        with freeze_time(MOMENT):
            day.write({"date_from": "2026-10-02", "date_to": "2026-10-02"})
            self._save()
            self.assertEqual(self._dates(row), ["2026-10-01 09:00"])
            day.write({"date_from": "2026-10-01", "date_to": "2026-10-02"})
            self._save()
            # The 3rd is a Saturday.
            self.assertEqual(self._dates(row), ["2026-10-05 09:00"])
            self.assertEqual(row.followup_ids.moved_reason, "holiday")
            day.unlink()
            self._save()
            self.assertEqual(self._dates(row), ["2026-10-01 09:00"])
        self.assertFalse(row.is_stale)

    def test_they_follow_public_holidays_and_other_hours_of_the_team(self):
        row = self._enroll()
        with freeze_time(MOMENT):
            self.env["resource.calendar.leaves"].create(
                {
                    "name": "Holiday",
                    "date_from": "2026-10-01 00:00:00",
                    "date_to": "2026-10-01 23:59:59",
                    "company_id": self.company.id,
                }
            )
            self._save()
            self.assertEqual(self._dates(row), ["2026-10-02 09:00"])
            hours = self.company.resource_calendar_id.copy({"name": "Mondays"})
            hours.attendance_ids.filtered(lambda one: one.dayofweek != "0").unlink()
            self.team.calendar_id = hours
            self._save()
            self.assertEqual(self._dates(row), ["2026-10-05 09:00"])

    def test_a_day_off_of_others_moves_nothing(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        row = self._enroll()
        with freeze_time(MOMENT):
            self._off("2026-10-01", company_id=other.id)
            hours = self.company.resource_calendar_id.copy()
            self._off("2026-10-01", calendar_id=hours.id)
            self.env.flush_all()
            self.env.cr.precommit.run()
            self.assertFalse(row.is_stale)

    def test_what_was_agreed_or_tried_or_is_overdue_stays(self):
        steps = [
            {"offset_count": number, "workday_policy": "next", "name": str(number)}
            for number in (8, 9, 10)
        ]
        row = self._enroll(*steps)
        agreed, tried, planned = row.followup_ids.sorted("date_planned")
        with freeze_time(MOMENT):
            agreed._schedule(datetime(2026, 10, 1, 15), by="customer")
            tried._record_outcome(self._ending("no_answer"))
            before = (agreed.date_planned, tried.date_planned)
            self._off("2026-09-29", date_to="2026-10-02")
            self._save()
        self.assertEqual((agreed.date_planned, tried.date_planned), before)
        self.assertEqual(str(planned.date_planned), "2026-10-05 09:00:00")

    def test_they_follow_the_zone_of_the_customer(self):
        self.customer.customer_tz = "Europe/Berlin"
        row = self._enroll()
        self.assertEqual(self._dates(row), ["2026-10-01 07:00"])
        with freeze_time(MOMENT):
            self.customer.customer_tz = "America/New_York"
            self._save()
            self.assertEqual(self._dates(row), ["2026-10-01 13:00"])
            self.customer.write({"customer_tz": False, "country_id": self.env.ref("base.in").id})
            self._save()
            self.assertEqual(self._dates(row), ["2026-10-01 03:30"])

    def test_they_follow_the_zone_of_the_company(self):
        row = self._enroll()
        with freeze_time(MOMENT):
            self.company.resource_calendar_id.tz = "Asia/Shanghai"
            self._save()
        self.assertEqual(self._dates(row), ["2026-10-01 01:00"])

    def test_no_day_of_a_series_is_left_out_by_another_zone(self):
        self.customer.customer_tz = "Asia/Shanghai"
        row = self._enroll({"repeat": "interval", "every_unit": "days", "end_count": 5})
        with freeze_time(MOMENT):
            self.customer.customer_tz = "Pacific/Honolulu"
            self._save()
        days = [str(one.date_planned)[:10] for one in row.followup_ids.sorted("date_planned")]
        self.assertEqual(len(set(days)), 5)
