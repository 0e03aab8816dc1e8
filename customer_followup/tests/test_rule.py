from datetime import datetime

from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.customer_followup.models.plan import customer_followup_rule as rules

from .common import FollowupCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-05 10:00")
class TestRule(FollowupCommon):
    """Business records of any app put their customers on a plan."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Users serve as business records: they are there whatever is installed.
        cls.rule = cls._make_rule()

    @classmethod
    def _make_rule(cls, **vals):
        return cls.env["customer.followup.rule"].create(
            {
                "name": "Deals",
                "model_name": "res.users",
                "domain": "[('login', 'like', 'cf_deal')]",
                "anchor_path": "create_date",
                "plan_id": cls.plan.id,
                **vals,
            }
        )

    def _deal(self, count=1, **vals):
        known = self.env["res.users"].search_count([("login", "like", "cf_deal")])
        return self.env["res.users"].create(
            [
                {"name": f"Deal {n}", "login": f"cf_deal{n}", **vals}
                for n in range(known, known + count)
            ]
        )

    def _rows(self, rule=None):
        return self.env["customer.followup.enrollment"].search(
            [("rule_id", "=", (rule or self.rule).id)]
        )

    def test_matches_are_enrolled_once(self):
        deals = self._deal(3)
        for _turn in range(2):
            self._run_cron("ir_cron_enroll_full")
            self.assertEqual(self._rows().partner_id, deals.partner_id)
            self.assertEqual(len(self._rows()), 3)
        self._rows().action_stop()
        self._run_cron("ir_cron_enroll_full")
        self.assertEqual(len(self._rows()), 3)

    def test_the_preview_counts_before_anything_happens(self):
        self._deal(3)
        self.rule.invalidate_recordset()
        self.assertEqual((self.rule.match_count, self.rule.new_count), (3, 3))
        self.assertFalse(self._rows())
        self.rule.limit_per_run = 2
        self.rule.with_user(self.admin).action_run()
        self.rule.invalidate_recordset()
        self.assertEqual((self.rule.match_count, self.rule.new_count), (3, 1))

    def test_a_cap_protects_from_a_wrong_condition(self):
        self._deal(3)
        self.rule.limit_per_run = 2
        self._run_cron("ir_cron_enroll_full")
        self.assertEqual(len(self._rows()), 2)

    def test_the_frequent_run_looks_back_some_days_only(self):
        self._deal()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_users SET create_date = '2026-01-01' WHERE login LIKE 'cf_deal%'"
        )
        self.env.invalidate_all()
        self._run_cron("ir_cron_enroll")
        self.assertFalse(self._rows())
        self._run_cron("ir_cron_enroll_full")
        self.assertEqual(self._rows().date_anchor, datetime(2026, 1, 1))

    def test_a_date_without_time_is_noon_of_the_customers_day(self):
        users = self._deal()
        users.partner_id.customer_tz = "Asia/Shanghai"
        rule = self._make_rule(anchor_path="partner_id.write_date")
        record = users
        self.assertIsInstance(
            rule._date(record, rule.anchor_path, users.partner_id, self.company), datetime
        )
        rule.anchor_path = "login_date"
        currency = self._make_rule(
            name="Rates",
            model_name="res.currency.rate",
            partner_path="company_id.partner_id",
            anchor_path="name",
            domain="[]",
        )
        rate = self.env["res.currency.rate"].create(
            {"name": "2026-03-01", "rate": 2, "currency_id": self.env.ref("base.EUR").id}
        )
        self.assertEqual(
            currency._date(rate, "name", users.partner_id, self.company), datetime(2026, 3, 1, 4)
        )

    def test_nonsense_is_refused_with_the_name_of_the_rule(self):
        for vals, sentence in (
            ({"model_name": "no.such"}, "Deals: the app that brings no.such is not installed"),
            ({"domain": "[('nonsense', '=', 1)]"}, "Deals: the condition cannot be used"),
            ({"domain": "__import__('os')"}, "Deals: the condition cannot be used"),
            ({"domain": "[("}, "Deals: the condition cannot be used"),
            ({"partner_path": "login"}, "Deals: login does not lead"),
            ({"partner_path": "nonsense.more"}, "Deals: nonsense.more does not lead"),
            ({"anchor_path": "partner_id"}, "Deals: partner_id does not lead"),
        ):
            with (
                self.subTest(vals=vals),
                self.assertRaisesRegex(ValidationError, sentence),
                self.env.cr.savepoint(),
            ):
                self.rule.write(vals)

    def test_the_author_cannot_look_further_than_he_may(self):
        rule = self.rule.with_user(self.admin)
        with self.assertRaises(AccessError):
            rule.write({"model_name": "ir.config_parameter", "domain": "[('value', 'like', 'a')]"})
        for domain in (
            "[('presence_ids', '!=', False)]",
            "[('create_uid.presence_ids.status', '=', 'online')]",
            "[('partner_id.create_uid', 'any', [('presence_ids', '!=', False)])]",
        ):
            with self.subTest(domain=domain), self.assertRaises(AccessError):
                rule.domain = domain
        rule.domain = "[('partner_id.create_uid.login', '=', 'a')]"
        for user in (self.manager, self.leader, self.agent):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.rule.with_user(user).write({"domain": "[]"})

    def test_a_rule_of_a_missing_app_sleeps_and_says_so(self):
        other = self._make_rule(name="Others")
        self._deal()
        self.env.cr.execute(
            "UPDATE customer_followup_rule SET model_name = 'gone.model' WHERE id = %s",
            [self.rule.id],
        )
        self.env.invalidate_all()
        with mute_logger(rules.__name__):
            self._run_cron("ir_cron_enroll_full")
        self.assertIn("gone.model is not installed", self.rule.problem)
        self.assertEqual(len(self._rows(other)), 1)
        self.assertFalse(other.problem)
        self.assertEqual(self.rule.match_count, 0)

    def test_a_record_that_cannot_be_enrolled_holds_up_no_other(self):
        deals = self._deal(5)
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        # Moved to another company behind Odoo's back.
        self.env.cr.execute(
            "UPDATE res_partner SET company_id = %s WHERE id = %s",
            [elsewhere.id, deals[2].partner_id.id],
        )
        self.env.invalidate_all()
        self._run_cron("ir_cron_enroll_full")
        self.assertEqual(len(self._rows()), 4)
        self.assertIn("Deal 2", self.rule.problem)
        self.assertIn("another company", self.rule.problem)

    def test_a_crash_half_way_enrolls_the_rest_and_nobody_twice(self):
        other = self._make_rule(name="Others")
        self._deal(3)
        with self._dying_before_commit(3):
            self._run_cron("ir_cron_enroll_full")
        self._run_cron("ir_cron_enroll_full")
        self.assertEqual((len(self._rows()), len(self._rows(other))), (3, 3))

    def test_rules_of_plans_that_do_not_run_rest(self):
        self._deal()
        self.plan.action_close()
        self._run_cron("ir_cron_enroll_full")
        self.assertFalse(self._rows())

    def test_records_of_other_companies_are_left_alone(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        deals = self._deal(2)
        deals[0].write({"company_ids": [(4, elsewhere.id)], "company_id": elsewhere.id})
        self.rule.company_id = self.company
        self._run_cron("ir_cron_enroll_full")
        self.assertEqual(self._rows().partner_id, deals[1].partner_id)

    def test_only_enrolled_rows_are_looked_up(self):
        self._deal(30)
        self.env.flush_all()
        self.rule._enroll_matches(is_full=True)
        self.env.flush_all()
        before = self.cr.sql_log_count
        self.rule._enroll_matches(is_full=True)
        self.assertLessEqual(self.cr.sql_log_count - before, 4)
