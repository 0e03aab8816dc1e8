from datetime import timedelta

from odoo import Command, fields
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import EMAIL, PHONE, FollowupCommon


class TourCommon(FollowupCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.phone | cls.survey_channel).write({"hour_from": 0, "hour_to": 24})
        cls.delivery = cls.env.ref("customer_followup.customer_followup_plan_delivery")
        cls.delivery.team_id = cls.team
        cls.delivery.state = "running"
        # Not a name of the demo company.
        cls.customer.name = "Gao Yuan"
        cls.call = cls._due_call(cls.customer)
        second = cls._make_customer("Wang Wei", phone=PHONE, email="wang@example.com")
        cls.second = cls._due_call(second)

    @classmethod
    def _due_call(cls, partner):
        """Enroll a customer in the plan *After delivery*; the first call is due now."""
        cls.env["customer.ownership"].create(
            {"commercial_partner_id": partner.id, "user_id": cls.agent.id}
        )
        enrollment = cls.delivery._enroll(partner)
        enrollment._plan_safely()
        call = enrollment.followup_ids.sorted("date_planned")[0]
        call.write({"date_planned": fields.Datetime.now(), "date_deadline": fields.Datetime.now()})
        return call


@tagged("post_install", "-at_install")
class TestTour(TourCommon):
    """The README's story in the browser, as agent, manager and customer."""

    def test_agent_manager_and_customer_walk_the_story(self):
        self.start_tour("/odoo/followup-desk", "customer_followup_agent", login="cf_agent")
        complaint = self.call.complaint_ids
        self.assertEqual(complaint.title, "The door rattles")
        self.assertEqual(self.call.state, "done")
        self.assertEqual(self.call.score_ids.mapped("value"), [4])
        self.assertEqual((self.second.state, self.second.summary), ("done", "All is well"))
        self.assertEqual(
            self.env["customer.access.log"].search([("action", "=", "dial")]).partner_res_id,
            self.customer.id,
        )

        self.start_tour("/odoo/complaints", "customer_followup_handler", login="cf_agent")
        self.assertEqual((complaint.state, complaint.close_kind), ("closed", "confirmed"))
        self.assertEqual(complaint.solution, "Tightened, free of charge")

        survey = self.call.enrollment_id.followup_ids.filtered(
            lambda contact: contact.channel_id == self.survey_channel
        )
        survey.date_planned = fields.Datetime.now()
        self._send_due()
        invitation = survey.invitation_ids
        self.assertEqual(invitation.user_input_id.email, EMAIL)
        self.start_tour(invitation.user_input_id.get_start_url(), "customer_followup_customer")
        self.assertEqual(invitation.state, "answered")
        self.assertEqual(self.customer.customer_last_score, "Recommendation 10/10")
        self.start_tour("/odoo/followup-scores", "customer_followup_scores", login="cf_manager")


class DayCommon(FollowupCommon, HttpCase):
    """An agent with three customers to contact today: a late one, a starred one, and another."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.phone.write({"hour_from": 0, "hour_to": 24})
        now = fields.Datetime.now()
        cls.late, cls.starred, cls.last = (
            cls._make_followup(
                partner_id=cls._make_customer(name, phone=PHONE).id,
                priority=priority,
                date_planned=now - timedelta(days=days, minutes=1),
                date_deadline=now + timedelta(days=0.5 - days),
            )
            for name, priority, days in (
                ("An Late", "0", 2),
                ("Bo Starred", "2", 0),
                ("Cy Refuses", "0", 0),
            )
        )

    def _work(self, tour):
        self.start_tour("/odoo/followup-desk", f"customer_followup_day_{tour}", login="cf_agent")
        self.assertEqual(self.late.state, "waiting")
        self.assertEqual(self.late.attempt_ids.user_id, self.agent)
        self.assertEqual((self.starred.state, self.last.state), ("done", "done"))


@tagged("post_install", "-at_install")
class TestDayTour(DayCommon):
    def test_by_mouse(self):
        self._work("mouse")
        self.assertEqual(self.starred.summary, "Wants a brochure")
        action = self.env["customer.action"].search([("res_id", "=", self.starred.id)])
        self.assertEqual((action.name, action.user_id), ("Send the brochure", self.agent))
        self.assertEqual(self.last.outcome_id, self._ending("refused"))

    def test_in_chinese(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms(["web", "customer_followup"], ["zh_CN"])
        self.agent.lang = "zh_CN"
        self._work("chinese")
        self.assertEqual(self.starred.summary, "需要宣传册")
        self.assertEqual(self.last.outcome_id, self._ending("reached"))

    def test_by_keyboard(self):
        self._work("keyboard")
        self.assertEqual(self.last.summary, "Until 1 or 2 o'clock")


@tagged("post_install", "-at_install")
class TestDayOnThePhoneTour(DayCommon):
    browser_size = "400x850"
    touch_enabled = True

    def test_on_a_phone(self):
        self._work("phone")


@tagged("post_install", "-at_install")
class TestMobileTour(TourCommon):
    browser_size = "375x667"
    touch_enabled = True

    def test_an_agent_works_on_a_phone(self):
        self.start_tour("/odoo/followup-desk", "customer_followup_mobile", login="cf_agent")
        self.assertEqual(self.call.state, "waiting")


@tagged("post_install", "-at_install")
class TestPlanTour(TourCommon):
    """An administrator builds a cadence, sees its dates, runs it, and changes it later."""

    def test_an_administrator_builds_a_cadence(self):
        # The refusal to run without a lawful basis, which the administrator provokes.
        with mute_logger("odoo.http"):
            self.start_tour("/odoo/followup-plans", "customer_followup_plan", login="cf_admin")
        plan = self.env["customer.followup.plan"].search([("name", "=", "Winter check")])
        self.assertEqual(plan.state, "running")
        call, series = plan.step_ids
        self.assertEqual((call.offset_count, call.workday_policy), (5, "next"))
        self.assertEqual(
            (series.repeat, series.every_count, series.every_unit), ("interval", 3, "months")
        )
        self.assertEqual(series.end_count, 4)
        plan.team_id = self.team
        enrollment = plan._enroll(self.customer)
        enrollment._plan_safely()
        self.assertEqual(enrollment.followup_ids.mapped("name"), ["Call"])

        self.start_tour(
            f"/odoo/followup-plans/{plan.id}", "customer_followup_plan_version", login="cf_admin"
        )
        self.assertEqual(plan.version_id.number, 2)
        self.assertEqual(plan.step_ids.mapped("offset_count"), [6, 3])
        self.assertEqual(enrollment.version_id.number, 2)

        self.start_tour(
            f"/odoo/followup-running/{enrollment.id}", "customer_followup_pause", login="cf_leader"
        )
        self.assertEqual((enrollment.state, enrollment.stop_note), ("stopped", "The car was sold"))
        self.assertEqual(enrollment.pause_note, "Customer is abroad")
        self.assertEqual(set(enrollment.followup_ids.mapped("state")), {"cancelled"})

    def test_a_manager_uses_a_plan_of_the_gallery(self):
        self.start_tour("/odoo/followup-gallery", "customer_followup_gallery", login="cf_manager")
        plan = self.env["customer.followup.plan"].search(
            [("name", "=", "Renovation: three stages"), ("is_template", "=", False)]
        )
        self.assertEqual((plan.state, plan.company_id), ("running", self.company))
        self.assertEqual(len(plan.step_ids), 3)


@tagged("post_install", "-at_install")
class TestHandoverTour(TourCommon):
    """Customers change hands, and a leader evens out the work."""

    def test_a_customer_is_handed_over_and_accepted(self):
        self.start_tour(
            "/odoo/followup-owners", "customer_followup_handover_give", login="cf_agent"
        )
        handover = self.env["customer.handover"].search([("user_from_id", "=", self.agent.id)])
        self.assertEqual(handover.line_ids.partner_id, self.customer)
        self.assertEqual(self.customer.customer_owner_id, self.agent)
        # The error that the receiver gets when not all is ticked.
        with mute_logger("odoo.http"):
            self.start_tour(
                "/odoo/followup-handovers",
                "customer_followup_handover_take",
                login="cf_colleague",
            )
        self.env.invalidate_all()
        self.assertEqual(self.customer.customer_owner_id, self.colleague)
        self.assertEqual(self.call.user_id, self.colleague)

    def test_a_leader_evens_out_the_work(self):
        self.start_tour("/odoo/followup-workload", "customer_followup_workload", login="cf_leader")
        self.env.invalidate_all()
        self.assertEqual(self.call.user_id, self.colleague)
        self.assertEqual(self.second.user_id, self.agent)


@tagged("post_install", "-at_install")
class TestComplaintManagerTour(TourCommon):
    """A manager decides what costs more, and takes the register along."""

    def test_a_manager_approves_and_exports(self):
        complaint = self.env["customer.complaint"].create(
            {
                "title": "It rattles",
                "partner_id": self.customer.id,
                "team_id": self.team.id,
                "solution_ids": [Command.create({"name": "A new door", "amount": 900})],
            }
        )
        self.manager.group_ids += self.env.ref("base.group_allow_export")
        self.start_tour(
            "/odoo/complaints", "customer_followup_complaint_approve", login="cf_manager"
        )
        self.assertEqual(complaint.solution_ids.approver_id, self.manager)
        # The refusal to export without a reason, which the manager provokes.
        with mute_logger("odoo.http"):
            self.start_tour(
                "/odoo/complaints-tracking",
                "customer_followup_complaint_register",
                login="cf_manager",
            )
        log = self.env["customer.access.log"].search([("reason", "=", "Monthly review")])
        self.assertIn(self.customer.id, log.mapped("partner_res_id"))


@tagged("post_install", "-at_install")
class TestPromiseTour(TourCommon):
    """A handler sees the time left, answers the customer, and the promise is kept."""

    def test_a_handler_keeps_a_promise(self):
        complaint = (
            self.env["customer.complaint"]
            .with_user(self.agent)
            .create(
                {
                    "title": "It rattles",
                    "partner_id": self.customer.id,
                    "team_id": self.team.id,
                    "kind": "issue",
                }
            )
        )
        with self._serving(return_value="<1@example.com>"):
            self.start_tour("/odoo/complaints", "customer_followup_promise", login="cf_agent")
        promises = complaint.sudo().promise_ids.grouped("kind")
        self.assertEqual(promises["first_answer"].state, "met")
        self.assertEqual(promises["first_answer"].met_user_id, self.agent)
        self.assertEqual(promises["arrangement"].state, "met")
