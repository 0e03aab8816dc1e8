import base64
import json
from io import BytesIO

from freezegun import freeze_time
from openpyxl import load_workbook

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..common import AGENT, CONTACT_DETAILS, LEADER, MANAGER, ComplaintCommon

COMPLAINT = "customer.complaint"
SECRET = "Shouting in the shop"


class ExcludedCommon(ComplaintCommon):
    """A complaint about an agent, with the leaders above and the general manager."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.above = new_test_user(cls.env, "cf_above", groups=f"{MANAGER},{CONTACT_DETAILS}")
        cls.general = new_test_user(cls.env, "cf_general", groups=f"{LEADER},{CONTACT_DETAILS}")
        cls.outsider = new_test_user(cls.env, "cf_outsider", groups=AGENT)
        teams = cls.env["customer.team"]
        cls.root = teams.create({"name": "Company", "leader_id": cls.general.id})
        cls.region = teams.create(
            {"name": "Region", "leader_id": cls.above.id, "parent_id": cls.root.id}
        )
        cls.team.parent_id = cls.region
        cls.accused = cls.colleague
        for user in cls.env["res.users"].search([("login", "=like", "cf_%")]):
            user.group_ids = [Command.link(cls.env.ref("base.group_allow_export").id)]
            user.notification_type = "inbox"
        cls.line = cls.leader | cls.above
        cls.attitude = cls.env["customer.complaint.category"].create(
            {"name": "Manners", "register": "attitude"}
        )

    def _make_case(self, user=None, accused=None, **vals):
        """Return a complaint with all related records, with or without an accused user."""
        user = user or self.accused
        complaint = self._complain(
            user, title=SECRET, category_id=self.attitude.id, team_id=self.team.id, **vals
        ).sudo()
        complaint = complaint.with_context(tracking_disable=False)
        self._add_parts(complaint)
        everybody = self.accused | self.line | self.general
        complaint.message_subscribe(everybody.partner_id.ids)
        complaint.message_post(
            body=SECRET,
            message_type="comment",
            partner_ids=everybody.partner_id.ids,
            subtype_xmlid="mail.mt_comment",
            attachments=[("proof.txt", SECRET)],
        )
        self.env["mail.scheduled.message"].create(
            {
                "model": COMPLAINT,
                "res_id": complaint.id,
                "body": SECRET,
                "author_id": self.accused.partner_id.id,
                "scheduled_date": "2126-03-05 10:00:00",
            }
        )
        for one in everybody:
            complaint.activity_schedule(
                "mail.mail_activity_data_todo", summary=SECRET, user_id=one.id
            )
            self._make_action(complaint, one)
        complaint.with_user(self.agent).sudo()._accuse(accused or self.accused)
        return complaint

    def _add_parts(self, complaint):
        complaint.write(
            {
                "evidence_ids": [
                    Command.create(
                        {
                            "name": "p.txt",
                            "kind": "document",
                            "datas": base64.b64encode(SECRET.encode()),
                        }
                    )
                ],
                "liability_ids": [Command.create({"team_id": self.team.id})],
                "solution_ids": [Command.create({"name": SECRET, "kind": "apology"})],
                "referral_ids": [Command.create({"body": SECRET})],
            }
        )
        complaint._customer_informed("By phone", SECRET)

    def _make_action(self, complaint, user, **vals):
        return self.env["customer.action"].create(
            {
                "name": SECRET,
                "user_id": user.id,
                "team_id": self.team.id,
                "res_model": COMPLAINT,
                "res_id": complaint.id,
                **vals,
            }
        )


@tagged("post_install", "-at_install")
@freeze_time("2026-03-05 10:00")
class TestExcluded(ExcludedCommon):
    """Complaints are hidden from excluded users on every path."""

    def test_only_excluded_users_pay_for_what_is_hidden(self):
        """Searches of other users have no condition more; those of an excluded user have."""

        def costs(user):
            return "excluded_rel" in str(self.env["customer.followup"].with_user(user)._search([]))

        self.assertFalse(costs(self.accused))
        case = self._make_case()
        hidden = self.accused | self.line
        everybody = hidden | self.outsider | self.general
        self.assertEqual(everybody.filtered("has_hidden_complaints"), hidden)
        self.assertEqual([costs(one) for one in (self.accused, self.outsider)], [True, False])
        case.accused_user_ids = self.outsider
        self.assertEqual(everybody.filtered("has_hidden_complaints"), self.outsider)

    def _paths(self, user, case):
        """Return what a user finds of a case on each path, as text."""
        env = self.env(user=user, context={})
        complaints = env[COMPLAINT]
        near = [("res_model", "=", COMPLAINT), ("res_id", "=", case.id)]
        said = [("model", "=", COMPLAINT), ("res_id", "=", case.id)]
        about = [("complaint_id", "=", case.id)]
        mine = [("title", "=", SECRET)]
        comments = self.env["mail.message"].search([*said, ("message_type", "=", "comment")])
        answers = {
            "read": lambda: complaints.browse(case.id).read(["title"]),
            "attribute": lambda: complaints.browse(case.id).title,
            "name": lambda: complaints.browse(case.id).display_name,
            "search": lambda: complaints.search(mine),
            "like": lambda: complaints.search([("title", "=like", "Sho%")]),
            "count": lambda: complaints.search_count(mine),
            "order": lambda: complaints.search(mine, order="title"),
            "name_search": lambda: complaints.name_search(case.name),
            "groups": lambda: complaints.formatted_read_group(mine, ["title"], ["__count"]),
            "sets": lambda: complaints._read_grouping_sets(mine, [["title"]], ["__count"])[0],
            "array": lambda: complaints._read_group(mine, [], ["title:array_agg"])[0][0],
            "progress": lambda: complaints.read_progress_bar(
                mine, "state", {"field": "priority", "colors": {"0": "success"}}
            ),
            "web": lambda: complaints.web_search_read(mine, {"title": {}})["records"],
            "web_groups": lambda: complaints.web_read_group(mine, ["category_id"])["length"],
            "export": lambda: complaints.browse(case.id).export_data(["title"])["datas"],
            "register": lambda: self._register(env),
            "onchange": lambda: complaints.browse(case.id).onchange({}, [], {"title": {}})["value"],
            "duplicate": lambda: complaints.browse(case.id).copy().title,
            "word": lambda: env["customer.complaint.contact"].search(about),
            "evidence": lambda: env["customer.complaint.evidence"].search(about),
            "liability": lambda: env["customer.complaint.liability"].search(about),
            "solution": lambda: env["customer.complaint.solution"].search(about),
            "referral": lambda: env["customer.complaint.referral"].search(about),
            "transfer": lambda: env["customer.complaint.transfer"].search(about),
            "solution_read": lambda: (
                env["customer.complaint.solution"].browse(case.solution_ids.ids).read(["name"])
            ),
            "solution_groups": lambda: env["customer.complaint.solution"]._read_group(
                about, [], ["__count"]
            )[0][0],
            "promise": lambda: env["customer.complaint.promise"].search(about),
            "clock": lambda: env["customer.complaint.clock"].search(about),
            "actions": lambda: env["customer.action"].search(near),
            "action_groups": lambda: env["customer.action"]._read_group(near, ["user_id"]),
            "action_read": lambda: (
                env["customer.action"]
                .browse(self.env["customer.action"].search(near).ids)
                .read(["name"])
            ),
            "holds": lambda: env["customer.contact.hold"].search(near),
            "activities": lambda: env["mail.activity"].search(near),
            "activity_read": lambda: (
                env["mail.activity"]
                .browse(self.env["mail.activity"].search(near).ids)
                .read(["summary", "res_name"])
            ),
            "systray": lambda: [
                one for one in env["res.users"]._get_activity_groups() if one["model"] == COMPLAINT
            ],
            "board": lambda: env["mail.activity"].get_activity_data(COMPLAINT, mine)[
                "activity_res_ids"
            ],
            "messages": lambda: env["mail.message"].search(said),
            "message_groups": lambda: env["mail.message"]._read_group(said, [], ["__count"])[0][0],
            "message_read": lambda: (
                env["mail.message"].browse(comments.ids).read(["body", "record_name"])
            ),
            "inbox": lambda: env["mail.message"].search([("needaction", "=", True)]),
            "notifications": lambda: env["mail.notification"].search(
                [("mail_message_id", "in", comments.ids)]
            ),
            "followers": lambda: env["mail.followers"].search(near),
            "files": lambda: env["ir.attachment"].search(near),
            "file_read": lambda: (
                env["ir.attachment"]
                .browse(self.env["ir.attachment"].search(near).ids)
                .read(["name", "raw"])
            ),
            "evidence_file": lambda: env["ir.attachment"].search(
                [
                    ("res_model", "=", "customer.complaint.evidence"),
                    ("res_id", "in", case.evidence_ids.ids),
                    ("res_field", "=", "datas"),
                ]
            ),
            "later": lambda: env["mail.scheduled.message"].search(said),
            "later_read": lambda: (
                env["mail.scheduled.message"]
                .browse(self.env["mail.scheduled.message"].search(said).ids)
                .read(["body"])
            ),
            "card": lambda: self._card(env).open_complaint_count,
            "partner": lambda: env["res.partner"].browse(self.customer.id).customer_complaint_count,
            "slip": lambda: (
                self.env["ir.actions.report"]
                .with_user(user)
                ._render_qweb_html("customer_followup.customer_complaint_slip", case.ids)[0]
            ),
        }
        found = {}
        for name, answer in answers.items():
            env.invalidate_all()
            try:
                found[name] = bool(answer())
            except (AccessError, UserError):
                found[name] = False
        return found

    def _register(self, env):
        export = env["customer.complaint.export"].create(
            {"register": "attitude", "reason": "Monthly meeting"}
        )
        export.action_export()
        sheet = load_workbook(BytesIO(base64.b64decode(export.datas))).active
        return list(sheet.rows)[1:]

    def _card(self, env):
        """Return a follow-up of the customer, which shows the customer card."""
        return env["customer.followup"].browse(self._make_followup(env.user).id)

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_the_accused_and_their_leaders_find_it_on_no_path(self):
        case = self._make_case()
        for user in self.accused | self.line:
            with self.subTest(user=user.login):
                found = [name for name, is_found in self._paths(user, case).items() if is_found]
                self.assertFalse(found)

    def test_the_system_excludes_whom_it_names_as_well(self):
        case = self._complain(self.agent)
        case.sudo().write({"concerned_user_ids": [Command.set(self.accused.ids)]})
        self.assertEqual(case.sudo().accused_user_ids, self.accused)
        self.assertEqual(case.sudo().excluded_user_ids, self.accused | self.line)

    def test_a_safety_case_about_the_general_manager_goes_to_who_decides(self):
        case = self._complain(
            self.agent, nature="safety", concerned_user_ids=[Command.link(self.general.id)]
        ).sudo()
        notices = self.env["customer.complaint.notice"].search([("complaint_id", "=", case.id)])
        self.assertTrue(case.decision_maker_id)
        self.assertEqual(notices.user_id, self.agent | case.decision_maker_id)

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_the_general_manager_finds_it_on_every_path(self):
        case = self._make_case()
        found = self._paths(self.general, case)
        self.assertEqual([name for name, is_found in found.items() if not is_found], [])

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_a_case_about_the_general_manager_is_hidden_from_them_only(self):
        self.company.customer_deputy_id = self.manager
        case = self._make_case(self.agent, accused=self.general)
        self.assertFalse([name for name, yes in self._paths(self.general, case).items() if yes])
        self.assertEqual(case.excluded_user_ids, self.general)
        self.assertEqual(case.decision_maker_id, self.manager)
        self.assertTrue(case.with_user(self.above).has_access("read"))

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_a_violation_is_hidden_from_the_whole_department(self):
        case = self._make_case(self.outsider)
        self.assertTrue(case.with_user(self.outsider).has_access("read"))
        self.assertNotIn(self.agent, case.excluded_user_ids)
        case.kind = "violation"
        self.assertIn(self.agent, case.excluded_user_ids, "A member of the same team.")
        self.assertFalse([name for name, yes in self._paths(self.agent, case).items() if yes])
        for user in (self.outsider, self.general, self.manager):
            with self.subTest(user=user.login):
                self.assertTrue(case.with_user(user).has_access("read"))

    def test_a_complaint_about_an_employee_is_in_both_registers(self):
        quality = self.env.ref("customer_followup.customer_complaint_category_product")
        case = self._make_case(self.outsider)
        case.category_id = quality
        for user, registers in (
            (self.general, {"quality", "attitude"}),
            (self.outsider, {"quality"}),
            (self.accused, set()),
        ):
            mine = self.env["customer.complaint"].with_user(user)
            with self.subTest(user=user.login):
                self.assertEqual(
                    {
                        register
                        for register in ("quality", "attitude")
                        if case in mine.search([("in_register", "=", register)])
                    },
                    registers,
                )

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_other_users_keep_their_access(self):
        case = self._make_case(self.agent)
        self._make_second_company()
        for user, is_open in (
            (self.agent, True),
            (self.manager, True),
            (self.auditor, True),
            (self.outsider, False),
            (self.stranger, False),
            (self.other_manager, False),
        ):
            with self.subTest(user=user.login):
                self.assertEqual(case.with_user(user).has_access("read"), is_open)
                self.assertEqual(self._paths(user, case)["messages"], is_open)

    def test_a_user_who_records_a_case_about_themselves_gets_its_number(self):
        for user in (self.accused, self.leader):
            names = "accused_user_ids" if user == self.leader else "concerned_user_ids"
            with self.subTest(user=user.login):
                [shown] = (
                    self.env[COMPLAINT]
                    .with_user(user)
                    .web_save(
                        {
                            "title": SECRET,
                            "partner_id": self.customer.id,
                            "receiver_ids": [Command.set(user.ids)],
                            names: [Command.set(self.accused.ids)],
                        },
                        {"name": {}, "title": {}, "evidence_ids": {"fields": {"name": {}}}},
                    )
                )
                case = self.env[COMPLAINT].browse(shown["id"])
                self.assertEqual(
                    shown,
                    {"id": case.id, "name": case.name, "title": False, "evidence_ids": []},
                )
                self.assertEqual(case.accused_user_ids, self.accused)
                self.assertFalse(case.with_user(user).has_access("read"))
                self.assertNotIn(user, case.user_id | case.accountable_user_id)

    def test_an_agent_names_the_employees_concerned(self):
        with Form(self.env[COMPLAINT].with_user(self.agent)) as form:
            form.title = SECRET
            form.partner_id = self.customer
            form.concerned_user_ids.add(self.accused)
        case = form.record.sudo()
        self.assertEqual(case.accused_user_ids, self.accused)
        self.assertEqual(case.excluded_user_ids, self.accused | self.line)
        self.assertTrue(form.record.has_access("write"))

    def test_a_leader_who_names_their_own_agent_loses_access(self):
        case = self._complain(self.agent, team_id=self.team.id)
        [shown] = case.with_user(self.leader).web_save(
            {"accused_user_ids": [Command.link(self.accused.id)]}, {"name": {}, "title": {}}
        )
        self.assertEqual(shown, {"id": case.id, "name": case.name, "title": False})

    def test_names_are_for_oversight_only(self):
        case = self._complain(self.agent)
        with self.assertRaises(AccessError):
            case.write({"accused_user_ids": [Command.link(self.accused.id)]})
        with self.assertRaises(AccessError):
            self._complain(self.agent, accused_user_ids=[Command.link(self.accused.id)])
        for user in (self.agent, self.manager, self.admin):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                case.with_user(user).read(["excluded_user_ids"])
        with self.assertRaises(AccessError):
            case.with_user(self.admin).write({"excluded_user_ids": [Command.clear()]})

    def test_work_of_excluded_users_is_reassigned(self):
        self.env["customer.ownership"].create(
            {
                "commercial_partner_id": self.customer.id,
                "user_id": self.agent.id,
                "role": "backup",
            }
        )
        case = self._make_case()
        self.assertEqual((case.user_id, case.accountable_user_id), (self.agent, self.agent))
        self.assertEqual(
            case.transfer_ids.mapped(lambda row: (row.kind, row.from_user_id, row.to_user_id)),
            [("answerable", self.accused, self.agent)],
        )
        hidden = self.accused | self.line
        actions = self.env["customer.action"].search([("name", "=", SECRET)])
        self.assertEqual(len(actions), 4)
        self.assertFalse((actions.user_id | case.activity_ids.user_id) & hidden)
        self.assertFalse(case.message_partner_ids & hidden.partner_id)
        self.assertFalse(case.message_ids.notification_ids.res_partner_id & hidden.partner_id)
        self.assertTrue(case.message_ids.notification_ids.res_partner_id)

    def test_without_other_successors_the_general_manager_takes_over(self):
        self.assertEqual(self._make_case().user_id, self.general)

    def test_an_offer_to_an_excluded_user_ends(self):
        case = self._complain(self.agent, team_id=self.team.id)
        offer = case._hand_over("Holiday", user=self.accused).sudo()
        case.sudo()._accuse(self.accused)
        self.assertEqual((offer.state, case.sudo().offered_user_id.id), ("returned", False))
        with self.assertRaises(UserError):
            offer.with_user(self.accused).action_accept()

    def test_a_departure_does_not_assign_to_excluded_users(self):
        case = self._make_case(self.agent)
        action = self._make_action(case, self.agent)
        departure = self.env["customer.departure"].create(
            {"user_id": self.agent.id, "allocation": "person", "receiver_id": self.accused.id}
        )
        departure.check_ids.is_done = True
        departure.action_pass_on()
        self.env.invalidate_all()
        self.assertEqual((case.user_id, case.accountable_user_id), (self.general, self.general))
        self.assertEqual(action.user_id, self.general)

    def test_excluded_users_cannot_be_assigned_or_notified(self):
        case = self._make_case(self.agent)
        sentence = f"^{case.name} cannot be assigned to this user. Choose another user.$"
        seen = case.with_user(self.manager).with_context(tracking_disable=False)
        partner = self.leader.partner_id
        tries = {
            "handler": lambda: seen.write({"user_id": self.leader.id}),
            "offer": lambda: seen._hand_over("Holiday", user=self.leader),
            "follower": lambda: seen.message_subscribe(partner.ids),
            "mention": lambda: seen.message_post(body="Look", partner_ids=partner.ids),
            "activity": lambda: seen.activity_schedule(
                "mail.mail_activity_data_todo", user_id=self.leader.id
            ),
            "action": lambda: self._make_action(case, self.leader),
            "reassigned": lambda: case.activity_ids.write({"user_id": self.leader.id}),
        }
        for name, attempt in tries.items():
            with (
                self.subTest(way=name),
                self.assertRaisesRegex(UserError, sentence),
                self.env.cr.savepoint(),
            ):
                attempt()
            self.env.invalidate_all()

    def test_excluded_users_never_become_followers(self):
        case = self._make_case(self.agent)
        partner = self.leader.partner_id
        case._message_subscribe(partner.ids)
        self.env["mail.followers"]._insert_followers(COMPLAINT, case.ids, partner.ids)
        self.assertNotIn(partner, case.message_partner_ids)
        message = case.message_notify(body=SECRET, partner_ids=partner.ids)
        self.assertFalse(message.notification_ids)
        self.assertFalse(message.with_user(self.leader).has_access("read"))

    def test_work_of_an_absent_user_goes_to_a_user_who_may_know(self):
        for member, receiver in (
            (self.env["res.users"], self.general),
            (self.outsider, self.outsider),
        ):
            with self.subTest(receiver=receiver.login):
                self.team.member_ids |= member
                case = self._complain(
                    self.agent,
                    team_id=self.team.id,
                    concerned_user_ids=[Command.link(self.accused.id)],
                ).sudo()
                absence = self.env["customer.absence"].create(
                    {
                        "user_id": self.agent.id,
                        "date_from": "2026-03-05",
                        "date_to": "2026-03-10",
                    }
                )
                self.assertEqual((case.user_id, case.absent_user_id), (receiver, self.agent))
                absence.action_back()
                self.assertEqual(case.user_id, self.agent)

    def test_excluded_users_cannot_read_their_own_messages(self):
        case = self._complain(self.accused, team_id=self.team.id)
        message = case.message_post(body=SECRET)
        self.assertTrue(message.has_access("read"))
        case.sudo()._accuse(self.accused)
        self.env.invalidate_all()
        self.assertFalse(message.has_access("read"))
        self.assertFalse(message.has_access("write"))
        with self.assertRaises(AccessError):
            case.message_post(body="But")

    def test_actions_cannot_probe_for_complaints(self):
        hidden = self._make_case()
        foreign = self._complain(self.outsider)
        for complaint in (hidden, foreign):
            for user in (self.accused, self.outsider):
                with (
                    self.subTest(user=user.login),
                    self.assertRaisesRegex(AccessError, "Complaint: this record does not exist"),
                ):
                    self.env["customer.action"].with_user(self.accused).create(
                        {
                            "name": "Hm",
                            "user_id": user.id,
                            "res_model": COMPLAINT,
                            "res_id": complaint.id,
                        }
                    )

    def test_feedback_is_answered_by_a_hidden_case(self):
        followup = self._make_followup(self.accused)
        feedback = self.env["customer.followup.feedback"].create(
            {"followup_id": followup.id, "kind": "problem", "text": SECRET}
        )
        complaint = self._complain(
            self.accused,
            feedback_id=feedback.id,
            followup_id=followup.id,
            concerned_user_ids=[Command.link(self.accused.id)],
        )
        self.assertFalse(complaint.has_access("read"))
        self.assertTrue(feedback.with_user(self.accused)._is_answered())

    def test_attitude_is_assigned_to_the_general_manager(self):
        case = self._complain(self.agent, category_id=self.attitude.id, team_id=self.team.id).sudo()
        self.assertEqual(case.decision_maker_id, self.general)
        self.assertEqual(case.activity_ids.user_id, self.general)
        self.assertEqual(
            case.activity_ids.summary, "The complaint is about an employee: you decide on it."
        )
        case._accuse(self.accused)
        self.assertEqual(len(case.activity_ids), 1)

    def test_an_accused_general_manager_is_replaced(self):
        case = self._complain(self.agent).sudo()
        case._accuse(self.general)
        # Without a deputy, another manager is notified.
        self.assertTrue(case.decision_maker_id)
        self.assertNotEqual(case.decision_maker_id, self.general)
        self.assertTrue(case.decision_maker_id.has_group(MANAGER))
        self.assertNotIn(self.general, case.activity_ids.user_id)

    def test_quality_and_attitude_together_count_as_attitude(self):
        quality = self.env["customer.complaint.category"].create(
            {"name": "Paint", "register": "quality"}
        )
        case = self._complain(self.agent, category_id=quality.id).sudo()
        self.assertFalse(case.decision_maker_id)
        case._accuse(self.accused)
        self.assertEqual(case.decision_maker_id, self.general)

    def test_a_deputy_reads_the_complaints_to_decide(self):
        deputy = new_test_user(self.env, "cf_deputy", groups=f"{LEADER},{CONTACT_DETAILS}")
        self.company.customer_deputy_id = deputy
        case = self._complain(self.agent).sudo()
        self.assertFalse(case.with_user(deputy).has_access("read"))
        case._accuse(self.general)
        self.assertTrue(case.with_user(deputy).has_access("write"))
        self.assertTrue(case.with_user(deputy).accused_user_ids)
        with self.assertRaises(ValidationError):
            self.company.customer_deputy_id = self.agent

    def test_only_leaders_who_are_not_excluded_are_notified(self):
        case = self._make_case(self.agent)
        case.activity_ids.unlink()
        case._notify_leaders("It is late")
        self.assertEqual(case.activity_ids.user_id, self.general)
        self.assertEqual(
            case._filter_allowed(self.leader | self.agent | self.general), self.agent | self.general
        )

    def test_new_leaders_of_the_accused_are_excluded(self):
        case = self._make_case(self.agent)
        self.assertTrue(case.with_user(self.manager).has_access("read"))
        self.team.leader_id = self.manager
        self.assertFalse(case.with_user(self.manager).has_access("read"))
        other = self.env["customer.team"].create(
            {"name": "Other", "leader_id": self.outsider.id, "parent_id": self.region.id}
        )
        other.member_ids = [Command.link(self.accused.id)]
        self.assertIn(self.outsider, case.excluded_user_ids)

    def test_giving_up_a_team_gives_no_access(self):
        case = self._make_case(self.agent)
        self.region.leader_id = self.manager
        self.team.parent_id = self.root
        self.team.member_ids = [Command.unlink(self.accused.id)]
        self.assertLessEqual(self.accused | self.line | self.manager, case.excluded_user_ids)
        self.root.leader_id = self.above
        self.team.member_ids = [Command.link(self.accused.id)]
        self.assertNotIn(self.above, case.excluded_user_ids)

    def test_a_user_named_by_mistake_gets_access_again(self):
        case = self._make_case(self.agent)
        case.accused_user_ids = self.outsider
        self.assertEqual(case.excluded_user_ids, self.outsider)
        self.assertTrue(case.with_user(self.leader).has_access("read"))

    def test_teams_change_with_as_many_queries_for_many_cases_as_for_one(self):
        def change(leader):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.team.leader_id = leader
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        heads = [new_test_user(self.env, f"cf_head{one}", groups=LEADER) for one in range(3)]
        self._complain(self.agent).sudo()._accuse(self.accused)
        change(heads[0])
        few = change(heads[1])
        for accused in (self.accused, self.agent):
            for _turn in range(6):
                self._complain(self.outsider).sudo()._accuse(accused)
        self.assertLessEqual(change(heads[2]), few + 3)

    def test_the_board_opens_with_as_many_queries_for_many_as_for_few(self):
        spec = {"name": {}, "title": {}, "user_id": {"fields": {"display_name": {}}}}

        def open_board():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = self.env[COMPLAINT].with_user(self.manager).web_search_read([], spec)
            return len(found["records"]), self.env.cr.sql_log_count - before

        self._complain(self.agent)
        open_board()
        few, queries = open_board()
        for _turn in range(10):
            self._complain(self.agent).sudo()._accuse(self.accused)
        self.assertEqual(open_board(), (few + 10, queries))

    def test_rules_ignore_confidential_records(self):
        values = {
            "name": "Complaints",
            "plan_id": self.plan.id,
            "model_name": COMPLAINT,
            "partner_path": "partner_id",
            "anchor_path": "date_received",
            "domain": "[('state', '!=', 'closed')]",
        }
        rule = self.env["customer.followup.rule"].with_user(self.admin).create(values)
        hidden = self._make_case(self.agent)
        plain = self._complain(self.agent)
        watched = self.env[COMPLAINT].search(rule.sudo()._match_domain())
        self.assertIn(plain, watched)
        self.assertNotIn(hidden, watched)
        self.assertNotIn(
            hidden, self.env[COMPLAINT].with_user(self.admin).search(rule._match_domain())
        )
        with self.assertRaises(AccessError):
            rule.domain = "[('excluded_user_ids', '!=', False)]"
        with self.assertRaises(AccessError):
            rule.with_user(self.admin).create(
                {
                    **values,
                    "model_name": "customer.followup",
                    "anchor_path": "date_planned",
                    "domain": "[('complaint_ids', '!=', False)]",
                }
            )

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_every_part_of_a_complaint_is_hidden_with_it(self):
        case = self._make_case()
        self.env["customer.complaint.notice"]._note_safety({case: self.general})
        parts = [
            model
            for model in self.env.values()
            if not model._abstract
            and model._auto
            and (field := model._fields.get("complaint_id"))
            and field.comodel_name == COMPLAINT
        ]
        self.assertGreaterEqual(len(parts), 12)
        for model in parts:
            if model._transient:
                values = {
                    "char": "So",
                    "text": "So",
                    "datetime": "2026-03-06 10:00:00",
                    "many2one": case.promise_ids[:1].id,
                }
                needed = {
                    name: values[field.type]
                    for name, field in model._fields.items()
                    if field.required and field.type in values
                }
                model.create({**needed, "complaint_id": case.id})
            rows = model.search([("complaint_id", "=", case.id)])
            self.assertTrue(rows, model._name)
            for user in self.accused | self.line:
                with self.subTest(model=model._name, user=user.login):
                    self.assertFalse(self._found_by(user, rows))

    def _found_by(self, user, rows):
        """Return the records that a user reads, finds or counts."""
        self.env.flush_all()
        self.env.invalidate_all()
        seen = rows.with_user(user)
        found = seen._filtered_access("read")
        try:
            domain = [("id", "in", rows.ids)]
            return found | seen.search(domain) or seen._read_group(domain, [], ["__count"])[0][0]
        except AccessError:
            return found


@tagged("post_install", "-at_install")
class TestExcludedOverTheWeb(ExcludedCommon, HttpCase):
    """Answers of the standard routes of Odoo."""

    def test_chatter_and_print_are_closed_to_the_accused(self):
        case = self._make_case()
        report = f"/report/html/customer_followup.customer_complaint_slip/{case.id}"
        for user, is_open in ((self.leader, False), (self.general, True)):
            with self.subTest(user=user.login):
                self.authenticate(user.login, user.login)
                answer = self.make_jsonrpc_request(
                    "/mail/data",
                    {
                        "fetch_params": [
                            [
                                "mail.thread",
                                {
                                    "thread_model": COMPLAINT,
                                    "thread_id": case.id,
                                    "request_list": ["activities", "followers", "attachments"],
                                },
                            ]
                        ]
                    },
                )
                followers = json.dumps(answer.get("mail.followers", ""))
                self.assertEqual("cf_general" in followers, is_open)
                self.assertEqual("proof.txt" in json.dumps(answer), is_open)
                with mute_logger("odoo.http", "odoo.addons.base.models.ir_rule"):
                    response = self.url_open(report)
                self.assertEqual(SECRET in response.text, is_open)

    def test_a_user_who_records_a_case_about_themselves_sees_its_number_only(self):
        self.start_tour(
            "/odoo/complaints/new", "customer_followup_excluded", login=self.accused.login
        )
        case = self.env[COMPLAINT].search([("title", "=", SECRET)])
        self.assertEqual(case.accused_user_ids, self.accused)
        self.assertFalse(case.with_user(self.accused).has_access("read"))
