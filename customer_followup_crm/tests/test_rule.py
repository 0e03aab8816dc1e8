from datetime import date

from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.customer_followup.tests.common import FollowupCommon


@tagged("post_install", "-at_install")
class TestIntent(FollowupCommon):
    @freeze_time("2026-03-05 10:00")
    def test_a_lead_is_called_until_the_date_he_named_or_until_he_is_lost(self):
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
