import base64

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import new_test_user

from ..common import CONTACT_DETAILS, LEADER, ComplaintCommon

JPEG = base64.b64encode(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + b"\x00" * 100)


class TestCustomerChange(ComplaintCommon):
    """What follows when a complaint turns out to be of another customer or company."""

    def setUp(self):
        super().setUp()
        self.other = self._make_customer("Two", email="two@example.com")
        self.token = "".join(["former", "-", "link"])
        self.complaint = self._complain()
        self.complaint.sudo().access_token = self.token
        self.case = self.complaint.sudo()

    def _page(self, token):
        public = self.env.ref("base.public_user")
        return self.env["customer.complaint"].with_user(public)._for_visitor(self.case.id, token)

    def test_the_link_of_the_former_customer_ends(self):
        self.assertEqual(self._page(self.token), self.case)
        self.complaint.partner_id = self.other
        self.assertFalse(self._page(self.token))
        self.assertFalse(self._page(""))
        self.assertNotEqual(self.case._portal_ensure_token(), self.token)
        self.assertEqual(self._page(self.case.access_token), self.case)

    def test_the_link_of_a_former_representative_ends(self):
        lawyer, next_lawyer = (self._make_customer(name) for name in ("Lawyer", "Next lawyer"))
        self.complaint.complainant_id = lawyer
        self.case.access_token = self.token
        self.case.message_subscribe(lawyer.ids)
        self.complaint.complainant_id = next_lawyer
        self.assertFalse(self._page(self.token))
        self.assertNotIn(lawyer, self.case.message_partner_ids)

    def test_the_link_of_a_former_address_ends(self):
        case = self._complain(partner_id=False, complainant_name="Anna")
        case.unknown_email = "anna@example.com"
        case.sudo().access_token = self.token
        case.unknown_phone = "+33 6 12 34 56 78"
        self.assertEqual(case.sudo().access_token, self.token)
        case.unknown_email = "berta@example.com"
        self.assertFalse(case.sudo().access_token)

    def test_the_link_stays_with_who_is_recognized_later(self):
        case = self._complain(partner_id=False)
        case.unknown_email = "TWO@example.com"
        case.sudo().access_token = self.token
        case.partner_id = self.other
        self.assertEqual(case.sudo().access_token, self.token)
        stranger = self._complain(partner_id=False)
        stranger.unknown_email = "stranger@example.com"
        stranger.sudo().access_token = self.token
        stranger.partner_id = self.other
        self.assertFalse(stranger.sudo().access_token)

    def test_the_former_customer_follows_no_more(self):
        child = self._make_customer("Assistant", parent_id=self.customer.id)
        self.case.message_subscribe((self.customer | child | self.agent.partner_id).ids)
        self.complaint.partner_id = self.other
        self.assertEqual(self.case.message_partner_ids, self.agent.partner_id)

    def test_the_page_shows_nothing_of_the_former_customer(self):
        self.case.with_user(self.env.ref("base.user_root")).message_post(
            body="Words of the first",
            author_id=self.customer.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        self.complaint._write_to_customer("An answer to the first")
        self.env["customer.complaint.evidence"].sudo().create(
            {"complaint_id": self.case.id, "name": "first.jpg", "datas": JPEG}
        )
        card = self.case._customer_card()
        self.assertEqual((len(card["messages"]), card["files"]), (2, ["first.jpg"]))
        self.complaint.partner_id = self.other
        card = self.case._customer_card()
        self.assertEqual((card["messages"], card["files"]), ([], []))
        self.complaint._write_to_customer("An answer to the second")
        [message] = self.case._customer_card()["messages"]
        self.assertIn("An answer to the second", message["body"])

    def test_what_the_former_customer_gave_and_answered_ends(self):
        self.complaint.write({"complainant_name": "Li", "unknown_email": "li@example.org"})
        self.complaint.complainant_id = self.customer
        settled = self._make_settled(complainant_name="Li")
        settled._record({"confirmation": "silent", "satisfaction": "4"})
        for case in (self.complaint, settled):
            case.partner_id = self.other
            case = case.sudo()
            self.assertEqual(
                (case.complainant_name, case.complainant_email, case.complainant_id.id),
                (False, False, False),
            )
            self.assertEqual(
                (case.confirmation, case.satisfaction, case.date_answered), (False, False, False)
            )
        self.assertEqual(settled.state, "solving")

    def test_what_is_entered_with_the_new_customer_stays(self):
        lawyer = self._make_customer("Lawyer")
        self.complaint.write({"complainant_name": "Li", "unknown_email": "li@example.org"})
        self.complaint.write(
            {
                "partner_id": self.other.id,
                "complainant_id": lawyer.id,
                "unknown_email": "two@example.org",
            }
        )
        self.assertEqual(
            (self.case.complainant_id, self.case.complainant_email, self.case.complainant_name),
            (lawyer, "two@example.org", False),
        )

    def test_the_chatter_says_whose_it_was(self):
        self.complaint.partner_id = self.other
        last = self.case.message_ids.sorted("id")[-1]
        self.assertEqual(str(last.body), "<span>Contact: Two, previously Li Na</span>")
        self.assertEqual(last.author_id, self.agent.partner_id)

    def test_the_plans_of_the_former_customer_stop(self):
        row = self.env["customer.followup.enrollment"].create(
            {"plan_id": self.plan.id, "partner_id": self.customer.id}
        )
        row._record({"res_model": "customer.complaint", "res_id": self.case.id})
        contact = self._make_followup(enrollment_id=row.id)
        self.complaint.title = "Another title"
        self.assertEqual(row.state, "active")
        self.complaint.partner_id = self.other
        self.assertEqual((row.state, row.stop_code), ("stopped", "customer"))
        self.assertEqual((contact.state, contact.close_code), ("cancelled", "stopped"))

    def test_the_hold_follows_the_customer(self):
        self.complaint.partner_id = self.other
        held = self.env["customer.contact.hold"].search(
            [("res_model", "=", "customer.complaint"), ("res_id", "=", self.case.id)]
        )
        self.assertEqual(
            {(one.partner_id, bool(one.date_lifted)) for one in held},
            {(self.customer, True), (self.other, False)},
        )

    def test_a_colleague_of_the_same_customer_sees_the_whole_case(self):
        firm = self._make_customer("Firm", is_company=True)
        one, two = (self._make_customer(name, parent_id=firm.id) for name in ("One", "Two"))
        case = self._complain(partner_id=one.id, complainant_name="One")
        case.sudo().access_token = self.token
        case.sudo().message_post(
            body="Words",
            author_id=one.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        case.partner_id = two
        self.assertFalse(case.sudo().access_token)
        self.assertEqual(len(case.sudo()._customer_card()["messages"]), 1)
        self.assertEqual(case.complainant_name, "One")

    def test_an_unchanged_customer_changes_nothing(self):
        messages = len(self.case.message_ids)
        self.complaint.write({"partner_id": self.customer.id, "title": "It squeaks"})
        self.assertEqual(self.case.access_token, self.token)
        self.assertEqual(len(self.case.message_ids), messages)

    def test_customers_see_their_complaints_of_every_company(self):
        self._make_second_company()
        portal = new_test_user(self.env, "cf_visitor", groups="base.group_portal")
        portal.partner_id.parent_id = self.customer
        elsewhere = self._complain(
            self.other_manager, company_id=self.other_company.id, user_id=False
        ).sudo()
        found = (
            self.env["customer.complaint"]
            .sudo()
            .search(self.env["customer.complaint"].with_user(portal)._visitor_domain())
        )
        self.assertEqual(found, elsewhere | self.case)


class TestCompanyChange(ComplaintCommon):
    """What follows when a complaint moves to another company."""

    def setUp(self):
        super().setUp()
        self._make_second_company()
        both = (self.company | self.other_company).ids
        self.both = new_test_user(self.env, "cf_both", groups=f"{LEADER},{CONTACT_DETAILS}")
        self.both.company_ids = [Command.set(both)]
        self.other_leader = new_test_user(
            self.env, "cf_other_leader", groups=LEADER, company_id=self.other_company.id
        )
        self.other_team.leader_id = self.other_leader
        self.team.leader_id = self.both
        self.case = self._complain()
        self.moved = self.case.with_user(self.both).with_context(allowed_company_ids=both)

    def test_users_of_the_new_company_take_over(self):
        self.moved.company_id = self.other_company
        case = self.case.sudo()
        self.assertEqual(case.team_id, self.other_team)
        self.assertEqual((case.user_id, case.accountable_user_id), (self.other_leader,) * 2)
        self.assertEqual(case.activity_ids.user_id, self.other_leader)

    def test_without_anyone_the_complaint_has_no_handler(self):
        self.other_manager.group_ids = [
            Command.unlink(self.env.ref("customer_followup.group_followup_manager").id)
        ]
        self.other_team.leader_id = False
        self.moved.company_id = self.other_company
        case = self.case.sudo()
        self.assertFalse(case.user_id | case.accountable_user_id)

    def test_a_handler_of_both_companies_stays(self):
        self.case.sudo().write({"user_id": self.both.id, "accountable_user_id": self.both.id})
        self.moved.company_id = self.other_company
        self.assertEqual(self.case.sudo().user_id, self.both)
        self.assertEqual(self.case.sudo().accountable_user_id, self.both)

    def test_the_hold_and_the_actions_move(self):
        action = self.env["customer.action"].create(
            {
                "name": "Look",
                "user_id": self.agent.id,
                "team_id": self.team.id,
                "res_model": "customer.complaint",
                "res_id": self.case.id,
            }
        )
        self.moved.company_id = self.other_company
        self.assertEqual(
            (action.company_id, action.team_id, action.user_id),
            (self.other_company, self.other_team, self.other_leader),
        )
        marketing = self.env["customer.purpose"].search([("is_marketing", "=", True)], limit=1)
        holds = self.env["customer.contact.hold"]
        customers = self.customer.commercial_partner_id
        self.assertEqual(holds._open(customers, self.company), {})
        [(_start, _until, purposes)] = holds._open(customers, self.other_company)[customers.id]
        self.assertIn(marketing.id, purposes)

    def test_work_does_not_move_to_a_company_its_user_does_not_work_for(self):
        action = self.env["customer.action"].create({"name": "Look", "user_id": self.agent.id})
        with self.assertRaises(UserError):
            action.with_user(self.both).with_context(
                allowed_company_ids=(self.company | self.other_company).ids
            ).company_id = self.other_company
