from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common import PHONE, FollowupCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-05 10:00")
class TestWorkload(FollowupCommon):
    """What agents have to do in the next four weeks, and what they can."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.capacity = 10
        cls.env["customer.ownership"].create(
            {"commercial_partner_id": cls.customer.id, "user_id": cls.agent.id}
        )

    def _rows(self, user=None):
        rows = self.env["customer.workload"].with_user(user or self.leader)
        return rows.search(rows.action_open()["domain"])

    def _of(self, agent, field, user=None):
        rows = self._rows(user).filtered(lambda row: row.user_id == agent)
        return rows.sorted("date_from").mapped(field)

    def test_weeks_hold_what_is_planned_for_them_and_what_is_late(self):
        for day in ("2026-03-01", "2026-03-05", "2026-03-11", "2026-03-12", "2026-04-01"):
            self._make_followup(date_planned=f"{day} 12:00:00")
        self._make_followup(date_planned="2026-04-02 12:00:00")
        done = self._make_followup()
        done._record_outcome(self._ending("reached"))
        self.assertEqual(self._of(self.agent, "planned_count"), [3, 1, 0, 1])
        self.assertEqual(
            self._of(self.agent, "date_from"),
            [date(2026, 3, day) for day in (5, 12, 19, 26)],
        )

    def test_capacity_leaves_out_weekends_holidays_and_absence(self):
        self.assertEqual(self._of(self.agent, "capacity"), [50] * 4)
        self.env["customer.workday"].create(
            {"name": "Holiday", "date_from": "2026-03-12", "date_to": "2026-03-13"}
        )
        self.env["customer.absence"].create(
            {"user_id": self.agent.id, "date_from": "2026-03-20", "date_to": "2026-03-23"}
        )
        self.assertEqual(self._of(self.agent, "capacity"), [50, 30, 30, 50])
        self.assertEqual(self._of(self.colleague, "capacity"), [50, 30, 50, 50])

    def test_a_load_above_capacity_is_marked(self):
        self.team.capacity = 1
        for _number in range(6):
            self._make_followup()
        row = self._rows().filtered(lambda row: row.user_id == self.agent)[0]
        self.assertEqual((row.load, row.is_over, row.capacity), (120, True, 5))
        contacts = self.env["customer.followup"].search(row.action_contacts()["domain"])
        self.assertEqual(len(contacts), 6)

    def test_what_is_to_come_is_what_the_planner_then_creates(self):
        model = "res.partner"
        plan = self._make_cadence(
            {"offset_count": 2},
            {"offset_count": 9, "condition": "[('active', '=', True)]"},
            {"offset_count": 10, "condition": "[('active', '=', False)]"},
            {
                "offset_count": 3,
                "repeat": "interval",
                "every_count": 8,
                "every_unit": "days",
                "condition": "[('active', '=', True)]",
            },
            {"offset_count": 60},
            model_name=model,
        )
        enrollment = plan._enroll(self.customer)
        foreseen = self._of(self.agent, "total_count")
        self.assertEqual(self._of(self.agent, "planned_count"), [0] * 4)
        for number in range(28):
            day = date.fromordinal(date(2026, 3, 5).toordinal() + number)
            self._plan_on(day, 23)
        made = [0] * 4
        for contact in enrollment.followup_ids.filtered(lambda one: one.state == "planned"):
            week = (contact.date_planned.date() - date(2026, 3, 5)).days // 7
            if week < 4:
                made[week] += 1
        self.assertEqual(foreseen, made)
        self.assertEqual(sum(made), 6)

    def test_looking_creates_nothing(self):
        enrollment = self.plan._enroll(self.customer)
        self.assertEqual(self._of(self.agent, "coming_count"), [1, 0, 0, 0])
        self.assertFalse(enrollment.followup_ids)
        self._run_cron("ir_cron_plan")
        self.assertEqual(self._of(self.agent, "coming_count"), [0] * 4)
        self.assertEqual(self._of(self.agent, "planned_count"), [1, 0, 0, 0])

    def test_leaders_see_their_teams_and_managers_all(self):
        other = self.env["customer.team"].create(
            {"name": "Other", "member_ids": [(6, 0, self.manager.ids)]}
        )
        self.assertEqual(self._rows().user_id, self.agent | self.colleague)
        self.assertIn(self.manager, self._rows(self.manager).user_id)
        self.assertIn(other, self._rows(self.manager).team_id)
        for user in (self.agent, self.auditor, self.stranger):
            with self.assertRaises(AccessError):
                self._rows(user)
        # Each user sees only the rows they computed.
        mine = self._rows()
        with self.assertRaises(AccessError):
            mine.with_user(self.manager).read(["load"])
        self._make_second_company()
        self.assertNotIn(self.agent, self._rows(self.other_manager).user_id)

    def test_many_customers_cost_as_many_queries_as_few(self):
        def queries(count):
            customers = self.env["res.partner"].union(
                *(self._make_customer(f"One of {count}", phone=PHONE) for _one in range(count))
            )
            self.plan._enroll(customers)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._rows()
            return self.env.cr.sql_log_count - before

        queries(1)
        self.assertLessEqual(queries(20), queries(2) + 2)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-05 10:00")
class TestReassign(FollowupCommon):
    """Contacts are reassigned, many at once."""

    def _give(self, contacts, user=None, **vals):
        return (
            self.env["customer.followup.reassign"]
            .with_user(user or self.leader)
            .with_context(active_model="customer.followup", active_ids=contacts.ids)
            .create(vals)
            .action_reassign()
        )

    def _calls(self, count):
        return self.env["customer.followup"].union(*(self._make_followup() for _n in range(count)))

    def test_to_one_person_with_a_reason(self):
        calls = self._calls(2)
        calls[1]._record_outcome(self._ending("reached"))
        self._give(calls, user_id=self.colleague.id, note="Too much")
        self.assertEqual(calls.mapped("user_id"), self.colleague | self.agent)
        self.assertIn("Too much", calls[0].message_ids[:1].body)
        self.assertNotIn("Too much", "".join(calls[1].message_ids.mapped("body")))
        with self.assertRaises(UserError):
            self._give(calls[1], user_id=self.colleague.id)

    def test_fairly_within_the_team(self):
        calls = self._calls(4)
        self._make_followup(user=self.colleague)
        self._give(calls, mode="fair", team_id=self.team.id)
        # The colleague has one already; the contacts to distribute do not count.
        self.assertEqual(len(calls.filtered(lambda one: one.user_id == self.colleague)), 1)

    def test_only_what_one_may_write(self):
        calls = self._calls(1)
        with self.assertRaises(AccessError):
            self._give(calls, self.colleague, user_id=self.colleague.id)
        with self.assertRaises(AccessError):
            self._give(calls, self.auditor, user_id=self.colleague.id)
        self._give(calls, self.agent, user_id=self.colleague.id, note="Please")
        self.assertEqual(calls.user_id, self.colleague)

    def test_only_to_users_who_can_make_them(self):
        calls = self._calls(1)
        self._make_second_company()
        for user in (self.other_agent, self.stranger):
            with self.assertRaises(UserError):
                self._give(calls, user_id=user.id)

    def test_many_cost_as_many_queries_as_few(self):
        def queries(count):
            calls = self._calls(count)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._give(calls, mode="fair", team_id=self.team.id, note="Too much")
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        queries(1)
        self.assertLessEqual(queries(30), queries(3) + 2)
