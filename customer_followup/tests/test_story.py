from odoo import fields
from odoo.tests import Form, tagged

from .common import FollowupCommon


@tagged("post_install", "-at_install")
class TestStory(FollowupCommon):
    """The README's story, once, end to end, on the sales orders of Odoo's own demo data."""

    def _follow_orders(self):
        """A rule puts the customers of confirmed sales orders on the plan *After delivery*."""
        plan = self.env.ref("customer_followup.customer_followup_plan_delivery")
        plan.team_id = self.team
        plan.action_run()
        rule = self.env["customer.followup.rule"].create(
            {
                "name": "Confirmed orders",
                "model_name": "sale.order",
                "domain": "[('state', '=', 'sale')]",
                "anchor_path": "date_order",
                "plan_id": plan.id,
                "active": True,
                "scope": "all",
            }
        )
        self._run_cron("ir_cron_enroll_full")
        return rule

    def test_a_customer_is_followed_up(self):
        orders = self.env["sale.order"].search([("state", "=", "sale")])
        self.assertTrue(orders, "Install sale_management with demo data to run this test.")
        rule = self._follow_orders()
        enrollments = self.env["customer.followup.enrollment"].search([("rule_id", "=", rule.id)])
        self.assertEqual(set(enrollments.mapped("res_id")), set(orders.ids))

        self._run_cron("ir_cron_plan")
        self.assertFalse(enrollments.filtered("error"))
        contacts = enrollments.followup_ids
        calls = contacts.filtered(lambda contact: contact.channel_id == self.phone)
        self.assertTrue(calls)
        self.assertEqual(calls.user_id, self.agent | self.colleague)

        call = calls.filtered(lambda contact: contact.user_id == self.agent)[:1]
        self._talk(call.with_user(self.agent))
        self._settle(call.complaint_ids)
        self._ask(enrollments.followup_ids - calls, call.partner_id)

    def _talk(self, call):
        """The agent reads what to say, notes the answers, and opens a complaint."""
        self.assertIn("Is everything as you expected?", call.text)
        with Form(call) as form, form.feedback_ids.new() as line:
            line.kind = "need"
            line.text = "Seat covers"
        heard = self.env["customer.followup.feedback"].with_user(self.agent)
        problem = heard.create(
            {"followup_id": call.id, "kind": "problem", "text": "The door rattles"}
        )
        action = problem.action_complaint()
        with Form(call.complaint_ids.with_context(**action["context"])) as form:
            self.assertEqual(form.title, "The door rattles")
        with Form(call) as form, form.score_ids.new() as line:
            line.metric_id = self.env.ref("customer_followup.customer_satisfaction_metric_nps")
            line.value = 9
        self.assertFalse(call.action_outcome(self._ending("reached").id))
        self.assertEqual(call.state, "done")
        self.assertEqual(call.last_score, "Recommendation 9/10")

    def _settle(self, complaint):
        """The complaint moves over its board until it is closed."""
        complaint = complaint.with_user(self.agent)
        self.assertEqual(complaint.state, "new")
        complaint.verdict = "confirmed"
        complaint.cause = "A screw was loose"
        complaint.solution = "Screw tightened, free of charge"
        for stage in self.env["customer.complaint.stage"].search(
            [("meaning", "in", ("assessing", "solving", "awaiting"))]
        ):
            complaint.stage_id = stage
        complaint._customer_informed("By phone")
        complaint._customer_confirms("By phone", satisfaction="5")
        self.assertEqual(complaint.state, "closed")
        self.assertTrue(complaint.date_closed)

    def _ask(self, surveys, partner):
        """The customer gets a link and answers; the score is on the card and in the pivot."""
        due = surveys.filtered(
            lambda contact: contact.channel_id == self.survey_channel and contact.state == "planned"
        )
        mine = due.filtered(lambda contact: contact.partner_id == partner)[:1]
        # The hours of the day must not decide whether this test sends.
        self.survey_channel.write({"hour_from": 0, "hour_to": 24})
        mine.date_planned = fields.Datetime.now()
        self._run_cron("ir_cron_send")
        invitation = mine.invitation_ids
        mail = self.env["mail.mail"].search([("recipient_ids", "=", partner.id)], limit=1)
        self.assertIn(invitation.user_input_id.access_token, mail.body_html)
        self._empty_queues()
        self.assertEqual(invitation.state, "sent")

        answer = invitation.user_input_id
        question = answer.survey_id.question_ids.filtered("customer_metric_id")
        answer._mark_in_progress()
        answer._save_lines(question, "10")
        answer._mark_done()
        self.assertEqual(invitation.state, "answered")
        self.assertEqual(partner.customer_last_score, "Recommendation 10/10")
        rows = self.env["customer.satisfaction.score"]._read_group(
            [("commercial_partner_id", "=", partner.commercial_partner_id.id)],
            ["source"],
            ["value:avg"],
        )
        self.assertIn(("survey", 10.0), rows)
