from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.fields import Domain
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .test_excluded import COMPLAINT, SECRET, ExcludedCommon

RULES = "odoo.addons.base.models.ir_rule"


@tagged("post_install", "-at_install")
class TestExcludedPaths(ExcludedCommon):
    """Attempts to bypass the exclusion of the accused and their leaders."""

    def _as(self, user, model):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env(user=user, context={})[model]

    def _is_ours(self, model):
        return model._original_module.startswith("customer_followup")

    def _make_old_case(self):
        """Return a case about the accused that was closed too long ago to be reopened."""
        case = self._make_closed(self.agent, team_id=self.team.id).sudo()
        case._accuse(self.accused)
        case.date_closed -= timedelta(days=400)
        return case

    def test_every_dialog_is_only_for_its_author(self):
        rules = self.env["ir.rule"].search(
            [("global", "=", True), ("domain_force", "=", "[('create_uid', '=', user.id)]")]
        )
        for model in self.env.values():
            if model._transient and self._is_ours(model):
                with self.subTest(model=model._name):
                    self.assertIn(model._name, rules.model_id.mapped("model"))

    @mute_logger(RULES)
    def test_exports_of_others_cannot_be_read(self):
        case = self._make_case(self.agent)
        mine = self._as(self.general, "customer.complaint.export").create(
            {"register": "attitude", "reason": "Monthly meeting"}
        )
        mine.action_export()
        self.assertTrue(mine.datas)
        for user in (self.accused, self.manager):
            wizards = self._as(user, mine._name)
            with self.subTest(user=user.login):
                self.assertFalse(wizards.search([]))
                with self.assertRaises(AccessError):
                    wizards.browse(mine.id).read(["datas"])
        word = self._as(self.agent, "customer.complaint.contact.log").create(
            {"complaint_id": case.id}
        )
        with self.assertRaises(AccessError):
            self._as(self.accused, word._name).browse(word.id).read(["complaint_id"])

    @mute_logger(RULES)
    def test_a_dialog_reveals_no_number(self):
        case = self._make_case(self.agent)
        date = {
            "promise_id": case.promise_ids[:1].id,
            "date_deadline": "2126-03-06",
            "how": "By phone",
            "why": "Holiday",
        }
        for name, vals in (
            ("customer.complaint.contact.log", {}),
            ("customer.complaint.handover", {"reason": "Holiday"}),
            ("customer.complaint.letter", {"text": "Hello"}),
            ("customer.complaint.agreement", date),
            (
                "customer.complaint.agreement",
                {**date, "complaint_id": self._complain(self.accused).id},
            ),
        ):
            with self.subTest(dialog=name), self.assertRaises(AccessError), self.env.cr.savepoint():
                self._as(self.accused, name).create({"complaint_id": case.id, **vals})

    def test_a_letter_being_written_names_no_customer(self):
        case = self._make_case(self.agent)
        asked = {"complaint_id": case.id}, [], {"complaint_id": {}, "customer": {}}
        with self.assertRaises(AccessError):
            self._as(self.accused, "customer.complaint.letter").onchange(*asked)
        shown = self._as(self.general, "customer.complaint.letter").onchange(*asked)
        self.assertEqual(shown["value"]["customer"], "Li Na")

    def test_its_number_is_hidden_from_excluded_users(self):
        case = self._make_case(self.agent)
        action = self._make_action(case, self.agent)
        for record, name in ((case, case.name), (action, SECRET)):
            for user, shown in ((self.accused, False), (self.leader, False), (self.general, name)):
                with self.subTest(record=record, user=user.login):
                    seen = self._as(user, record._name).browse(record.id)
                    self.assertEqual(seen.sudo().display_name, shown)

    def test_a_linked_case_is_hidden_from_the_same_users(self):
        self.customer.email = "li.na@example.com"
        for change in ("none", "lead given away"):
            with self.subTest(change=change):
                case = self._make_old_case()
                if change != "none":
                    self.team.leader_id = self.manager
                    self.assertIn(self.leader, case.excluded_user_ids)
                following = case._process_customer_message("It happened again")
                self.assertEqual(following.previous_id, case)
                self.assertEqual(following.accused_user_ids, self.accused)
                self.assertEqual(following.excluded_user_ids, case.excluded_user_ids)
                self.assertTrue(following.date_acknowledged)
                for user in self.accused | self.line:
                    found = self._as(user, COMPLAINT).search([("id", "=", following.id)])
                    self.assertFalse(found, user.login)
                notified = following.activity_ids.user_id | following.message_partner_ids.user_ids
                self.assertFalse(notified & following.excluded_user_ids)

    def test_a_copy_is_hidden_from_the_same_users(self):
        case = self._make_case(self.agent)
        self.team.leader_id = self.manager
        copy = case.with_user(self.agent).copy().sudo()
        self.assertEqual(copy.accused_user_ids, self.accused)
        self.assertEqual(copy.excluded_user_ids, case.excluded_user_ids)
        self.assertIn(self.leader, copy.excluded_user_ids)

    def test_duplicates_are_hidden_from_the_same_users(self):
        for is_original in (True, False):
            with self.subTest(is_original=is_original):
                case = self._make_case(self.agent)
                twin = self._complain(self.agent, title="Said twice").sudo()
                self.assertFalse(twin.excluded_user_ids)
                if is_original:
                    twin.duplicate_of_id = case
                else:
                    case.duplicate_of_id = twin
                self.assertEqual(twin.excluded_user_ids, self.accused | self.line)
                self.assertFalse(twin.with_user(self.accused).has_access("read"))
                self.assertTrue(twin.with_user(self.agent).has_access("read"))
                case.accused_user_ids = self.outsider
                self.assertEqual(twin.excluded_user_ids, self.outsider)

    def test_earlier_duplicates_are_hidden_from_the_present_accused(self):
        case = self._complain(self.agent).sudo()
        twin = self.env[COMPLAINT].browse(self._complain(self.accused).id)
        twin.duplicate_of_id = case
        case._accuse(self.accused)
        self.assertEqual(twin.excluded_user_ids, self.accused | self.line)
        self.assertNotIn(self.accused, twin.user_id | twin.accountable_user_id)
        other = self._complain(self.agent, duplicate_of_id=case.id).sudo()
        self.assertEqual(other.excluded_user_ids, case.excluded_user_ids)

    @mute_logger(RULES)
    def test_duplicates_cannot_probe_for_complaints(self):
        case = self._make_case(self.agent)
        with self.assertRaises(AccessError):
            self._complain(self.accused, duplicate_of_id=case.id)

    def test_lists_of_complaints_are_searched_with_the_rights_of_the_user(self):
        followup = self._make_followup(self.accused)
        feedback = self.env["customer.followup.feedback"].create(
            {"followup_id": followup.id, "kind": "problem", "text": SECRET}
        )
        cause = self.env["customer.complaint.cause"].create({"name": "Haste"})
        case = self._make_case(
            self.manager, followup_id=followup.id, feedback_id=feedback.id, cause_id=cause.id
        )
        paths = (
            ("customer.followup", "complaint_ids", followup, case),
            ("customer.followup", "feedback_ids.complaint_ids", followup, case),
            ("customer.complaint.cause", "complaint_ids", cause, case),
        )
        for model, path, holder, inside in paths:
            for domain in (
                [(path, "!=", False)],
                [(path, "in", inside.ids)],
                [(path, "in", [False, inside.id]), (path, "!=", False)],
                ["!", (path, "=", False)] if path == "complaint_ids" else [(path, "!=", False)],
                [(path, "not any", [("id", "not in", inside.ids)]), (path, "!=", False)],
                [(path, "any", [("id", "in", inside.ids)])],
                [(path, "ilike", case.name)],
            ):
                for user, is_found in ((self.accused, False), (self.manager, True)):
                    with self.subTest(path=path, domain=domain, user=user.login):
                        rows = self._as(user, model)
                        near = Domain("id", "=", holder.id) & Domain(domain)
                        self.assertEqual(bool(rows.search(near)), is_found)
                        self.assertEqual(bool(rows.search_count(near)), is_found)
                        self.assertEqual(
                            bool(rows._read_group(near, [], ["__count"])[0][0]), is_found
                        )
                        self.assertEqual(
                            bool(rows.browse(holder.id).filtered_domain(domain)), is_found
                        )

    def test_every_confidential_list_is_searched_with_the_rights_of_the_user(self):
        guard = self.registry["customer.confidential.mixin"]
        lists = [
            (model, field)
            for model in self.env.values()
            if not model._abstract
            for field in model._fields.values()
            if field.type in ("one2many", "many2many")
            and field.store
            and field.groups != fields.NO_ACCESS
            and self.env[field.comodel_name]._customer_confidential
        ]
        self.assertGreaterEqual(len(lists), 12)
        for model, field in lists:
            with self.subTest(field=field):
                self.assertIsInstance(model, guard)


@tagged("post_install", "-at_install")
class TestExcludedSources(ExcludedCommon):
    """Records related to a complaint reveal no more than the complaint."""

    def _as(self, user, record):
        self.env.flush_all()
        self.env.invalidate_all()
        return record.with_env(self.env(user=user, context={}))

    def _is_found(self, user, record):
        """Return whether a user finds a record; reading and counting must agree."""
        seen = self._as(user, record)
        found = {
            bool(seen.search([("id", "=", record.id)])),
            bool(seen._read_group([("id", "=", record.id)], [], ["__count"])[0][0]),
            seen.has_access("read"),
        }
        self.assertEqual(len(found), 1, found)
        return found.pop()

    def test_feedback_is_hidden_with_its_complaint(self):
        followup = self._make_followup(self.accused)
        lines = self.env["customer.followup.feedback"].create(
            [
                {"followup_id": followup.id, "kind": "problem", "text": SECRET},
                {"followup_id": followup.id, "kind": "need", "text": "A call"},
            ]
        )
        self.assertTrue(self._is_found(self.accused, lines[0]))
        self._make_case(self.manager, followup_id=followup.id, feedback_id=lines[0].id)
        for user, is_found in ((self.accused, False), (self.leader, False), (self.manager, True)):
            with self.subTest(user=user.login):
                self.assertEqual(self._is_found(user, lines[0]), is_found)
                self.assertTrue(self._is_found(user, lines[1]))
                near = [("id", "=", followup.id), ("feedback_ids", "in", lines[0].ids)]
                self.assertEqual(bool(self._as(user, followup).search(near)), is_found)
                shown = self._as(user, followup).read(["feedback_ids"])[0]["feedback_ids"]
                self.assertEqual(lines[0].id in shown, is_found)

    @mute_logger(RULES)
    def test_a_link_to_feedback_gives_no_access(self):
        line = self.env["customer.followup.feedback"].create(
            {"followup_id": self._make_followup(self.manager).id, "kind": "need", "text": SECRET}
        )
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            self._complain(self.agent, feedback_id=line.id)
        mine = self._complain(self.agent)
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            mine.feedback_id = line
        vals = {"name": "Hm", "user_id": self.agent.id, "team_id": self.team.id}
        actions = self.env["customer.action"].with_user(self.agent)
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            actions.create({**vals, "feedback_id": line.id})
        action = actions.create(vals)
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            action.feedback_id = line

    def test_a_low_score_is_hidden_with_its_complaint(self):
        metric = self.env["customer.satisfaction.metric"].create(
            {
                "name": "Work",
                "scale_min": 0,
                "scale_max": 10,
                "opens_complaint": True,
                "complaint_value": 3,
            }
        )
        followup = self._make_followup(self.accused)
        scores = self.env["customer.satisfaction.score"].create(
            [
                {"metric_id": metric.id, "value": 2, "followup_id": followup.id},
                {"metric_id": metric.id, "value": 9, "followup_id": followup.id},
                {
                    "metric_id": metric.id,
                    "value": 1,
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "user_id": self.accused.id,
                },
            ]
        )
        cases = self.env[COMPLAINT].search([("low_score_id", "in", scores.ids)])
        self.assertEqual(len(cases), 2)
        card = self._make_followup(self.accused)
        self.assertIn("1/10", self._as(self.accused, card).last_score)
        cases._accuse(self.accused)
        for score in scores:
            for user, is_found in (
                (self.accused, False),
                (self.above, False),
                (self.manager, True),
            ):
                with self.subTest(score=score.value, user=user.login):
                    self.assertEqual(self._is_found(user, score), is_found)
        self.assertFalse(self._as(self.accused, card).last_score)
        self.assertTrue(self._as(self.general, card).last_score)

    def test_plans_for_it_are_hidden_with_it_and_reassigned(self):
        case = self._complain(self.agent, team_id=self.team.id).sudo()
        plan = self.plan._enroll(self.customer)
        plan.write({"res_model": COMPLAINT, "res_id": case.id, "user_id": self.accused.id})
        contact = self._make_followup(self.accused, enrollment_id=plan.id)
        other = self._make_followup(self.accused)
        self.assertTrue(self._is_found(self.accused, plan))
        self.assertTrue(self._is_found(self.accused, contact))
        case._accuse(self.accused)
        self.assertEqual(plan.user_id, self.general)
        self.assertEqual(contact.user_id, self.general)
        self.assertEqual(other.user_id, self.accused)
        for record in (plan, contact):
            for user, is_found in (
                (self.accused, False),
                (self.above, False),
                (self.manager, True),
            ):
                with self.subTest(record=record, user=user.login):
                    self.assertEqual(self._is_found(user, record), is_found)
        self.assertTrue(self._is_found(self.accused, other))
        desk = self._as(self.accused, contact).search([("partner_id", "=", self.customer.id)])
        self.assertEqual(desk, other)
        plan._give(dict.fromkeys(plan, self.accused))
        self.assertNotEqual(plan.user_id, self.accused)

    def _make_hidden_contact(self):
        """Return a contact of a plan for a hidden case, made, with all that hangs on it."""
        case = self._complain(self.agent, team_id=self.team.id).sudo()
        plan = self.plan._enroll(self.customer)
        plan.write({"res_model": COMPLAINT, "res_id": case.id, "user_id": self.agent.id})
        contact = self._make_followup(self.agent, name=SECRET, enrollment_id=plan.id)
        case._accuse(self.accused)
        return contact

    def test_parts_of_a_hidden_contact_are_hidden_with_it(self):
        contact = self._make_hidden_contact()
        other = self._make_followup(self.agent)
        reached = self.env.ref("customer_followup.customer_followup_outcome_reached")
        survey = self.env["survey.survey"].search([], limit=1)
        metric = self.env["customer.satisfaction.metric"].search([], limit=1)
        for one in (contact, other):
            rows = [
                self.env["customer.followup.attempt"].create(
                    {"followup_id": one.id, "outcome_id": reached.id}
                ),
                self.env["customer.followup.feedback"].create(
                    {"followup_id": one.id, "kind": "suggestion", "text": SECRET}
                ),
                self.env["customer.satisfaction.invitation"].create(
                    {"followup_id": one.id, "survey_id": survey.id}
                ),
                self.env["customer.satisfaction.score"].create(
                    {
                        "followup_id": one.id,
                        "partner_id": self.customer.id,
                        "metric_id": metric.id,
                        "value": metric.scale_max,
                    }
                ),
                one.message_post(body=SECRET),
                one.activity_schedule("mail.mail_activity_data_todo", user_id=self.agent.id),
                self._make_action(one, self.agent, res_model=one._name),
                one,
            ]
            for row in rows:
                for user in (self.leader, self.above):
                    with self.subTest(model=row._name, user=user.login, hidden=one == contact):
                        self.assertEqual(self._is_found(user, row), one == other)

    def test_every_model_with_a_link_to_a_hidden_record_is_confidential(self):
        mixin = self.env.registry["customer.confidential.mixin"]
        hidden = {
            name
            for name, model in self.env.items()
            if not model._abstract
            and name.startswith("customer.")
            and (isinstance(model, mixin) or model._customer_confidential)
        }
        self.assertGreaterEqual(len(hidden), 20)
        # Only the action that corrects a week is linked, and its name is hidden.
        known = {"customer.complaint.week"}
        for name, model in self.env.items():
            is_ours = name.startswith("customer.") and model._auto and not model._transient
            links = {
                field.name
                for field in model._fields.values()
                if field.type == "many2one" and field.store and field.comodel_name in hidden
            }
            if is_ours and links and name not in known:
                with self.subTest(model=name, links=links):
                    self.assertIn(name, hidden)

    def test_the_card_does_not_show_a_hidden_contact(self):
        contact = self._make_hidden_contact()
        shown = self._make_followup(self.agent, name="Shown")
        for one, day in ((shown, "2026-03-01"), (contact, "2026-03-02")):
            one._record(
                {
                    "state": "done",
                    "date_done": f"{day} 10:00:00",
                    "outcome_id": self.env.ref(
                        "customer_followup.customer_followup_outcome_reached"
                    ).id,
                }
            )
        own = self._make_followup(self.accused)
        for user, last, is_there in (
            (self.accused, "Shown", False),
            (self.manager, SECRET, True),
            (self.accused, "Shown", False),
        ):
            with self.subTest(user=user.login):
                seen = own.with_user(user)
                self.assertEqual(seen.last_contact.split(": ")[1].split(",")[0], last)
                self.assertEqual(SECRET in seen.history, is_there)
                self.assertIn("Shown", seen.history)

    def test_no_one_becomes_the_general_manager_by_their_own_change(self):
        case = self._make_case(self.agent)
        root = self.root
        teams = self.env["customer.team"].with_user(self.above)
        for change in (
            lambda: self.region.with_user(self.above).write({"parent_id": False}),
            lambda: root.with_user(self.above).write({"leader_id": self.above.id}),
            lambda: self.team.with_user(self.above).write(
                {"parent_id": teams.create({"name": "New", "leader_id": self.above.id}).id}
            ),
            lambda: teams.create(
                {
                    "name": "New",
                    "leader_id": self.above.id,
                    "member_ids": [Command.link(self.accused.id)],
                }
            ),
        ):
            with self.assertRaisesRegex(UserError, "general manager"), self.env.cr.savepoint():
                change()
        self.assertIn(self.above, case.excluded_user_ids)
        # A change by another user may raise them.
        root.with_user(self.manager).write({"leader_id": self.above.id})
        self.assertNotIn(self.above, case.excluded_user_ids)

    def test_handlers_only_add_employees(self):
        case = self._complain(self.agent).with_user(self.agent)
        case.write({"concerned_user_ids": [Command.set(self.accused.ids)]})
        case.write({"concerned_user_ids": [Command.set([])]})
        case.write({"concerned_user_ids": [Command.link(self.outsider.id)]})
        named = self.accused | self.outsider
        self.assertEqual(case.sudo().accused_user_ids, named)
        user = {"name": "x", "login": "x", "group_ids": [self.env.ref("base.group_system").id]}
        for command in (
            Command.unlink(self.accused.id),
            Command.clear(),
            Command.create(user),
            Command.update(self.agent.id, user),
            Command.delete(self.accused.id),
            [5],
        ):
            with self.subTest(command=command), self.assertRaises(UserError):
                case.write({"concerned_user_ids": [command]})
            with self.subTest(command=command, new=True), self.assertRaises(UserError):
                case.create({"title": "x", "concerned_user_ids": [command]})
        self.assertEqual(case.sudo().accused_user_ids, named)
        case.with_user(self.manager).write({"accused_user_ids": [Command.unlink(self.outsider.id)]})
        self.assertEqual(case.sudo().accused_user_ids, self.accused)
        for command in (Command.create(user), Command.update(self.agent.id, user)):
            with self.subTest(command=command), self.assertRaises(UserError):
                case.with_user(self.manager).write({"accused_user_ids": [command]})

    def test_access_logs_are_hidden_with_it(self):
        case = self._make_case(self.agent, accused=self.auditor)
        plain = self._complain(self.agent).sudo()
        rows = self.env["customer.access.log"]._log("open", [self.customer] * 2, [case, plain])
        for row, is_found in zip(rows, (False, True), strict=True):
            self.assertEqual(self._is_found(self.auditor, row), is_found)
            self.assertTrue(self._is_found(self.admin, row))

    def test_team_members_cannot_be_changed_from_the_user(self):
        case = self._make_case(self.agent)
        with self.assertRaises(UserError):
            self.accused.customer_team_ids = self.env["customer.team"]
        with self.assertRaises(UserError):
            self.outsider.customer_team_ids = self.team
        self.assertIn(self.leader, case.excluded_user_ids)
        self.assertFalse(self.accused.copy({"login": "cf_copy"}).customer_team_ids)

    def test_open_work_is_counted_without_it(self):
        def shown(user):
            self.env.flush_all()
            self.env.invalidate_all()
            complaints = self.env[COMPLAINT].with_user(user)
            return complaints._visible_work_of(self.agent).get(self.agent, 0)

        for total in range(1, 6):
            self._complain(self.agent).sudo()._accuse(self.accused)
            with self.subTest(total=total):
                self.assertEqual(shown(self.above), 0)
                self.assertEqual(shown(self.manager), total)
        self._complain(self.outsider).sudo()._accuse(self.accused)
        with self.assertRaisesRegex(RedirectWarning, "open work"):
            self.outsider.with_user(self.above).sudo()._check_work_is_passed_on()

    def test_shares_of_work_reveal_no_hidden_cases(self):
        departure = self.env["customer.departure"].create(
            {"user_id": self.outsider.id, "allocation": "person", "receiver_id": self.agent.id}
        )
        for total in range(1, 6):
            case = self._complain(self.outsider).sudo()
            case._accuse(self.accused)
            shares = departure._shares(
                {
                    COMPLAINT: dict.fromkeys(
                        case.search([("user_id", "=", self.outsider.id)]), self.agent
                    )
                }
            )
            with self.subTest(total=total):
                self.assertEqual(list(shares.values()), [])

    def test_weeks_are_counted_without_it(self):
        with freeze_time("2026-03-03 10:00"):
            cases = [self._complain(self.agent, category_id=self.attitude.id) for _n in range(4)]
            cases[0].sudo()._accuse(self.accused)
            cases[1].sudo()._accuse(self.accused)
        week = self._make_week("2026-03-02", 4)
        for user, count, grade in ((self.above, 2, "normal"), (self.manager, 4, "high")):
            with self.subTest(user=user.login):
                seen = self._as(user, week)
                self.assertEqual((seen.shown_count, seen.shown_grade), (count, grade))
                self.assertEqual(seen.rate, count)
                self.assertEqual(bool(seen.search([("shown_count", "=", 4)])), count == 4)
                self.assertEqual(bool(seen.search([("shown_grade", "=", "high")])), count == 4)
                for name, value in (("complaint_count", 4), ("grade", "high")):
                    with self.assertRaises(AccessError):
                        seen.read([name])
                    with self.assertRaises(AccessError):
                        seen.search([(name, "=", value)])
        self.assertEqual(week.grade, "high")
        more = self._make_week("2026-03-09", 5)
        with freeze_time("2026-03-10 10:00"):
            self._complain(self.agent, category_id=self.attitude.id).sudo()._accuse(self.accused)
        self.assertEqual(self._as(self.above, more).shown_count, 4)

    def _make_week(self, monday, count):
        return self.env["customer.complaint.week"].create(
            {
                "category_id": self.attitude.id,
                "company_id": self.company.id,
                "name": monday,
                "date_from": monday,
                "complaint_count": count,
                "base_count": 100,
                "grade": "high",
            }
        )

    def test_a_rectification_is_not_assigned_to_excluded_users(self):
        self.attitude.team_id = self.team
        with freeze_time("2026-03-03 10:00"):
            self._complain(self.agent, category_id=self.attitude.id).sudo()._accuse(self.accused)
        week = self._make_week("2026-03-02", 4)
        action = self.attitude._open_rectification(self.company, week, week.date_from)
        self.assertEqual(action.user_id, self.general)
        self.assertIn(": 3 of 100", action.note)
        self.assertEqual(action.before_value, 3)

    @mute_logger(RULES)
    def test_cached_records_need_no_query(self):
        case = self._make_case(self.agent)
        for user in self.accused | self.line:
            seen = self._as(user, case)
            for ask in (
                lambda seen=seen: seen.filtered_domain([("title", "=", SECRET)]),
                lambda seen=seen: seen.filtered("title"),
                lambda seen=seen: seen.mapped("title"),
                lambda seen=seen: seen.web_read({"title": {}}),
                lambda seen=seen: seen.copy_data(),
                lambda seen=seen: seen.write({"title": "Nothing"}),
                lambda seen=seen: seen.unlink(),
            ):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    ask()

    def test_defaults_cannot_hide_a_complaint(self):
        complaints = (
            self.env[COMPLAINT]
            .with_user(self.agent)
            .with_context(
                default_excluded_user_ids=[Command.set(self.manager.ids)],
                default_accused_user_ids=[Command.set(self.manager.ids)],
            )
        )
        vals = {"title": "It rattles", "partner_id": self.customer.id}
        for attempt in (
            lambda: complaints.create(vals),
            lambda: complaints.create({**vals, "excluded_user_ids": [Command.clear()]}),
        ):
            with self.subTest(), mute_logger(RULES):
                try:
                    made = attempt()
                except AccessError:
                    continue
                self.assertFalse(made.sudo().excluded_user_ids)

    def test_no_user_can_read_the_excluded_users(self):
        for user, is_shown in ((self.agent, False), (self.leader, True), (self.admin, True)):
            names = self.env[COMPLAINT].with_user(user).fields_get()
            with self.subTest(user=user.login):
                self.assertNotIn("excluded_user_ids", names)
                self.assertEqual("accused_user_ids" in names, is_shown)

    def test_mail_about_it_does_not_reach_or_name_excluded_users(self):
        case = self._complain(self.agent, team_id=self.team.id).sudo()
        case = case.with_context(tracking_disable=False)
        everybody = self.agent | self.accused | self.leader | self.manager
        everybody.notification_type = "email"
        case.message_subscribe(everybody.partner_id.ids)
        before = self.env["mail.mail"].search([])
        case.with_user(self.manager).accused_user_ids = self.accused
        case.with_user(self.manager).message_post(
            body=SECRET, message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        case.write({"severity": "serious"})
        self.env.flush_all()
        mails = self.env["mail.mail"].search([]) - before
        self.assertIn(self.agent.partner_id, mails.recipient_ids)
        self.assertFalse(mails.recipient_ids & (self.accused | self.line).partner_id)
        for mail in mails:
            self.assertNotIn(self.accused.name, mail.body_html)
        for message in case.message_ids:
            self.assertNotIn(self.accused.name, message.body or "")

    def test_a_meeting_about_it_is_hidden_with_it(self):
        case = self._complain(self.agent, team_id=self.team.id).sudo()
        meeting = case.activity_schedule(
            "mail.mail_activity_data_meeting", summary=SECRET, user_id=self.accused.id
        )
        self.assertTrue(self._is_found(self.accused, meeting))
        case._accuse(self.accused)
        self.assertEqual(meeting.user_id, self.general)
        for user in self.accused | self.line:
            self.assertFalse(self._is_found(user, meeting))

    def test_excluded_users_cannot_print_the_slip(self):
        case = self._make_case(self.agent)
        name = "customer_followup.customer_complaint_slip"
        for user, is_open in ((self.accused, False), (self.leader, False), (self.general, True)):
            reports = self.env["ir.actions.report"].with_user(user)
            for way in ("_render_qweb_html", "_render_qweb_pdf", "_render_qweb_text", "_render"):
                self.env.invalidate_all()
                with self.subTest(user=user.login, way=way), mute_logger(RULES):
                    try:
                        printed = getattr(reports, way)(name, case.ids)[0]
                    except AccessError:
                        printed = b""
                    self.assertEqual(SECRET.encode() in printed, is_open)


@tagged("post_install", "-at_install")
class TestExcludedRoutes(ExcludedCommon, HttpCase):
    """Answers of routes to the accused."""

    def test_the_slip_is_on_no_route(self):
        case = self._make_case(self.agent)
        for user, is_open in ((self.accused, False), (self.leader, False), (self.general, True)):
            self.authenticate(user.login, user.login)
            for kind in ("html", "pdf", "text"):
                path = f"/report/{kind}/customer_followup.customer_complaint_slip/{case.id}"
                with self.subTest(user=user.login, kind=kind):
                    with mute_logger("odoo.http", RULES, "odoo.addons.web.controllers.report"):
                        answer = self.url_open(path)
                    self.assertEqual(SECRET in answer.text, is_open)

    def test_the_complaint_page_names_no_employee_concerned(self):
        case = self._make_case(self.agent)
        token = case._portal_ensure_token()
        for user in self.accused | self.line | self.general:
            self.authenticate(user.login, user.login)
            for key in ("", "?access_token=wrong"):
                with self.subTest(user=user.login, key=key), mute_logger("odoo.http"):
                    page = self.url_open(f"/my/complaints/{case.id}{key}")
                    self.assertEqual(page.status_code, 404)
            self.assertNotIn(case.name, self.url_open("/my/complaints").text)
        self.logout()
        page = self.url_open(f"/my/complaints/{case.id}?access_token={token}")
        self.assertIn(case.name, page.text)
        self.assertNotIn(self.accused.name, page.text)
