from datetime import datetime

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import new_test_user, tagged

from ..common import AGENT, ComplaintCommon

OFFER = "customer_followup.mail_activity_type_offer"
INTRODUCE = "customer_followup.mail_activity_type_introduce"


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 10:00")
class TestComplaintHandover(ComplaintCommon):
    """Notifications and permissions when a complaint is handed over."""

    def setUp(self):
        super().setUp()
        self.company.customer_transfer_hours = 8
        self.complaint = self._complain(team_id=self.team.id)

    def _notified(self, activity_type=None, complaint=None):
        """Return the users with an activity on the complaint."""
        rows = (complaint or self.complaint).sudo().activity_ids
        if activity_type:
            rows = rows.filtered(lambda one: one.activity_type_id == self.env.ref(activity_type))
        return rows.user_id

    def test_leaders_are_notified_if_no_one_can_be_accountable(self):
        self.patch(type(self.complaint), "_find_successors", lambda *_args, **_options: {})
        self.complaint.sudo()._reassign_accountable()
        self.assertEqual(self._notified(), self.leader)
        self.assertEqual(self.complaint.accountable_user_id, self.agent)

    def test_the_receiver_has_an_activity_until_they_decide(self):
        self.complaint._hand_over("Expert in doors", self.colleague)
        self.assertEqual(self._notified(OFFER), self.colleague)
        row = self.complaint.sudo().activity_ids
        self.assertNotIn(self.customer.name, f"{row.summary} {row.note}")
        # The receiver can read the content only after accepting.
        self.assertNotIn(self.colleague.partner_id, self.complaint.sudo().message_partner_ids)
        self.complaint.with_user(self.colleague).action_accept()
        self.assertFalse(self._notified(OFFER))

    def test_all_team_members_are_asked_until_one_accepts(self):
        mine = self._complain(self.manager)
        mine._hand_over("Doors", team=self.team)
        self.assertEqual(self._notified(OFFER, mine), self.agent | self.colleague)
        mine.with_user(self.colleague).action_accept()
        self.assertFalse(self._notified(OFFER, mine))

    def test_the_offering_user_is_notified_when_it_stays(self):
        self.complaint._hand_over("Holiday", self.colleague)
        self.complaint.with_user(self.colleague).action_decline()
        self.assertEqual(self._notified(), self.agent)
        with freeze_time("2026-03-02 11:00"):
            self.complaint._hand_over("Holiday", self.colleague)
        with freeze_time("2026-03-04 10:00"):
            self._run_cron("ir_cron_return")
        self.assertEqual(self._notified(), self.agent | self.leader)
        self.assertFalse(self._notified(OFFER))

    def test_the_new_handler_is_reminded_to_inform_the_customer(self):
        self.complaint._hand_over("Holiday", self.colleague)
        theirs = self.complaint.with_user(self.colleague)
        theirs.action_accept()
        self.assertEqual(self._notified(INTRODUCE), self.colleague)
        theirs.transfer_ids.action_customer_informed()
        self.assertFalse(self._notified(INTRODUCE))

    def test_the_acceptance_deadline_is_in_working_time(self):
        with freeze_time("2026-03-06 16:00"):
            offer = self.complaint._hand_over("Holiday", self.colleague)
        # A Friday with one hour of working time left.
        self.assertEqual(offer.date_limit, datetime(2026, 3, 9, 16))

    def test_the_offering_user_or_a_leader_withdraws_an_offer(self):
        for user in (self.agent, self.leader):
            offer = self.complaint._hand_over("Holiday", self.colleague)
            theirs = self.complaint.with_user(self.colleague)
            self.assertFalse(theirs.is_offer_mine)
            with self.assertRaisesRegex(UserError, "only the user who offered it"):
                theirs.action_take_back()
            mine = self.complaint.with_user(user)
            self.assertTrue(mine.is_offer_mine)
            mine.action_take_back()
            self.assertEqual(offer.state, "withdrawn")
            self.assertFalse(self.complaint.offered_user_id)
            self.assertFalse(self._notified(OFFER))
            self.assertFalse(theirs.has_access("read"))

    def test_an_offer_ends_when_a_leader_assigns_the_complaint(self):
        offer = self.complaint._hand_over("Holiday", self.colleague)
        self.complaint.with_user(self.leader).user_id = self.leader
        self.assertEqual(offer.state, "withdrawn")
        self.assertFalse(self.complaint.offered_user_id)
        self.assertFalse(self._notified(OFFER))
        # The agent is still accountable, so they are notified.
        self.assertEqual(self._notified(), self.agent)

    def test_an_offer_ends_with_the_complaint(self):
        complaint = self._make_settled()
        offer = complaint._hand_over("Holiday", self.colleague)
        complaint._customer_confirms("By phone")
        self.assertEqual((complaint.state, offer.state), ("closed", "withdrawn"))
        self.assertFalse(self._notified(OFFER, complaint))

    def test_an_agent_cannot_take_a_complaint_from_a_colleague(self):
        self.complaint.with_user(self.leader).user_id = self.colleague
        for user_id in (self.agent.id, False, self.manager.id):
            with self.assertRaisesRegex(UserError, "Ask them to hand it over"):
                self.complaint.user_id = user_id
        self.complaint.user_id = self.colleague
        self.complaint.with_user(self.leader).user_id = False
        self.complaint.user_id = self.agent
        self.assertEqual(self.complaint.user_id, self.agent)

    def test_it_is_not_offered_to_a_team_without_able_members(self):
        self._make_second_company()
        empty = self.env["customer.team"].create({"name": "Empty"})
        for team in (self.other_team, empty):
            with self.assertRaisesRegex(UserError, f"no one in “{team.name}” can handle"):
                self.complaint._hand_over("Doors", team=team)

    def test_excluded_members_are_not_asked(self):
        mine = self._complain(self.manager)
        mine.sudo()._accuse(self.colleague)
        mine._hand_over("Doors", team=self.team)
        self.assertEqual(self._notified(OFFER, mine), self.agent)
        mine.sudo()._accuse(self.agent)
        self.assertFalse(self._notified(OFFER, mine))

    def test_the_new_handler_is_notified(self):
        self.complaint.with_user(self.leader).user_id = self.colleague
        self.assertEqual(self._notified(), self.colleague)
        theirs = self._complain(self.leader, user_id=self.agent.id)
        self.assertEqual(self._notified(complaint=theirs), self.agent)
        self.assertFalse(self._notified(complaint=self._complain()))

    def test_notifying_many_takes_as_many_queries_as_one(self):
        def give(count):
            some = self.env["customer.complaint"].union(*(self._complain() for _ in range(count)))
            some.sudo().team_id = self.team
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.with_user(self.leader).write({"user_id": self.colleague.id})
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        give(1)
        few, many = give(2), give(12)
        self.assertLessEqual(many, few + 60)

    def test_each_complaint_has_a_team(self):
        self.assertEqual(self._complain().team_id, self.team)
        self.assertEqual(self._complain(self.leader).team_id, self.team)
        self.assertEqual(self._complain(self.leader, user_id=False).team_id, self._root())
        lone = new_test_user(self.env, "cf_lone", groups=AGENT)
        self.assertEqual(self._complain(lone).team_id, self._root())
        self._make_second_company()
        theirs = self._complain(
            self.other_agent, partner_id=False, company_id=self.other_company.id
        )
        self.assertEqual(theirs.team_id, self.other_team)

    def _root(self):
        return self.env["customer.team"].search(
            [("company_id", "=", self.company.id), ("parent_id", "=", False)], limit=1
        )

    def test_with_no_team_the_general_manager_approves_all(self):
        root = self.env["customer.team"].create(
            {"name": "All", "leader_id": self.manager.id, "sequence": 0}
        )
        complaint = self._complain()
        complaint.sudo().team_id = False
        complaint.solution_ids = [Command.create({"name": "Refund", "amount": 9000})]
        complaint.solution_ids.with_user(self.manager).action_approve()
        self.assertEqual(complaint.solution_ids.approver_id, root.leader_id)

    def test_the_public_form_needs_a_team(self):
        settings = self.env["res.config.settings"]
        with self.assertRaisesRegex(ValidationError, "choose the team"):
            settings.create({"customer_form_on": True, "customer_form_team_id": False})
        settings.create({"customer_form_on": True, "customer_form_team_id": self.team.id})
        self.assertEqual(self.company.customer_form_team_id, self.team)

    def test_without_a_handler_the_first_allowed_user_is_notified(self):
        complaint = self._complain()
        complaint.sudo().user_id = False
        self.assertEqual(complaint._contact_user(), self.leader)
        complaint.sudo()._accuse(self.leader)
        self.assertEqual(complaint._contact_user(), self.agent)
        complaint.sudo()._accuse(self.agent)
        self.assertTrue(complaint.sudo()._contact_user())
        self.assertNotIn(complaint.sudo()._contact_user(), self.agent | self.leader)
