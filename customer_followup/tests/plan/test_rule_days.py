from datetime import datetime

from freezegun import freeze_time

from odoo.tests import new_test_user, tagged

from ..common import AGENT, FollowupCommon

TODAY = [("create_date", ">=", "today"), ("create_date", "<", "today +1d")]
ZONES = (False, "Europe/Brussels", "America/Sao_Paulo", "Asia/Shanghai")


@tagged("post_install", "-at_install")
@freeze_time("2026-03-31 17:30")
class TestRuleDays(FollowupCommon):
    """Days in a condition are those of the company, for all users; in Shanghai, 1 April."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = "Asia/Shanghai"
        # Users serve as business records: they are there whatever is installed.
        cls.deals = {
            moment: cls._deal(moment)
            for moment in (
                "2026-02-28 16:30",
                "2026-03-31 01:00",
                "2026-03-31 10:00",
                "2026-03-31 17:00",
                "2026-04-01 03:30",
            )
        }

    @classmethod
    def _deal(cls, moment, **vals):
        user = cls.env["res.users"].create({"name": "Deal", "login": f"deal {moment}", **vals})
        cls.env.flush_all()
        cls.env.cr.execute("UPDATE res_users SET create_date = %s WHERE id = %s", [moment, user.id])
        user.invalidate_recordset()
        return user

    def _rule(self, domain, **vals):
        return self.env["customer.followup.rule"].create(
            {
                "name": "Deals",
                "model_name": "res.users",
                "domain": repr([("login", "like", "deal 2026"), *domain]),
                "anchor_path": "create_date",
                "plan_id": self.plan.id,
                "active": True,
                "scope": "all",
                **vals,
            }
        )

    def _enrolled(self, rule):
        rows = self.env["customer.followup.enrollment"].search([("rule_id", "=", rule.id)])
        return sorted(str(row.date_anchor)[:16] for row in rows)

    def test_every_relative_or_typed_day_is_one_of_the_company(self):
        for domain, found in (
            (TODAY, ["2026-03-31 17:00", "2026-04-01 03:30"]),
            (
                [("create_date", "<", "today")],
                ["2026-02-28 16:30", "2026-03-31 01:00", "2026-03-31 10:00"],
            ),
            (
                [("create_date", "<=", "2026-03-31")],
                ["2026-02-28 16:30", "2026-03-31 01:00", "2026-03-31 10:00"],
            ),
            ([("create_date", ">=", "=1d")], ["2026-03-31 17:00", "2026-04-01 03:30"]),
            (
                [("create_date", ">=", "=1d -1m"), ("create_date", "<", "=1d")],
                ["2026-02-28 16:30", "2026-03-31 01:00", "2026-03-31 10:00"],
            ),
            (
                ["|", ("create_date", ">", "2026-03-31"), ("create_date.month_number", "=", 4)],
                ["2026-03-31 17:00", "2026-04-01 03:30"],
            ),
            (
                [("partner_id", "any", [("user_ids.create_date", ">=", "today")])],
                ["2026-03-31 17:00", "2026-04-01 03:30"],
            ),
        ):
            with self.subTest(domain=domain):
                rule = self._rule(domain)
                for zone in ZONES:
                    here = rule.with_context(tz=zone)
                    here.invalidate_recordset()
                    self.assertEqual(here.match_count, len(found), zone)
                self._run_cron("ir_cron_enroll_full")
                self.assertEqual(self._enrolled(rule), found)
                rule.active = False
                self.env["customer.followup.enrollment"].search(
                    [("rule_id", "=", rule.id)]
                ).action_stop()

    def test_by_hand_it_takes_the_same_records(self):
        for zone in ZONES:
            rule = self._rule(TODAY, plan_id=self._make_plan("Other", [(3, "days")]).id)
            rule.with_context(tz=zone).action_run()
            self.assertEqual(self._enrolled(rule), ["2026-03-31 17:00", "2026-04-01 03:30"])

    def test_each_record_has_the_day_of_its_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        other.resource_calendar_id.tz = "America/New_York"
        for moment in ("2026-03-31 03:30", "2026-03-31 10:00"):
            self._deal(
                moment,
                login=f"deal 2026 elsewhere {moment}",
                company_id=other.id,
                company_ids=other.ids,
            )
        self.plan.team_id = False
        self.plan.company_id = False
        rule = self._rule(TODAY)
        self._run_cron("ir_cron_enroll_full")
        self.assertEqual(
            self._enrolled(rule), ["2026-03-31 10:00", "2026-03-31 17:00", "2026-04-01 03:30"]
        )

    def test_conditions_of_steps_have_the_same_days(self):
        plan = self._make_cadence(
            {"condition": "[('create_date', '>=', 'today')]"},
            {
                "stop_condition": "[('create_date', '>=', 'today')]",
                "repeat": "interval",
                "every_count": 7,
            },
        )
        rows = {}
        for moment in ("2026-03-31 10:00", "2026-03-31 17:00"):
            customer = self._make_customer(moment, phone="+33 6 12 34 56 79")
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE res_partner SET create_date = %s WHERE id = %s", [moment, customer.id]
            )
            customer.invalidate_recordset()
            rows[moment] = plan._enroll(customer)
        self._run_cron("ir_cron_plan")
        found = {
            moment: [
                contact.close_code or contact.state
                for contact in row.followup_ids.sorted("step_id")
            ]
            for moment, row in rows.items()
        }
        self.assertEqual(
            found,
            {"2026-03-31 10:00": ["condition", "planned"], "2026-03-31 17:00": ["planned"]},
        )

    def test_a_stop_rule_has_the_same_days(self):
        rule = self._rule([])
        self._run_cron("ir_cron_enroll_full")
        rule.active = False
        self.env["customer.followup.rule.stop"].create(
            {
                "name": "New today",
                "plan_id": self.plan.id,
                "model_name": "res.users",
                "domain": repr(TODAY),
            }
        )
        self._run_cron("ir_cron_enroll")
        stopped = self.env["customer.followup.enrollment"].search(
            [("rule_id", "=", rule.id), ("state", "=", "stopped")]
        )
        self.assertEqual(
            sorted(str(row.date_anchor)[:16] for row in stopped),
            ["2026-03-31 17:00", "2026-04-01 03:30"],
        )

    def test_a_record_of_a_day_stops_who_started_on_that_day(self):
        tier = self.env["customer.tier"].search([], limit=1)
        self.env["customer.followup.rule.stop"].create(
            {
                "name": "In a tier",
                "plan_id": self.plan.id,
                "model_name": "customer.tier.membership",
                "domain": "[]",
                "partner_path": "commercial_partner_id",
                "date_path": "date_since",
            }
        )
        rows = {}
        # The start is on 1 April in Shanghai.
        for day in ("2026-03-31", "2026-04-01", "2026-04-02"):
            customer = self._make_customer(day)
            rows[day] = self.plan._enroll(customer)
            self.env["customer.tier.membership"].create(
                {"commercial_partner_id": customer.id, "tier_id": tier.id, "date_since": day}
            )
        self._run_cron("ir_cron_enroll")
        self.assertEqual(
            {day: row.state for day, row in rows.items()},
            {"2026-03-31": "active", "2026-04-01": "stopped", "2026-04-02": "stopped"},
        )

    def test_a_stop_rule_reads_no_records_of_before(self):
        def read(count):
            plan = self._make_plan(f"After {count}", [(3, "days")])
            customers = self.env["res.partner"].union(
                *(self._make_customer(f"{count} {number}") for number in range(count))
            )
            plan._enroll(customers)
            self.env["customer.complaint"].create(
                [
                    {"title": "Old", "partner_id": one.id, "date_received": "2026-03-01"}
                    for one in customers
                ]
            )
            stop = self.env["customer.followup.rule.stop"].create(
                {
                    "name": "Complained",
                    "plan_id": plan.id,
                    "model_name": "customer.complaint",
                    "domain": "[('title', '=', 'Old')]",
                    "partner_path": "partner_id",
                    "date_path": "date_received",
                }
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(len(stop._stop_matches()), 0)
            self.assertFalse(self.env["customer.complaint"]._fields["title"]._get_cache(self.env))
            return self.env.cr.sql_log_count - before

        read(1)
        self.assertEqual(read(10), read(1))

    def test_a_path_through_several_records_leads_to_each(self):
        row = self.plan._enroll(self.customer)
        other = new_test_user(self.env, "cf_many", groups=AGENT)
        stop = self.env["customer.followup.rule.stop"].create(
            {
                "name": "In a team of",
                "plan_id": self.plan.id,
                "model_name": "customer.team",
                "domain": repr([("id", "=", self.team.id)]),
                "partner_path": "member_ids.partner_id",
                "date_path": "create_date",
            }
        )
        self.assertEqual(stop._stop_matches(), row.browse())
        self.team.member_ids |= other
        mine = self.plan._enroll(other.partner_id, date_anchor=datetime(2026, 1, 1))
        self.assertEqual(stop._stop_matches(), mine)
