from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_rule import RuleCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-05 10:00")
class TestRuleInUse(RuleCommon):
    """A rule that has enrolled customers, and records that change afterwards."""

    def _enroll(self):
        self.rule.with_user(self.admin).action_run()
        return self._rows()

    def test_what_customers_were_enrolled_by_stays(self):
        other = self._make_plan("Other", [(1, "days")])
        for vals in ({"anchor_path": "write_date"}, {"anchor_path": "create_date"}):
            # Not in use yet.
            self.rule.write(vals)
        deal = self._deal()
        self._enroll()
        for vals in (
            {"model_name": "res.partner", "partner_path": "parent_id"},
            {"model_id": self.env["ir.model"]._get("res.company").id},
            {"anchor_path": "write_date"},
            {"target_path": "write_date"},
            {"partner_path": "company_id.partner_id"},
            {"plan_id": other.id},
        ):
            for user in (self.admin, self.env.user):
                with self.subTest(vals=vals, user=user.login), self.assertRaises(UserError):
                    self.rule.with_user(user).write(vals)
        self.rule.write({"name": "Deals of the year", "plan_id": self.plan.id, "active": True})
        copy = self.rule.copy({"plan_id": other.id, "active": True, "scope": "all"})
        copy.with_user(self.admin).action_run()
        self.assertEqual(self._rows(copy).partner_id, deal.partner_id)

    def test_a_record_of_another_customer_is_a_new_start(self):
        deal = self._deal()
        row = self._enroll()
        other = self._make_customer("Another")
        self.rule.invalidate_recordset()
        deal.partner_id = other
        self.rule._follow_dates()
        self.assertEqual((row.state, row.stop_code), ("stopped", "customer"))
        new = self._enroll() - row
        self.assertEqual((new.partner_id, new.state), (other, "active"))
        self.rule._follow_dates()
        self.assertEqual(len(self._enroll()), 2)

    def test_a_record_of_the_same_customer_goes_on(self):
        self._deal()
        row = self._enroll()
        self.rule._follow_dates()
        self.assertEqual((row.state, self._enroll()), ("active", row))

    def test_a_record_that_matches_again_is_a_new_start(self):
        for policy, count in (("record", 2), ("restart", 2), ("single", 1), ("never", 1)):
            with self.subTest(policy=policy):
                plan = self._make_plan(policy, [(3, "days")], reenrollment=policy)
                rule = self._make_rule(name=policy, plan_id=plan.id)
                deal = self._deal()
                rule.domain = repr([("login", "=", deal.login)])
                rule.with_user(self.admin).action_run()
                first = self._rows(rule)
                login, deal.login = deal.login, f"lost {deal.login}"
                rule._follow_dates()
                self.assertEqual(first.state, "active")
                if policy != "restart":
                    first.action_stop()
                deal.login = login
                rule.with_user(self.admin).action_run()
                rule.with_user(self.admin).action_run()
                rows = self._rows(rule)
                self.assertEqual((len(rows), first.state), (count, "stopped"))

    def test_a_running_enrollment_of_the_record_is_not_doubled(self):
        deal = self._deal()
        row = self._enroll()
        login, deal.login = deal.login, "lost"
        self.rule._follow_dates()
        deal.login = login
        self.assertEqual(self._enroll(), row)

    def test_a_record_that_a_stop_rule_took_and_that_matches_again(self):
        deal = self._deal()
        row = self._enroll()
        stop = self.env["customer.followup.rule.stop"].create(
            {
                "name": "Lost",
                "model_name": "res.users",
                "domain": "[('login', 'like', 'lost')]",
                "plan_id": self.plan.id,
                "code": "hand",
            }
        )
        login, deal.login = deal.login, "lost"
        stop._stop_matches()
        self.assertEqual((row.state, self._enroll()), ("stopped", row))
        deal.login = login
        self.assertEqual(len(self._enroll()), 2)

    def test_many_records_are_looked_at_together(self):
        self._deal(2)
        self._enroll()
        self.rule._note_unmatched()
        with self.assertQueryCount(2):
            self.rule._note_unmatched()
