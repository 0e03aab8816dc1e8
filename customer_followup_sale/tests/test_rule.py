from freezegun import freeze_time

from odoo import Command
from odoo.tests import HttpCase, TransactionCase, tagged

from odoo.addons.customer_followup.tests.common import FollowupCommon


@tagged("post_install", "-at_install")
class TestRule(TransactionCase):
    def test_no_customer_is_enrolled_until_the_rule_is_switched_on(self):
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

    def test_the_rule_finds_paid_invoices(self):
        rule = self.env.ref("customer_followup_sale.customer_followup_rule_invoice")
        paid = [("move_type", "=", "out_invoice"), ("payment_state", "in", ("paid", "in_payment"))]
        self.assertEqual(rule.match_count, self.env["account.move"].search_count(paid))


@tagged("post_install", "-at_install")
class TestQuotation(FollowupCommon):
    @freeze_time("2026-03-05 10:00")
    def test_a_quotation_is_asked_about_until_it_is_answered(self):
        rule = self.env.ref("customer_followup_sale.customer_followup_rule_quotation")
        stop = self.env.ref("customer_followup_sale.customer_followup_rule_stop_quotation")
        self.assertFalse(rule.active or stop.active)
        order = self.env["sale.order"].create({"partner_id": self.customer.id, "state": "sent"})
        rule.plan_id.action_run()
        rule.active = stop.active = True
        rule._enroll_matches(is_full=True, is_by_hand=True)
        enrollment = self.env["customer.followup.enrollment"].search(
            [("rule_id", "=", rule.id), ("res_id", "=", order.id)]
        )
        self._plan_on("2026-03-09")
        contact = enrollment.followup_ids
        self.assertEqual(
            (contact.name, contact.state), ("Questions about the quotation", "planned")
        )
        order.state = "sale"
        stop._stop_safely()
        self.assertEqual((enrollment.state, contact.state), ("stopped", "cancelled"))


@tagged("post_install", "-at_install")
class TestRuleTour(FollowupCommon, HttpCase):
    """An administrator writes a rule on sales orders, looks at what it would do, and runs it."""

    def test_from_preview_to_first_contact(self):
        product = self.env["product.product"].create({"name": "Car"})
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "order_line": [Command.create({"product_id": product.id})],
            }
        )
        order.action_confirm()
        self.plan.name = "Care of orders"
        self.admin.group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
        self.start_tour("/odoo/followup-rules", "customer_followup_rule", login="cf_admin")
        rule = self.env["customer.followup.rule"].search([("name", "=", "Orders")])
        enrollment = self.env["customer.followup.enrollment"].search(
            [("rule_id", "=", rule.id), ("res_id", "=", order.id)]
        )
        self.assertEqual(enrollment.partner_id, self.customer)
        enrollment._plan_safely()
        self.assertEqual(enrollment.followup_ids.mapped("name"), ["3 days"])
