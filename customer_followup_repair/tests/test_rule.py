from odoo.tests import tagged

from odoo.addons.customer_followup.tests.common import FollowupCommon


@tagged("post_install", "-at_install")
class TestRepaired(FollowupCommon):
    def test_a_finished_repair_puts_its_customer_on_the_plan(self):
        rule = self.env.ref("customer_followup_repair.customer_followup_rule_repaired")
        self.assertFalse(rule.active)
        product = self.env["product.product"].create({"name": "Car", "type": "consu"})
        done, open_one = self.env["repair.order"].create(
            [{"partner_id": self.customer.id, "product_id": product.id}] * 2
        )
        done.action_validate()
        done.action_repair_start()
        done.action_repair_end()
        self.assertEqual((done.state, open_one.state), ("done", "draft"))
        rule.plan_id.action_run()
        enrolled = rule._enroll_matches(is_full=True, is_by_hand=True)
        self.assertFalse(rule.problem)
        mine = enrolled.filtered(lambda row: row.partner_id == self.customer)
        self.assertEqual((mine.res_id, mine.date_anchor), (done.id, done.move_id.date))
