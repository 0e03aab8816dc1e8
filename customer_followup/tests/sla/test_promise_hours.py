from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.tests import new_test_user, tagged

from .test_promise import PromiseCommon

HOURS = "odoo.addons.customer_followup.models.sla.customer_hours_mixin"


@tagged("post_install", "-at_install")
class TestPromiseHours(PromiseCommon):
    """Promises in working hours that change."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_policy(("closure", 2, "business_hours"), ("first_answer", 1, "hours"))
        cls.calendar = cls.company.resource_calendar_id

    def setUp(self):
        super().setUp()
        # A Friday: the company works from 8 to 12 and from 13 to 17.
        self.complaint = self._complain("2026-05-01 10:30")
        self.assertEqual(self._deadline(), "2026-05-01 13:30:00")

    def _deadline(self):
        return str(self.complaint.date_deadline)

    def _commit(self, moment="2026-05-01 10:40"):
        """Run the hooks before a commit at a moment."""
        with freeze_time(moment):
            self.cr.precommit.run()
        self.complaint.invalidate_recordset()

    def test_longer_hours_move_the_deadline_and_are_logged(self):
        before = self.complaint.sudo().message_ids
        lunch = self.calendar.attendance_ids.filtered(lambda one: one.day_period == "lunch")
        self.calendar.write(
            {
                "attendance_ids": [
                    *(Command.delete(one.id) for one in lunch),
                    Command.create(
                        {"name": "Noon", "dayofweek": "4", "hour_from": 12, "hour_to": 13}
                    ),
                ]
            }
        )
        self._commit()
        self.assertEqual(self._deadline(), "2026-05-01 12:30:00")
        [note] = self.complaint.sudo().message_ids - before
        self.assertIn("The promises have changed", note.body)
        self.assertIn("Closing", note.body)
        self.assertNotIn("First answer", note.body)

    def test_a_public_holiday_moves_the_deadline_but_personal_time_off_does_not(self):
        leaves = self.env["resource.calendar.leaves"]
        afternoon = {"date_from": "2026-05-01 12:00:00", "date_to": "2026-05-01 18:00:00"}
        person = self.env["resource.resource"].create(
            {"name": "Li Na", "calendar_id": self.calendar.id}
        )
        leaves.create({**afternoon, "name": "Away", "resource_id": person.id})
        self.assertFalse(self.cr.precommit.data.get("customer_followup.hours"))
        holiday = leaves.create({**afternoon, "name": "Festival"})
        self._commit()
        self.assertEqual(self._deadline(), "2026-05-04 08:30:00")
        holiday.unlink()
        self._commit()
        self.assertEqual(self._deadline(), "2026-05-01 13:30:00")

    def test_company_workdays_count_for_their_calendar(self):
        days = {"date_from": "2026-05-01", "date_to": "2026-05-01"}
        self._make_second_company()
        holiday = self.env["customer.workday"].create(
            {**days, "name": "Festival", "company_id": self.other_company.id}
        )
        self._commit()
        self.assertEqual(self._deadline(), "2026-05-01 13:30:00")
        holiday.company_id = False
        self._commit()
        # Work continues at 8 o'clock on the next working day.
        self.assertEqual(self._deadline(), "2026-05-04 10:00:00")
        holiday.company_id = self.other_company
        self._commit()
        self.assertEqual(self._deadline(), "2026-05-01 13:30:00")

    def test_another_zone_moves_it(self):
        self.calendar.tz = "Asia/Shanghai"
        self._commit()
        # Work there ended at 17:00, which is 9:00 UTC.
        self.assertEqual(self._deadline(), "2026-05-04 02:00:00")

    def test_what_is_broken_or_kept_stays(self):
        answer = self._promises(self.complaint, "first_answer")
        self._answer(self.complaint, "2026-05-01 10:35")
        self.calendar.attendance_ids.unlink()
        self._commit("2026-05-01 14:00")
        closure = self._promises(self.complaint, "closure")
        self.assertEqual((answer.state, closure.state), ("met", "missed"))
        self.assertEqual(str(closure.date_deadline), "2026-05-01 13:30:00")

    def test_hours_also_apply_to_complaints_hidden_from_their_author(self):
        clerk = new_test_user(self.env, "cf_clerk", groups="base.group_system")
        self.calendar.with_user(clerk).tz = "Asia/Shanghai"
        self._commit()
        self.assertEqual(self._deadline(), "2026-05-04 02:00:00")

    def _change_for_many(self):
        """Change the hours of more promises than are recomputed immediately."""
        with patch(f"{HOURS}.MAX_IMMEDIATE", 1):
            self._complain("2026-05-01 10:30")
            self.calendar.tz = "Asia/Shanghai"
            self._commit()

    def test_many_promises_are_recomputed_by_the_scheduled_action(self):
        before = self.complaint.sudo().message_ids
        self._change_for_many()
        closure = self._promises(self.complaint, "closure")
        self.assertEqual(self._deadline(), "2026-05-01 13:30:00")
        self.assertEqual(str(closure.date_check), "2026-05-01 10:40:00")
        with freeze_time("2026-05-01 10:41"):
            self._run_cron("ir_cron_promise")
        self.assertEqual(self._deadline(), "2026-05-04 02:00:00")
        self.assertFalse(closure.date_stale)
        [note] = self.complaint.sudo().message_ids - before
        # The log shows the time zone.
        self.assertIn("(Asia/Shanghai)", note.body)

    def test_a_promise_overdue_only_by_the_old_hours_is_not_broken(self):
        self._change_for_many()
        closure = self._promises(self.complaint, "closure")
        with freeze_time("2026-05-01 13:31"):
            self._run_cron("ir_cron_promise")
        self.assertEqual((closure.state, self._deadline()), ("open", "2026-05-04 02:00:00"))

    def test_a_promise_met_before_its_recomputation_uses_the_new_hours(self):
        self._change_for_many()
        self._to_stage(self.complaint, "closed", "2026-05-01 13:31")
        closure = self._promises(self.complaint, "closure")
        self.assertEqual(
            (closure.state, str(closure.date_deadline)), ("met", "2026-05-04 02:00:00")
        )

    def test_many_promises_take_no_query_each(self):
        counts = []
        for number in (1, 1, 20):
            for _turn in range(number):
                self._complain("2026-05-01 10:30")
            self.env.flush_all()
            self.calendar.tz = "Asia/Shanghai" if self.calendar.tz == "UTC" else "UTC"
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._commit()
            counts.append(self.cr.sql_log_count - before)
        # The first run fills the caches of Odoo.
        self.assertLessEqual(counts[2], counts[1] + 10)
