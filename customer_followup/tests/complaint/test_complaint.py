from datetime import datetime

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from ..common import ComplaintCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-05 10:00")
class TestComplaint(ComplaintCommon):
    """Complaints from their receipt until they are closed."""

    def test_an_agent_records_a_complaint(self):
        with Form(self.env["customer.complaint"].with_user(self.agent)) as form:
            form.title = "It rattles"
        complaint = form.record
        self.assertEqual(
            (complaint.user_id, complaint.accountable_user_id), (self.agent, self.agent)
        )
        self.assertEqual(complaint.state, "new")
        closing = complaint.sudo().promise_ids.filtered(lambda one: one.kind == "closure")
        self.assertEqual(complaint.date_deadline, closing.date_deadline)
        self.assertGreater(complaint.date_deadline, datetime(2026, 3, 5, 10))

    def test_numbers_count_the_days_of_the_company(self):
        self.env["ir.sequence"].search(
            [("code", "=", "customer.complaint")]
        ).date_range_ids.unlink()
        self.company.resource_calendar_id.tz = "Asia/Shanghai"
        found = []
        for moment in (
            "2024-05-01 06:00",
            "2024-05-01 07:00",
            "2024-05-02 01:30",
            "2024-05-02 15:59",
            "2024-05-02 16:00",
        ):
            with freeze_time(moment):
                found.append(self._complain().name)
        self.assertEqual(
            found,
            ["W20240501-001", "W20240501-002", "W20240502-001", "W20240502-002", "W20240503-001"],
        )
        many = self.env["customer.complaint"].create([{"title": f"T{n}"} for n in range(1000)])
        self.assertEqual(len(set(many.mapped("name"))), 1000)
        self.assertTrue(many[-1].name.endswith("-1000"))

    def test_numbers_of_companies_are_apart(self):
        self._make_second_company()
        self.env["ir.sequence"].search(
            [("code", "=", "customer.complaint")]
        ).date_range_ids.unlink()
        mine = self._complain()
        theirs = self.env["customer.complaint"].with_user(self.other_agent).create({"title": "Hm"})
        self.assertEqual((mine.name, theirs.name), ("W20260305-001", "W20260305-001"))

    def test_a_proposed_company_gives_its_own_numbers(self):
        self._make_second_company()
        with freeze_time("2026-03-06 10:00"):
            self._complain()
            user = self.manager
            user.company_ids += self.other_company
            theirs = (
                self.env["customer.complaint"]
                .with_user(user)
                .with_context(
                    default_company_id=self.other_company.id,
                    allowed_company_ids=user.company_ids.ids,
                )
                .create({"title": "Hm"})
            )
        self.assertEqual((theirs.company_id, theirs.name), (self.other_company, "W20260306-001"))

    def test_a_number_that_is_taken_elsewhere_changes_with_the_company(self):
        self._make_second_company()
        with freeze_time("2026-03-06 10:00"):
            mine = self.env["customer.complaint"].create({"title": "Hm"})
            theirs = self.env["customer.complaint"].with_user(self.other_agent)
            theirs = theirs.create({"title": "Hm"}).sudo()
            mine.name = theirs.name
            self.env.flush_all()
            mine.write({"company_id": self.other_company.id, "team_id": False})
        self.assertEqual((theirs.name, mine.name), ("W20260306-001", "W20260306-002"))
        self.assertIn("Previous number: W20260306-001", "".join(mine.message_ids.mapped("body")))

    def test_the_form_opens_with_a_category_of_its_company(self):
        self._make_second_company()
        categories = self.env["customer.complaint.category"]
        theirs = categories.create({"name": "AA", "company_id": self.other_company.id})
        theirs.sequence = categories.search([], order="sequence", limit=1).sequence - 1
        self.assertEqual(categories.search([], limit=1), theirs)
        with self.subTest("by hand"):
            both = self.env["customer.complaint"].with_context(
                allowed_company_ids=(self.company | self.other_company).ids
            )
            found = both.default_get(["category_id"])["category_id"]
            self.assertNotEqual(found, theirs.id)
        with self.subTest("for another company"):
            elsewhere = both.with_context(default_company_id=self.other_company.id)
            self.assertEqual(elsewhere.default_get(["category_id"])["category_id"], theirs.id)

    def test_a_channel_of_customers_is_offered_for_no_plan(self):
        incoming = self.env["customer.channel"].search([("is_incoming", "=", True)])
        for name in ("counter", "website", "portal"):
            self.assertIn(self.env.ref(f"customer_followup.customer_channel_{name}"), incoming)
        for model, field in (
            ("customer.followup.step", "channel_id"),
            ("customer.followup.step", "alternative_ids"),
            ("customer.followup", "channel_id"),
            ("res.partner", "customer_channel_id"),
        ):
            with self.subTest(model=model, field=field):
                domain = safe_eval(self.env[model]._fields[field].domain)
                self.assertFalse(incoming.filtered_domain(domain))

    def test_a_number_is_given_not_chosen(self):
        self.assertRegex(self._complain(name="W1").name, r"^W20260305-\d{3}$")
        complaint = self._complain()
        self.assertNotEqual(complaint.copy().name, complaint.name)

    def test_each_stage_lists_its_missing_requirements(self):
        complaint = self._complain()
        for name, missing in (
            ("solving", "verdict, the cause"),
            ("awaiting", "verdict, the cause, the solution"),
            ("external", "the outside body"),
            ("closed", "an answer to the customer, the customer's confirmation"),
        ):
            with self.subTest(stage=name):
                self.assertRefuses(complaint, name, missing)
        complaint.write({"verdict": "confirmed", "cause": "  ", "solution": "Tightened"})
        self.assertRefuses(complaint, "closed", "Missing: the cause, an answer")

    def test_met_requirements_cannot_be_removed(self):
        complaint = self._make_closed()
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            complaint.solution = False

    def test_an_open_action_prevents_closing(self):
        complaint = self._make_settled()
        action = complaint.action_add_action()
        with Form(
            self.env["customer.action"].with_user(self.agent).with_context(**action["context"])
        ) as form:
            form.name = "Order the part"
        form.record.sudo().user_id = self.colleague
        complaint._customer_confirms("By phone")
        self.assertRefuses(complaint, "closed", "action “Order the part” of cf_colleague")
        form.record.with_user(self.colleague).action_done()
        self.assertTrue(form.record.date_done)
        complaint.stage_id = self.stages["closed"]
        self.assertEqual(complaint.state, "closed")
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            form.record.with_user(self.colleague).state = "open"
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            form.record.copy()

    def test_complaints_cannot_be_deleted(self):
        complaint = self._complain()
        for user in (self.leader, self.manager, self.admin):
            with self.subTest(user=user.login), self.assertRaises(UserError):
                complaint.with_user(user).unlink()

    def test_the_accountable_user_sees_it_when_another_handles_it(self):
        complaint = self._complain()
        complaint.sudo().user_id = self.colleague
        self.assertTrue(complaint.has_access("read"))
        self.assertTrue(complaint.with_user(self.colleague).has_access("write"))

    def test_a_team_member_takes_an_unassigned_complaint(self):
        complaint = self._complain().sudo()
        complaint.write({"user_id": False, "team_id": self.team.id})
        complaint.with_user(self.colleague).action_take()
        self.assertEqual(complaint.user_id, self.colleague)

    def test_an_agent_cannot_assign_a_new_one_to_a_colleague(self):
        theirs = self.colleague.id
        with self.assertRaisesRegex(UserError, "Use “Hand over”"), self.cr.savepoint():
            self._complain(user_id=theirs)
        desk = self.env["customer.complaint"].with_context(default_user_id=theirs)
        with self.assertRaisesRegex(UserError, "Use “Hand over”"), self.cr.savepoint():
            desk.with_user(self.agent).create(
                {"title": "It rattles", "partner_id": self.customer.id}
            )
        self.assertEqual(self._complain(user_id=self.agent.id).user_id, self.agent)
        self.assertEqual(self._complain(self.leader, user_id=theirs).user_id, self.colleague)

    def test_the_completion_of_an_action_is_not_written_by_users(self):
        action = (
            self.env["customer.action"]
            .with_user(self.agent)
            .create({"name": "Order the part", "state": "done"})
        )
        self.assertTrue(action.date_done)
        for vals in ({"date_done": "2026-01-01"}, {"state": "done", "date_done": "2026-01-01"}):
            with self.assertRaisesRegex(UserError, "recorded by the system"):
                action.write(vals)
            with self.assertRaisesRegex(UserError, "recorded by the system"):
                action.create({"name": "Order the part", **vals})

    def test_the_category_chooses_the_team_of_its_company(self):
        self._make_second_company()
        category = self.env["customer.complaint.category"].create(
            {"name": "Parts", "team_id": self.team.id, "deadline_hours": 5}
        )
        complaint = self._complain(category_id=category.id)
        self.assertEqual(complaint.team_id, self.team)
        self.assertEqual(complaint.date_deadline, datetime(2026, 3, 5, 15))
        theirs = (
            self.env["customer.complaint"]
            .with_user(self.other_agent)
            .create({"title": "Hm", "category_id": category.id})
        )
        self.assertEqual(theirs.team_id, self.other_team)

    def test_late_complaints_are_searchable(self):
        complaint = self._complain()
        model = self.env["customer.complaint"].with_user(self.agent)
        self.assertNotIn(complaint, model.search([("is_late", "=", True)]))
        with freeze_time("2026-04-05 10:00"):
            complaint.invalidate_recordset()
            self.assertTrue(complaint.is_late)
            self.assertIn(complaint, model.search([("is_late", "=", True)]))
            self.assertNotIn(complaint, model.search([("is_late", "=", False)]))

    def test_the_display_name_is_the_number_only(self):
        self.assertEqual(self._complain().display_name, self._complain().name[:-3] + "001")

    def test_colleagues_see_the_count_but_not_the_content(self):
        complaint = self._complain()
        contact = self._make_followup(self.colleague).with_user(self.colleague)
        self.assertEqual(contact.open_complaint_count, 1)
        with self.assertRaises(AccessError):
            complaint.with_user(self.colleague).read(["title"])

    def test_creating_many_takes_few_queries_each(self):
        vals_list = [{"title": f"T{n}", "partner_id": self.customer.id} for n in range(50)]
        model = self.env["customer.complaint"].with_user(self.agent)
        model.create(vals_list)
        self.env.flush_all()
        before = self.cr.sql_log_count
        model.create(vals_list)
        self.env.flush_all()
        self.assertLessEqual((self.cr.sql_log_count - before) / 50, 3)

    def test_the_resolution_time_of_a_category_is_limited(self):
        for hours in (0, 87601):
            with (
                self.subTest(hours=hours),
                mute_logger("odoo.sql_db"),
                self.assertRaisesRegex(Exception, "deadline_range"),
                self.env.cr.savepoint(),
            ):
                self.env["customer.complaint.category"].create(
                    {"name": "Hm", "deadline_hours": hours}
                )
                self.env.flush_all()
