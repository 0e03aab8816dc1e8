from odoo import Command
from odoo.exceptions import RedirectWarning, UserError, ValidationError
from odoo.tests import new_test_user

from ..common import MANAGER, ComplaintCommon


class TestLeavingCompany(ComplaintCommon):
    """A user who works for a company no more, like one who is archived, leaves no work there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_second_company()
        cls.colleague.company_ids |= cls.other_company
        cls.system = new_test_user(cls.env, "cf_system", groups="base.group_system")
        cls.system.company_ids |= cls.other_company

    def _leave(self):
        self.colleague.with_user(self.system).write(
            {
                "company_id": self.other_company.id,
                "company_ids": [Command.set(self.other_company.ids)],
            }
        )

    def test_open_work_is_passed_on_first(self):
        for make, finish in (
            (
                lambda: self._make_followup(self.colleague),
                lambda contact: contact._end("cancelled", "hand"),
            ),
            (
                lambda: self.env["customer.ownership"].create(
                    {"commercial_partner_id": self.customer.id, "user_id": self.colleague.id}
                ),
                lambda row: row.unlink(),
            ),
            (
                lambda: self.env["customer.team"].create(
                    {"name": "Led", "leader_id": self.colleague.id}
                ),
                lambda team: team.write({"leader_id": self.leader.id}),
            ),
        ):
            record = make()
            with self.subTest(record=record._name):
                # As for archiving, a manager is offered the way out.
                with self.assertRaises(UserError):
                    self._leave()
                self.system.group_ids |= self.env.ref(MANAGER)
                with self.assertRaises(RedirectWarning):
                    self._leave()
                self.system.group_ids -= self.env.ref(MANAGER)
            finish(record)
        self._leave()
        self.assertEqual(self.colleague.company_ids, self.other_company)

    def test_work_of_the_company_that_stays_is_no_reason(self):
        self.env["customer.action"].create(
            {"name": "Look", "user_id": self.colleague.id, "company_id": self.other_company.id}
        )
        self._leave()
        self.assertEqual(self.colleague.company_ids, self.other_company)

    def test_a_team_with_records_of_its_company_does_not_move(self):
        empty = self.env["customer.team"].create({"name": "Empty"})
        empty.company_id = self.other_company
        self.assertEqual(empty.company_id, self.other_company)
        vals = {"company_id": self.company.id}
        for make in (
            lambda team: self._make_followup(team_id=team.id),
            lambda team: self.env["customer.team"].create({"name": "Part", "parent_id": team.id}),
            lambda team: self.env["customer.action"].create(
                {"name": "Look", "team_id": team.id, **vals}
            ),
        ):
            team = self.env["customer.team"].create({"name": "Shop"})
            record = make(team)
            with self.subTest(record=record._name):
                with self.assertRaisesRegex(ValidationError, "Shop cannot move to Elsewhere"):
                    team.company_id = self.other_company
                self.env.invalidate_all()
                # The same company again is no move.
                team.company_id = self.company

    def test_the_log_names_the_company_of_the_record(self):
        elsewhere = self._complain(
            self.other_manager, company_id=self.other_company.id, user_id=False
        )
        [row] = self.env["customer.access.log"]._log("reveal", self.customer, elsewhere)
        self.assertEqual(row.company_res_id, self.other_company.id)
        [row] = self.env["customer.access.log"]._log("reveal", self.customer)
        self.assertEqual(row.company_res_id, self.company.id)

    def test_an_owner_of_another_team_keeps_the_contacts_in_their_team(self):
        own = self.env["customer.team"].create(
            {"name": "Sales", "member_ids": [Command.set(self.manager.ids)]}
        )
        holder = self.env["customer.ownership"].create(
            {"commercial_partner_id": self.customer.id, "user_id": self.manager.id}
        )
        row = self.plan._enroll(self.customer)
        self.assertEqual((row.user_id, row.team_id), (self.manager, own))
        row.action_stop()
        holder.user_id = self.colleague
        row = self.plan._enroll(self.customer)
        self.assertEqual((row.user_id, row.team_id), (self.colleague, self.team))

    def test_an_owner_without_a_role_gets_no_contacts(self):
        self.env["customer.ownership"].create(
            {"commercial_partner_id": self.customer.id, "user_id": self.stranger.id}
        )
        row = self.plan._enroll(self.customer)
        self.assertIn(row.user_id, self.team.member_ids)
        self.assertEqual(row.team_id, self.team)
