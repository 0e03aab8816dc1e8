from datetime import datetime

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..common import ADMIN, AGENT, CONTACT_DETAILS, FollowupCommon


@tagged("post_install", "-at_install")
class TestSetup(FollowupCommon):
    """The page *Get started* reads from the database what is done."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.new = cls.env["res.company"].create({"name": "New", "email": False})
        cls.starter = new_test_user(
            cls.env,
            "cf_starter",
            groups=f"{ADMIN},{CONTACT_DETAILS}",
            email="starter@example.com",
            company_id=cls.new.id,
            company_ids=[Command.set(cls.new.ids)],
        )
        cls.setup = cls.env["customer.setup"].with_user(cls.starter).with_company(cls.new)

    def _step(self, code):
        self.env.invalidate_all()
        return self.setup.create({"code": code})

    def _state(self, code):
        step = self._step(code)
        return step.is_done, step.text

    def _make_running_plan(self):
        return self._make_plan("First", [(3, "days")], company_id=self.new.id, team_id=False)

    def test_all_is_to_do_in_a_new_company(self):
        for plan in self.env["customer.followup.plan"].search([("state", "=", "running")]):
            plan.company_id = plan.company_id or self.company
        action = self.setup.action_begin()
        steps = self.env["customer.setup"].browse(action["domain"][0][2]).with_env(self.setup.env)
        self.assertEqual(
            {step.code for step in steps if step.is_done},
            {"running"},
        )

    def test_the_company_needs_an_address(self):
        self.assertEqual(
            self._state("company"),
            (False, "Enter the e-mail address of New: messages to customers come from it."),
        )
        self.new.email = "care@example.com"
        self.new.resource_calendar_id.write({"name": "Office", "tz": "Asia/Shanghai"})
        self.assertEqual(
            self._state("company"),
            (True, "Office, Asia/Shanghai. Messages come from care@example.com."),
        )
        with self.assertRaisesRegex(UserError, "Ask an administrator of Odoo to change New"):
            self._step("company").action_go()

    def test_people_are_counted_by_their_highest_role(self):
        agent = new_test_user(
            self.env,
            "cf_first",
            groups=AGENT,
            company_id=self.new.id,
            company_ids=[Command.set(self.new.ids)],
        )
        is_done, text = self._state("people")
        self.assertFalse(is_done)
        counts = "1 agents, 0 team leaders and 1 managers"
        self.assertEqual(text, f"{counts}. Make a team, and add its members.")
        team = self.env["customer.team"].create(
            {"name": "Service", "company_id": self.new.id, "member_ids": [Command.link(agent.id)]}
        )
        self.assertEqual(self._state("people"), (True, f"{counts}. Teams: Service."))
        self.assertTrue(team)

    def test_a_running_plan_and_who_gets_it(self):
        for plan in self.env["customer.followup.plan"].search([("state", "=", "running")]):
            plan.company_id = plan.company_id or self.company
        self.assertFalse(self._state("plan")[0])
        plan = self._make_running_plan()
        self.assertEqual(self._state("plan"), (True, "Running: First."))
        self.assertFalse(self._state("rule")[0])
        plan._enroll(self._make_customer("First of all"))
        self.assertEqual(
            self._state("rule"), (True, "No rule is on: customers are enrolled by hand.")
        )

    def test_a_sample_customer_reaches_the_desk_and_leaves_again(self):
        for plan in self.env["customer.followup.plan"].search([("state", "=", "running")]):
            plan.company_id = plan.company_id or self.company
        with self.assertRaisesRegex(UserError, "Run a plan first"):
            self._step("sample").action_try()
        self._make_running_plan()
        self._step("sample").action_try()
        with self.assertRaisesRegex(UserError, "There is a sample customer already"):
            self._step("sample").action_try()
        step = self._step("sample")
        self.assertEqual((step.is_done, step.has_sample), (False, True))
        self._run_cron("ir_cron_plan")
        sample = self.setup._sample().sudo()
        self.assertEqual(sample.email, "starter@example.com")
        contacts = self.env["customer.followup"].search([("partner_id", "=", sample.id)])
        self.assertEqual(contacts.mapped("company_id"), self.new)
        self.assertEqual(
            self._state("sample"),
            (True, "“Sample customer” is on the Desk, in the column of its day."),
        )
        self.assertFalse(self._state("rule")[0])
        self._step("sample").action_remove_sample()
        self.assertFalse(self._state("rule")[0])
        self.assertFalse(sample.active)
        self.assertEqual(set(contacts.mapped("state")), {"cancelled"})
        self.assertFalse(self._step("sample").has_sample)

    @freeze_time("2026-03-02 10:00")
    def test_scheduled_actions_run_and_are_named_when_they_are_off(self):
        crons = self.setup._crons()
        crons.nextcall = datetime(2026, 3, 2, 10, 15)
        self.starter.tz = "UTC"
        self.assertEqual(
            self._state("running"),
            (True, "They run by themselves, the next one at 03/02/2026 10:15:00 AM."),
        )
        crons[0].active = False
        self.assertEqual(self._state("running"), (False, f"Switched off: {crons[0].name}."))
        with self.assertRaisesRegex(UserError, "Switched off: "):
            self._step("running").action_go()

    def test_only_administrators_open_it(self):
        for user in (self.agent, self.leader, self.manager, self.auditor, self.stranger):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env["customer.setup"].with_user(user).action_begin()
        with self.assertRaisesRegex(UserError, "Ask an administrator of Odoo to give users"):
            self._step("people").action_users()

    def test_each_step_leads_somewhere(self):
        self.new.email = "care@example.com"
        for code in ("people", "plan", "rule", "sample"):
            with self.subTest(step=code):
                action = self._step(code).action_go()
                self.assertTrue(
                    self.env[action["res_model"]].with_user(self.starter).has_access("read")
                )
        triggers = self.env["ir.cron.trigger"]
        before = triggers.search_count([])
        self.assertEqual(self._step("running").action_go()["tag"], "display_notification")
        self.assertEqual(triggers.search_count([]), before + 3)
