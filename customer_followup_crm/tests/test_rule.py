from datetime import date

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.customer_followup.tests.common import FollowupCommon


@tagged("post_install", "-at_install")
class TestIntent(FollowupCommon):
    @freeze_time("2026-03-05 10:00")
    def test_a_lead_is_called_until_the_intended_date_or_until_it_is_lost(self):
        rule = self.env.ref("customer_followup_crm.customer_followup_rule_intent")
        stop = self.env.ref("customer_followup_crm.customer_followup_rule_stop_intent")
        self.assertFalse(rule.active or stop.active)
        lead, *_others = self.env["crm.lead"].create(
            [
                {"name": "A car", "partner_id": self.customer.id, "date_deadline": "2026-03-20"},
                {"name": "Some day", "partner_id": self.customer.id},
            ]
        )
        rule.plan_id.action_run()
        rule.active = stop.active = True
        rule._enroll_matches(is_full=True, is_by_hand=True)
        enrollment = self.env["customer.followup.enrollment"].search([("res_id", "=", lead.id)])
        self.assertEqual(enrollment.partner_id, self.customer)
        self.assertEqual(enrollment.date_target.date(), date(2026, 3, 20))
        enrollment.date_anchor = "2026-03-05 08:00:00"
        enrollment._plan_safely()
        self.assertEqual(self._days(enrollment.followup_ids), ["2026-03-10"])
        lead.action_set_lost()
        stop._stop_safely()
        self.assertFalse(stop.problem)
        self.assertEqual((enrollment.state, enrollment.stop_code), ("stopped", "goal_reached"))

    def test_a_contact_becomes_an_opportunity_unless_its_plan_is_not_for_sales(self):
        self.agent.group_ids += self.env.ref("sales_team.group_sale_salesman")
        for sells in (True, False):
            plan = self._make_cadence({}, is_no_sales=not sells)
            enrollment = self._enroll_on(plan, "2026-03-02")
            contact = enrollment.followup_ids
            contact.user_id = self.agent
            if sells:
                action = contact.with_user(self.agent).action_opportunity()
                lead = self.env["crm.lead"].browse(action["res_id"])
                self.assertEqual((lead.partner_id, lead.user_id), (self.customer, self.agent))
            else:
                with self.assertRaisesRegex(UserError, "enter a suggestion instead"):
                    contact.with_user(self.agent).action_opportunity()
                note = {"followup_id": contact.id, "kind": "suggestion", "text": "A bigger one"}
                self.assertTrue(self.env["customer.followup.feedback"].create(note))
