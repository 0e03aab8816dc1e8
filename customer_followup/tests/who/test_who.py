from psycopg2.errors import UniqueViolation

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import FollowupCommon


@tagged("post_install", "-at_install")
class TestTeam(FollowupCommon):
    def test_a_team_is_not_part_of_itself(self):
        below = self.env["customer.team"].create({"name": "Below", "parent_id": self.team.id})
        for parent in (below, self.team):
            with self.assertRaisesRegex(ValidationError, "After-sales cannot be part of itself"):
                self.team.parent_id = parent

    def test_leaders_oversee_all_below(self):
        below = self.env["customer.team"].create({"name": "Below", "parent_id": self.team.id})
        last = self.env["customer.team"].create(
            {"name": "Last", "parent_id": below.id, "leader_id": self.agent.id}
        )
        self.assertEqual(last.overseer_ids, self.leader | self.agent)
        self.team.leader_id = self.manager
        self.assertEqual(last.overseer_ids, self.manager | self.agent)

    def test_work_goes_to_whom_has_least(self):
        for _turn in range(3):
            self._make_followup(self.agent)
        complaint = self.env["customer.complaint"].create(
            {"title": "Hm", "user_id": self.colleague.id}
        )
        users = self.team._next_users(4)
        self.assertEqual(
            [user.login for user in users],
            ["cf_colleague", "cf_colleague", "cf_agent", "cf_colleague"],
        )
        complaint.user_id = self.leader
        self.colleague.active = False
        self.assertEqual(self.team._next_users(2), [self.agent, self.agent])
        self.team.member_ids = False
        self.assertEqual(self.team._next_users(1), [self.env["res.users"]])


@tagged("post_install", "-at_install")
class TestCustomer(FollowupCommon):
    """Tier and owner of a customer, per company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tiers = cls.env["customer.tier"].search([])

    def _tier(self, tier, **vals):
        return self.env["customer.tier.membership"].create(
            {"commercial_partner_id": self.customer.id, "tier_id": tier.id, **vals}
        )

    def _own(self, user, **vals):
        return self.env["customer.ownership"].create(
            {"commercial_partner_id": self.customer.id, "user_id": user.id, **vals}
        )

    def test_tier_and_owner_are_computed_searched_and_shown_on_contacts(self):
        self._tier(self.tiers[0])
        self._own(self.agent)
        person = self._make_customer("Li Na's son", parent_id=self.customer.id)
        for partner in (self.customer, person):
            self.assertEqual(partner.customer_tier_id, self.tiers[0])
            self.assertEqual(partner.customer_owner_id, self.agent)
        Partner = self.env["res.partner"]
        both = self.customer | person
        among = [("id", "in", both.ids)]
        self.assertEqual(
            Partner.search([*among, ("customer_tier_id", "=", self.tiers[0].id)]), both
        )
        self.assertFalse(Partner.search([*among, ("customer_tier_id", "=", False)]))
        self.assertEqual(Partner.search([*among, ("customer_owner_id", "=", self.agent.id)]), both)
        self.assertFalse(Partner.search([*among, ("customer_owner_id", "!=", self.agent.id)]))
        self.assertEqual(self._make_followup().tier_id, self.tiers[0])

    def test_a_customer_has_one_tier_and_one_owner(self):
        self._tier(self.tiers[0])
        self._own(self.agent)
        for again in (lambda: self._tier(self.tiers[1]), lambda: self._own(self.colleague)):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(UniqueViolation),
                self.env.cr.savepoint(),
            ):
                again()
                self.env.flush_all()

    def test_owner_and_backup_differ(self):
        self._own(self.agent)
        with (
            self.assertRaisesRegex(ValidationError, "cannot be both owner and backup of Li Na"),
            self.env.cr.savepoint(),
        ):
            self._own(self.agent, role="backup")
        self.assertTrue(self._own(self.colleague, role="backup"))

    def test_another_company_has_its_own(self):
        self._make_second_company()
        self._tier(self.tiers[0])
        self._tier(self.tiers[1], company_id=self.other_company.id)
        self._own(self.agent)
        mine = self.customer.with_user(self.manager)
        theirs = self.customer.with_user(self.other_manager)
        self.assertEqual((mine.customer_tier_id, theirs.customer_tier_id), tuple(self.tiers[:2]))
        self.assertFalse(theirs.customer_owner_id)
        self.assertFalse(
            theirs.search([("customer_tier_id", "=", self.tiers[0].id)]) & self.customer
        )
