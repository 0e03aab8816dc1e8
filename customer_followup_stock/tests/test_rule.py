from odoo import Command
from odoo.tests import tagged

from odoo.addons.customer_followup.tests.common import FollowupCommon


@tagged("post_install", "-at_install")
class TestDelivered(FollowupCommon):
    def test_a_finished_delivery_puts_its_customer_on_the_plan(self):
        rule = self.env.ref("customer_followup_stock.customer_followup_rule_delivered")
        self.assertFalse(rule.active)
        kind = self.env["stock.picking.type"].search(
            [("code", "=", "outgoing"), ("company_id", "=", self.company.id)], limit=1
        )
        product = self.env["product.product"].create({"name": "Car", "type": "consu"})
        move = {
            "product_id": product.id,
            "product_uom_qty": 1,
            "location_id": kind.default_location_src_id.id,
            "location_dest_id": self.env.ref("stock.stock_location_customers").id,
        }
        picking = self.env["stock.picking"].create(
            {
                "partner_id": self.customer.id,
                "picking_type_id": kind.id,
                "move_ids": [Command.create(move)],
            }
        )
        picking.action_confirm()
        picking.move_ids.write({"quantity": 1, "picked": True})
        picking._action_done()
        self.assertEqual(picking.state, "done")
        rule.plan_id.action_run()
        enrolled = rule._enroll_matches(is_full=True, is_by_hand=True)
        self.assertFalse(rule.problem)
        mine = enrolled.filtered(lambda row: row.partner_id == self.customer)
        self.assertEqual((mine.res_id, mine.date_anchor), (picking.id, picking.date_done))
