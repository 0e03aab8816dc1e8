from freezegun import freeze_time
from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import EMAIL, PHONE, FollowupCommon


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


@tagged("post_install", "-at_install")
@freeze_time("2026-03-05 10:00")
class TestMerge(FollowupCommon):
    """Two contacts turn out to be one customer: nothing is lost, nothing fails."""

    def _everything(self, name):
        partner = self._make_customer(name, phone=PHONE, email=EMAIL)
        tier = self.env["customer.tier"].search([], limit=1)
        own = {"commercial_partner_id": partner.id}
        self.env["customer.tier.membership"].create({**own, "tier_id": tier.id})
        self.env["customer.ownership"].create(
            [
                {**own, "user_id": self.agent.id},
                {**own, "user_id": self.colleague.id, "role": "backup"},
                {
                    **own,
                    "user_id": self.leader.id,
                    "date_from": "2020-01-01",
                    "date_to": "2021-01-01",
                },
            ]
        )
        self.plan._enroll(partner)
        self._run_cron("ir_cron_plan")
        contact = self._make_followup(partner_id=partner.id)
        contact._record_outcome(self._ending("reached"))
        self.env["customer.contact.refusal"]._note({contact: "no_phone"})
        self.env["customer.satisfaction.score"].create(
            {
                "followup_id": contact.id,
                "metric_id": self.env.ref("customer_followup.customer_satisfaction_metric_nps").id,
                "value": 9,
            }
        )
        self.env["customer.complaint"].create({"title": "Hm", "partner_id": partner.id})
        survey = self.env.ref("customer_followup.survey_after_delivery")
        self.env["customer.satisfaction.invitation"].create(
            {"followup_id": contact.id, "survey_id": survey.id}
        )
        marketing = self.env.ref("customer_followup.customer_purpose_marketing")
        partner._note_consent(marketing, "given", "spoken")
        partner.customer_window_ids = [Command.create({"hour_from": 9, "hour_to": 12})]
        self.env["customer.contact.hold"].create(
            {
                "partner_id": partner.id,
                "reason": "In mourning",
                "purpose_ids": [Command.link(marketing.id)],
            }
        )
        self.env["customer.handover"].create(
            {
                "user_from_id": self.agent.id,
                "user_to_id": self.colleague.id,
                "line_ids": [Command.create({"partner_id": partner.id})],
            }
        )
        partner._block_contact("On request")
        self.env["customer.access.log"]._log("open", partner)
        return partner

    def _rows(self, partners):
        """Return how many rows each table holds for the partners."""
        counts = {}
        for model in self.env.registry.values():
            if model._name.startswith("customer.") and not model._abstract and not model._transient:
                for name in ("commercial_partner_id", "partner_id"):
                    if name in model._fields and model._fields[name].store:
                        counts[model._name] = self.env[model._name].search_count(
                            [(name, "in", partners.ids)]
                        )
                        break
        return counts

    def test_two_customers_who_have_everything_become_one(self):
        old, new = self._everything("Li Na"), self._everything("Li Na (again)")
        before = self._rows(old | new)
        self.assertEqual(len([count for count in before.values() if count > 1]), len(before))
        wizard = self.env["base.partner.merge.automatic.wizard"].create(
            {
                "state": "selection",
                "dst_partner_id": new.id,
                "partner_ids": [Command.set((old | new).ids)],
            }
        )
        wizard.action_merge()
        self.env.invalidate_all()
        self.assertFalse(old.exists())
        after = self._rows(new)
        # One tier is left of two; everything else moved.
        before["customer.tier.membership"] -= 1
        self.assertEqual(after, before)
        self.assertTrue(new.customer_tier_id)
        self.assertEqual(new.customer_owner_id, self.agent)
        owners = new.customer_ownership_ids
        self.assertEqual(len(owners.filtered(lambda row: not row.date_to)), 2)
        self.assertEqual(new.customer_complaint_count, 2)
        self.assertEqual(
            len(self.env["customer.access.log"].search([("partner_res_id", "=", old.id)])), 1
        )

    def test_tier_and_owner_of_different_companies_survive_a_merge(self):
        self._make_second_company()
        old, new = self._make_customer("Li Na"), self._make_customer("Li Na (again)")
        tier = self.env["customer.tier"].search([], limit=1)
        for partner, company, user in (
            (old, self.company, self.agent),
            (new, self.other_company, self.other_agent),
        ):
            whose = {"commercial_partner_id": partner.id, "company_id": company.id}
            self.env["customer.tier.membership"].create({**whose, "tier_id": tier.id})
            self.env["customer.ownership"].create({**whose, "user_id": user.id})
        self.env["base.partner.merge.automatic.wizard"]._merge((old | new).ids, new)
        self.assertEqual(len(new.customer_tier_membership_ids), 2)
        self.assertEqual(len(new.customer_ownership_ids), 2)
