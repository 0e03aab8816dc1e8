from freezegun import freeze_time

from odoo.exceptions import AccessError, RedirectWarning, UserError, ValidationError
from odoo.tests import tagged

from ..common import AGENT
from .test_handover import HandoverCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00")
class TestDeparture(HandoverCommon):
    """A user does not leave with customers or open work."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._own(cls.customer, cls.colleague, role="backup")

    def _leave(self, user=None, **vals):
        departure = (
            self.env["customer.departure"]
            .with_user(user or self.manager)
            .create({"user_id": self.agent.id, **vals})
        )
        departure.check_ids.is_done = True
        return departure

    def test_a_user_with_open_work_cannot_be_archived(self):
        self.owned.date_to = "2026-03-01"
        call = self._make_followup()
        for way in ("write", "archive", "unlink", "groups", "group"):
            user = self.agent.with_user(self.env.ref("base.user_admin"))
            with (
                self.subTest(way=way),
                self.assertRaisesRegex(RedirectWarning, "cf_agent.* still has 1 contacts"),
                self.cr.savepoint(),
            ):
                if way == "write":
                    user.active = False
                elif way == "archive":
                    user.action_archive()
                elif way == "unlink":
                    user.unlink()
                elif way == "group":
                    self.env.ref(AGENT).with_env(user.env).user_ids = [(3, user.id)]
                else:
                    user.group_ids = [(3, self.env.ref(AGENT).id)]
        self.assertTrue(self.agent.active)
        call.user_id = self.colleague
        self.agent.action_archive()
        self.assertFalse(self.agent.active)

    def test_the_leader_of_a_team_is_replaced_first(self):
        leader = self.leader.with_user(self.env.ref("base.user_admin"))
        for leave in (leader.action_archive, leader.unlink):
            with self.assertRaisesRegex(UserError, f"leads {self.team.name}"), self.cr.savepoint():
                leave()
        self.team.leader_id = self.colleague
        leader.action_archive()
        self.assertFalse(leader.active)

    def test_a_successor_who_left_is_accountable_for_nothing(self):
        complaint = (
            self.env["customer.complaint"]
            .with_user(self.agent)
            .create({"title": "It rattles", "partner_id": self.customer.id})
            .sudo()
        )
        # As if archived by other means.
        self.cr.execute("UPDATE res_users SET active = FALSE WHERE id = %s", [self.colleague.id])
        self.colleague.invalidate_recordset(["active"])
        complaint._reassign_accountable()
        self.assertNotEqual(complaint.accountable_user_id, self.colleague)

    def test_no_one_outside_the_company_takes_over(self):
        self._make_second_company()
        with self.assertRaisesRegex(ValidationError, "does not work for"):
            self._leave(allocation="person", receiver_id=self.other_agent.id)

    def test_a_user_who_is_no_manager_learns_whom_to_ask(self):
        clerk = self.env["res.users"].create(
            {
                "name": "Clerk",
                "login": "cf_clerk",
                "group_ids": [(4, self.env.ref("base.group_erp_manager").id)],
            }
        )
        with self.assertRaisesRegex(UserError, "A follow-up manager can"):
            self.agent.with_user(clerk).active = False

    def test_what_others_do_in_an_absence_counts_too(self):
        self.owned.date_to = "2026-03-01"
        self._make_followup()
        self.env["customer.absence"].create({"user_id": self.agent.id, "date_to": "2026-03-20"})
        with self.assertRaises(RedirectWarning):
            self.agent.active = False

    def test_customers_and_work_go_to_the_backup_at_once(self):
        enrollment, call = self.plan._enroll(self.customer), self._make_followup()
        action = self.env["customer.action"].create(
            {
                "name": "Send the list",
                "user_id": self.agent.id,
                "res_model": "customer.followup",
                "res_id": call.id,
            }
        )
        departure = self._leave()
        self.assertIn("1 contacts", departure.open_text)
        self.assertIn("cf_colleague", departure.share_text)
        departure.action_pass_on()
        self.assertEqual(self._owner(), self.colleague)
        self.assertFalse(self._owner(role="backup"))
        for record in (enrollment, call, action):
            self.assertEqual(record.user_id, self.colleague, record._name)
        handover = self.env["customer.handover"].search([("user_from_id", "=", self.agent.id)])
        self.assertEqual((handover.state, handover.reason), ("accepted", "departure"))
        self.assertEqual(handover.decided_by_id, self.manager)
        self.assertEqual(
            {(line.name, line.count) for line in departure.line_ids},
            {("customers", 1), ("running plans", 1), ("contacts", 1), ("actions", 1)},
        )
        self.assertEqual((departure.state, departure.done_by_id), ("done", self.manager))
        self.agent.active = False

    def test_without_a_backup_they_are_shared_by_load(self):
        third = self.env["res.users"].create(
            {"name": "Third", "login": "cf_third", "group_ids": [(4, self.env.ref(AGENT).id)]}
        )
        self.team.member_ids |= third
        for number in range(4):
            self._own(self._make_customer(f"Customer {number}"))
        for _number in range(2):
            self._make_followup(user=third)
        departure = self._leave()
        departure.action_pass_on()
        shares = {
            line.user_id: line.count for line in departure.line_ids if line.name == "customers"
        }
        # The colleague gets the customer with them as backup, and three of four.
        self.assertEqual(shares, {self.colleague: 4, third: 1})

    def test_or_given_to_a_chosen_person(self):
        other = self._make_customer("Wang Wei")
        self._own(other)
        call = self._make_followup(partner_id=other.id)
        self._leave(allocation="person", receiver_id=self.renewer.id).action_pass_on()
        self.assertEqual(self._owner(other), self.renewer)
        self.assertEqual((call.user_id, call.team_id), (self.renewer, self.renewal))
        self.assertEqual(self._owner(), self.colleague)

    def test_customers_without_a_backup_are_listed_afterwards(self):
        other = self._make_customer("Wang Wei")
        owner = self._own(other, self.renewer)
        self._own(other, self.agent, role="backup")
        self.assertFalse(owner.is_alone)
        self._leave().action_pass_on()
        owner.invalidate_recordset()
        self.assertTrue(owner.is_alone)

    def test_answering_for_complaints_passes_on_and_its_history_is_kept(self):
        complaint = (
            self.env["customer.complaint"]
            .with_user(self.agent)
            .create({"title": "It rattles", "partner_id": self.customer.id})
            .sudo()
        )
        complaint.user_id = self.renewer
        self.owned.date_to = "2026-03-01"
        self._leave().action_pass_on()
        self.assertEqual(
            (complaint.accountable_user_id, complaint.user_id), (self.colleague, self.renewer)
        )
        row = complaint.transfer_ids
        self.assertEqual(
            (row.kind, row.from_user_id, row.to_user_id),
            ("answerable", self.agent, self.colleague),
        )
        self.agent.active = False

    def test_the_checklist_and_a_receiver_come_first(self):
        departure = self._leave()
        departure.check_ids[0].is_done = False
        with self.assertRaises(UserError):
            departure.action_pass_on()
        departure.check_ids.is_done = True
        departure.team_id = False
        with self.assertRaises(UserError):
            departure.action_pass_on()
        with self.assertRaises(ValidationError):
            departure.write({"allocation": "person", "receiver_id": self.agent.id})

    def test_without_another_member_in_the_team_it_is_refused(self):
        self.team.member_ids = self.agent
        self._own(self._make_customer("Wang Wei"))
        departure = self.env["customer.departure"].with_user(self.manager)
        departure = departure.create({"user_id": self.agent.id})
        departure.check_ids.is_done = True
        self.assertIn("choose a person", departure.share_text)
        with self.assertRaisesRegex(UserError, "choose a person"):
            departure.action_pass_on()

    def test_only_managers_of_the_company_and_auditors_see_it(self):
        departure = self._leave()
        departure.with_user(self.auditor).read(["open_text", "share_text"])
        for user in (self.agent, self.leader, self.stranger):
            with self.assertRaises(AccessError):
                departure.with_user(user).read(["state"])
        with self.assertRaises(AccessError):
            departure.with_user(self.auditor).action_pass_on()
        self._make_second_company()
        with self.assertRaises(AccessError):
            departure.with_user(self.other_manager).read(["state"])

    def test_what_was_passed_on_stays_on_record(self):
        departure = self._leave()
        with self.assertRaises(UserError):
            departure.state = "done"
        departure.action_pass_on()
        for change in (
            lambda: departure.write({"note": "x"}),
            departure.unlink,
            departure.action_pass_on,
        ):
            with self.assertRaises(UserError):
                change()
