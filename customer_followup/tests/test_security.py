import re

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import file_open

from .common import EMAIL, FollowupCommon

# A row of the table of rights: the record, its model, and what five roles may do with it.
_ROW = re.compile(r"^\| [^|]+ \| `([\w.]+)` \|((?: [crwu-]+ \|){5})$", re.MULTILINE)


def _read_rights():
    """Return what each role may do by model, of ``security/README.md``."""
    with file_open("customer_followup/security/README.md") as file:
        return {
            model: tuple(one.strip(" -") for one in rights.split("|")[:5])
            for model, rights in _ROW.findall(file.read())
        }


RIGHTS = _read_rights()
OPERATIONS = {"c": "create", "r": "read", "w": "write", "u": "unlink"}


@tagged("post_install", "-at_install")
class TestRights(FollowupCommon):
    """Every model, every role."""

    def _rights(self, model, user):
        records = self.env[model].with_user(user)
        return "".join(letter for letter, name in OPERATIONS.items() if records.has_access(name))

    def test_the_table_names_every_model(self):
        ours = {
            name
            for name, model in self.env.registry.items()
            if name.startswith("customer.") and not model._abstract
        }
        self.assertEqual(ours, set(RIGHTS))

    def test_every_role_has_its_rights_and_no_other(self):
        users = (self.agent, self.leader, self.manager, self.admin, self.auditor)
        for model, rights in RIGHTS.items():
            for user, wanted in zip(users, rights, strict=True):
                with self.subTest(model=model, user=user.login):
                    self.assertEqual(self._rights(model, user), wanted)

    def test_strangers_have_none(self):
        visitor = self.env.ref("base.public_user")
        portal = self.env["res.users"].create(
            {
                "name": "Portal",
                "login": "cf_portal",
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        for model in RIGHTS:
            for user in (self.stranger, portal, visitor):
                with self.subTest(model=model, user=user.login):
                    self.assertEqual(self._rights(model, user), "")

    def test_strangers_see_no_field_of_ours_on_contacts(self):
        ours = (
            self.env["ir.model.fields"]
            .search([("model", "=", "res.partner"), ("name", "like", "customer_%")])
            .filtered(lambda field: field.modules == "customer_followup")
        )
        self.assertIn("customer_tier_id", ours.mapped("name"))
        known = self.env["res.partner"].with_user(self.stranger).fields_get()
        self.assertFalse(known.keys() & set(ours.mapped("name")))

    def test_every_role_opens_every_menu_it_sees(self):
        root = self.env.ref("customer_followup.menu_root")
        for user in (self.agent, self.leader, self.manager, self.admin, self.auditor):
            menus = self.env["ir.ui.menu"].with_user(user)
            menus = menus.browse(menus._visible_menu_ids()) & menus.search(
                [("id", "child_of", root.id)]
            )
            self.assertTrue(menus)
            for menu in menus.filtered("action"):
                with self.subTest(user=user.login, menu=menu.complete_name):
                    action = menu.sudo().action
                    if action._name == "ir.actions.server":
                        opened = action.with_user(user).run()
                        action = self.env["ir.actions.act_window"].sudo().browse(opened["id"])
                    model = self.env[action.res_model].with_user(user)
                    views = [(False, kind) for kind in action.view_mode.split(",")]
                    model.get_views([*views, (False, "search")])
                    model.web_search_read([], {"display_name": {}}, limit=5)


@tagged("post_install", "-at_install")
class TestRows(FollowupCommon):
    """Agents see their own, leaders their teams, managers all, no user another company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_second_company()
        cls.free = {
            user: cls._everything(user, cls.company, cls.team)
            for user in (cls.agent, cls.colleague)
        }
        cls.unassigned = cls._everything(cls.env["res.users"], cls.company, cls.team)
        cls.teamless = cls._everything(cls.manager, cls.company, cls.env["customer.team"])
        cls.elsewhere = cls._everything(cls.other_agent, cls.other_company, cls.other_team)

    @classmethod
    def _everything(cls, user, company, team):
        """Return one record of each model whose rows belong to a user."""
        env = cls.env(context={**cls.env.context, "allowed_company_ids": company.ids})
        whose = {"user_id": user.id, "team_id": team.id, "company_id": company.id}
        about = {**whose, "partner_id": cls.customer.id}
        followup = cls._make_followup(**{**whose, "user_id": user.id}).with_env(env)
        plan = cls.plan
        enrollment = env["customer.followup.enrollment"].create(
            {**about, "plan_id": plan.copy({"state": "running"}).id, "user_id": user.id}
        )
        feedback = env["customer.followup.feedback"].create(
            {"followup_id": followup.id, "text": "Seat covers"}
        )
        followup._record_attempt(cls._ending("reached"))
        score = env["customer.satisfaction.score"].create(
            {
                "followup_id": followup.id,
                "metric_id": cls.env.ref("customer_followup.customer_satisfaction_metric_nps").id,
                "value": 9,
            }
        )
        complaint = env["customer.complaint"].create(
            {**about, "title": "It rattles", "accountable_user_id": user.id}
        )
        env["customer.contact.refusal"]._note({followup: "no_phone"})
        invitation = env["customer.satisfaction.invitation"].create(
            {
                "followup_id": followup.id,
                "survey_id": cls.env.ref("customer_followup.survey_after_delivery").id,
            }
        )
        records = [
            followup,
            enrollment,
            feedback,
            followup.attempt_ids,
            score,
            complaint,
            env["customer.contact.refusal"].search([("followup_id", "=", followup.id)]),
            invitation,
        ]
        if user:
            records.append(env["customer.action"].create({**whose, "name": "Call"}))
        return records

    def _seen(self, user, rows):
        """Return the models of whose rows the user can read at least one, and see by searching."""
        seen = set()
        for row in rows:
            theirs = row.with_user(user).with_env(
                self.env(user=user, context={"allowed_company_ids": user.company_ids.ids})
            )
            found = bool(theirs.search([("id", "=", row.id)]))
            self.assertEqual(found, theirs.has_access("read"), row)
            if found:
                seen.add(row._name)
        return seen

    def assertSeesAll(self, user, rows):
        self.assertEqual(self._seen(user, rows), {row._name for row in rows})

    def assertSeesNothing(self, user, rows):
        self.assertEqual(self._seen(user, rows), set())

    def test_agents_see_their_own_and_what_is_unassigned_in_their_team(self):
        self.assertSeesAll(self.agent, self.free[self.agent])
        self.assertSeesAll(self.agent, self.unassigned)
        self.assertSeesNothing(self.agent, self.free[self.colleague])
        self.assertSeesNothing(self.agent, self.teamless)

    def test_leaders_see_their_teams_and_those_below(self):
        above = self.env["customer.team"].create({"name": "Service", "leader_id": self.manager.id})
        for rows in (*self.free.values(), self.unassigned):
            self.assertSeesAll(self.leader, rows)
        self.assertSeesNothing(self.leader, self.teamless)
        boss = self.leader.copy({"login": "cf_boss"})
        self.assertSeesNothing(boss, self.unassigned)
        above.leader_id = boss
        self.team.parent_id = above
        self.env.flush_all()
        self.assertSeesAll(boss, self.unassigned)

    def test_managers_and_auditors_see_all_of_their_company(self):
        for user in (self.manager, self.auditor):
            for rows in (*self.free.values(), self.unassigned, self.teamless):
                self.assertSeesAll(user, rows)

    def test_no_user_sees_another_company(self):
        for user in (self.agent, self.leader, self.manager, self.admin, self.auditor):
            self.assertSeesNothing(user, self.elsewhere)
        for user in (self.other_agent, self.other_manager):
            self.assertSeesAll(user, self.elsewhere)
            self.assertSeesNothing(user, self.unassigned)

    def test_configuration_of_another_company_is_hidden_and_shared_one_is_not(self):
        row = [Command.create({"month_from": "1", "month_to": "12", "every_count": 7})]
        step = {"repeat": "season", "interval_ids": row}
        theirs = self._make_cadence(step, company_id=self.other_company.id, team_id=False)
        shared = self._make_cadence(step)
        days = [
            self.env["customer.workday"].create({"name": "Off", "company_id": company})
            for company in (self.other_company.id, False)
        ]
        for plan, day, is_seen in ((theirs, days[0], False), (shared, days[1], True)):
            for record in (plan, plan.version_id, plan.step_ids, plan.step_ids.interval_ids, day):
                for user in (self.manager, self.auditor, self.agent):
                    with self.subTest(model=record._name, user=user.login, is_seen=is_seen):
                        self.assertEqual(record.with_user(user).has_access("read"), is_seen)
                self.assertTrue(record.with_user(self.other_manager).has_access("read"))

    def test_facts_are_unassigned_to_write(self):
        enrollment = self.plan._enroll(self.customer)
        other = self._make_cadence({})
        locked = self.plan.step_ids[0]
        free = other.step_ids
        for record, vals in (
            (enrollment, {"state": "done"}),
            (enrollment, {"version_id": other.version_id.id}),
            (enrollment, {"date_next": False}),
            (enrollment, {"stop_code": "asked"}),
            (enrollment, {"delay_days": 3}),
            (free, {"version_id": locked.version_id.id}),
            (free, {"plan_id": self.plan.id}),
            (locked, {"offset_count": 9}),
            (self.plan.version_id, {"state": "draft"}),
            (self.plan, {"version_id": other.version_id.id}),
        ):
            with self.subTest(model=record._name, vals=vals), self.assertRaises(UserError):
                record.with_user(self.admin).write(vals)
        for model, vals in (
            ("customer.followup.enrollment", {"plan_id": self.plan.id, "state": "paused"}),
            ("customer.followup.enrollment", {"version_id": other.version_id.id}),
            ("customer.followup.plan.version", {"plan_id": self.plan.id}),
            ("customer.followup", {"name": "Hm", "enrollment_id": enrollment.id}),
            ("customer.consent", {"kind": "given", "how": "spoken"}),
        ):
            vals = {"partner_id": self._make_customer("Kim").id, **vals}
            with self.subTest(model=model, vals=vals), self.assertRaises(UserError):
                self.env[model].with_user(self.admin).create(vals)

    def test_defaults_are_no_way_around_facts(self):
        enrollment = self.plan._enroll(self.customer)
        kim = self._make_customer("Kim")
        about = {"partner_id": kim.id}
        for model, fact, vals in (
            ("customer.followup.enrollment", {"state": "done"}, {"plan_id": self.plan.id}),
            ("customer.followup.enrollment", {"delay_days": 9}, {"plan_id": self.plan.id}),
            ("customer.followup", {"enrollment_id": enrollment.id}, {"name": "Hm"}),
            ("customer.followup", {"override_user_id": self.manager.id}, {"name": "Hm"}),
        ):
            context = {f"default_{name}": value for name, value in fact.items()}
            records = self.env[model].with_user(self.leader).with_context(**context)
            with (
                self.subTest(model=model, fact=fact),
                self.assertRaisesRegex(UserError, "recorded"),
            ):
                records.create({**about, **vals})

    def test_texts_are_no_way_to_guess_contact_details(self):
        self.manager.group_ids -= self.env.ref("customer_followup.group_data_contact")
        self.manager.company_ids = self.env["res.company"].search([])
        step = self.plan.step_ids[0].with_user(self.manager)
        for condition in (
            [("commercial_partner_id", "ilike", EMAIL)],
            [("parent_id", "=", EMAIL)],
            [("child_ids", "in", [EMAIL])],
            [("commercial_partner_id", "child_of", EMAIL)],
            [("user_id", "ilike", "x")],
        ):
            with self.subTest(condition=condition), self.assertRaises(UserError):
                step.condition = repr(condition)
        step.condition = repr([("commercial_partner_id", "!=", False), ("country_id", "in", [1])])

    def test_leaders_keep_the_hours_of_people_not_of_plans(self):
        windows = self.env["customer.contact.window"].with_user(self.leader)
        mine = windows.create({"partner_id": self.customer.id})
        with self.assertRaises(AccessError):
            windows.create({"plan_id": self.plan.id})
        with self.assertRaises(AccessError):
            mine.write({"partner_id": False, "plan_id": self.plan.id})
        self.manager.company_ids = self.env["res.company"].search([])
        theirs = windows.with_user(self.manager).create({"plan_id": self.plan.id})
        for way in (lambda: theirs.with_user(self.leader).write({"hour_to": 20}),
                    lambda: theirs.with_user(self.leader).unlink()):  # fmt: skip
            with self.assertRaises(AccessError):
                way()

    def test_no_way_leads_to_another_agents_contact(self):
        foreign = self.free[self.colleague][0].with_user(self.agent)
        reached = self._ending("reached").id
        for name, way in {
            "read": lambda: foreign.read(["name"]),
            "write": lambda: foreign.write({"name": "Mine"}),
            "take": foreign.action_take,
            "cancel": foreign.action_cancel,
            "end": lambda: foreign.action_outcome(reached),
            "call": foreign.action_call,
            "look": foreign.action_reveal,
            "drop": lambda: foreign.action_desk_drop("done"),
            "activity": lambda: foreign.activity_schedule(summary="Mine"),
            "message": lambda: foreign.message_post(body="Mine"),
        }.items():
            with self.subTest(name), self.assertRaises(AccessError):
                way()
        close = self.env["customer.followup.close"].with_user(self.agent)
        with self.assertRaises(AccessError):
            close.create({"followup_id": foreign.id, "outcome_id": reached}).action_close()
        self.assertEqual(foreign.sudo().state, "planned")

    def test_nothing_can_be_hung_on_another_agents_contact(self):
        foreign = self.free[self.colleague][0]
        metric = self.env.ref("customer_followup.customer_satisfaction_metric_nps")
        mine = {"followup_id": foreign.id, "user_id": self.agent.id}
        for model, vals in {
            "customer.followup.feedback": {"followup_id": foreign.id, "text": "Hm"},
            "customer.satisfaction.score": {**mine, "metric_id": metric.id, "value": 0},
            "customer.complaint": {**mine, "title": "Hm"},
        }.items():
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(self.agent).create(vals)

    def test_a_customer_of_another_company_is_refused(self):
        theirs = self._make_customer("Theirs", company_id=self.other_company.id)
        with self.assertRaises(UserError):
            self._make_followup(partner_id=theirs.id)
        with self.assertRaises(UserError):
            self.plan._enroll(theirs)
        with self.assertRaises(UserError):
            self.env["customer.complaint"].create({"title": "Hm", "partner_id": theirs.id})

    def test_agents_cannot_give_themselves_another_agents_contact(self):
        with self.assertRaises(AccessError):
            self._make_followup(self.colleague).with_user(self.agent).user_id = self.agent
        with self.assertRaises(AccessError):
            self.env["customer.followup"].with_user(self.agent).create(
                self._make_followup().copy_data({"user_id": self.colleague.id})[0]
                | {"date_deadline": "2030-01-01"}
            )

    def test_answers_to_surveys_are_for_managers(self):
        survey = self.env.ref("customer_followup.survey_after_delivery")
        answer = self.env["survey.user_input"].create(
            {"survey_id": survey.id, "partner_id": self.customer.id}
        )
        officer = self.stranger
        officer.group_ids += self.env.ref("survey.group_survey_user")
        self.assertTrue(answer.with_user(self.manager).has_access("read"))
        for user in (officer, self.agent, self.leader):
            with self.subTest(user=user.login):
                self.assertFalse(answer.with_user(user).has_access("read"))
        survey.company_id = self.other_company
        self.assertFalse(answer.with_user(self.manager).has_access("read"))
        self.assertTrue(answer.with_user(self.other_manager).has_access("read"))
