from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestRule(TransactionCase):
    def test_nobody_is_enrolled_until_the_rule_is_switched_on(self):
        rule = self.env.ref("customer_followup_sale.customer_followup_rule_order")
        self.assertFalse(rule.active)
        with self.enter_registry_test_mode():
            self.env.ref("customer_followup.ir_cron_enroll_full").method_direct_trigger()
        enrolled = self.env["customer.followup.enrollment"].search([("rule_id", "=", rule.id)])
        self.assertFalse(enrolled)

    def test_the_rule_finds_confirmed_orders(self):
        rule = self.env.ref("customer_followup_sale.customer_followup_rule_order")
        orders = self.env["sale.order"].search_count([("state", "=", "sale")])
        self.assertGreater(orders, 0)
        self.assertEqual(rule.match_count, orders)
