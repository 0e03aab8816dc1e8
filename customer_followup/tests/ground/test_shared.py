from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..common import ADMIN, CONTACT_DETAILS, PHONE, FollowupCommon


@tagged("post_install", "-at_install")
class TestShared(FollowupCommon):
    """Two companies: what belongs to one, and what is shared by both."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.company"].create({"name": "Other"})
        groups = f"{ADMIN},{CONTACT_DETAILS}"
        cls.there = new_test_user(
            cls.env,
            "cf_there",
            groups=groups,
            company_id=cls.other.id,
            company_ids=[Command.set(cls.other.ids)],
        )
        companies = cls.env["res.company"].search([])
        cls.everywhere = new_test_user(
            cls.env,
            "cf_everywhere",
            groups=groups,
            company_id=cls.other.id,
            company_ids=[Command.set(companies.ids)],
        )

    def _make_shared(self):
        plan = self._make_plan("Shared", [(3, "days")], company_id=False)
        policy = self.env["customer.sla.policy"].create({"name": "Shared", "company_id": False})
        return [
            plan,
            plan.step_ids,
            plan.version_ids,
            self.env["customer.followup.rule"].create(
                {
                    "name": "Shared",
                    "plan_id": plan.id,
                    "company_id": False,
                    "model_name": "res.users",
                    "partner_path": "partner_id",
                    "anchor_path": "create_date",
                    "active": False,
                }
            ),
            self.env["customer.complaint.category"].create({"name": "Shared", "company_id": False}),
            self.env["customer.workday"].create(
                {"name": "Shared", "date_from": "2026-05-01", "company_id": False}
            ),
            policy,
        ]

    def test_only_users_of_all_companies_change_what_is_shared(self):
        for record in self._make_shared():
            with self.subTest(model=record._name):
                there = record.with_user(self.there)
                self.assertTrue(there.has_access("read"))
                self.assertFalse(there.has_access("write") or there.has_access("unlink"))
                # Versions are written by the system only.
                is_open = record._name != "customer.followup.plan.version"
                self.assertEqual(record.with_user(self.everywhere).has_access("write"), is_open)

    def test_no_one_of_one_company_makes_something_shared(self):
        categories = self.env["customer.complaint.category"].with_user(self.there)
        with self.assertRaisesRegex(AccessError, "belongs to all companies"):
            categories.create({"name": "Mine", "company_id": False})
        mine = categories.create({"name": "Mine", "company_id": self.other.id})
        mine.name = "Ours"
        self.assertEqual(mine.name, "Ours")

    def test_no_one_of_one_company_shares_what_is_theirs(self):
        categories = self.env["customer.complaint.category"].with_user(self.there)
        mine = categories.create({"name": "Mine"})
        with self.assertRaisesRegex(AccessError, "work in all companies"):
            mine.company_id = False
        mine.with_user(self.everywhere).company_id = False
        self.assertFalse(mine.company_id)

    def test_a_copy_of_what_is_shared_belongs_to_the_company_of_its_user(self):
        for record in self._make_shared():
            if record._name not in ("customer.followup.plan", "customer.complaint.category"):
                continue
            with self.subTest(model=record._name):
                self.assertEqual(record.with_user(self.there).copy().company_id, self.other)
                self.assertFalse(record.with_user(self.everywhere).copy().company_id)

    def test_what_is_made_in_one_company_belongs_to_it(self):
        categories = self.env["customer.complaint.category"]
        mine = categories.with_user(self.there).create({"name": "Mine"})
        self.assertEqual(mine.company_id, self.other)
        self.assertFalse(categories.with_user(self.everywhere).create({"name": "All"}).company_id)
        self.assertFalse(categories.create({"name": "All"}).company_id)

    def test_a_shared_rule_is_not_run_by_hand_from_one_company(self):
        rule = self._make_shared()[3]
        rule.active = True
        with self.assertRaisesRegex(AccessError, "belongs to all companies"):
            rule.with_user(self.there).action_run()

    def test_every_model_that_may_be_shared_is_guarded(self):
        mixin = self.env.registry["customer.shared.mixin"]
        for name, model in self.env.items():
            field = model._fields.get("company_id")
            is_ours = name.startswith("customer.") and model._auto and not model._transient
            if is_ours and field and field.store and not (field.required or field.related):
                with self.subTest(model=name):
                    self.assertTrue(isinstance(model, mixin))

    def test_the_card_shows_no_one_of_another_company(self):
        theirs = self._make_customer("Secret", phone=PHONE, company_id=self.company.id)
        contacts = self.env["customer.followup"].with_user(self.there)
        spec = {"customer_name": {}, "phone_masked": {}, "last_score": {}, "last_contact": {}}
        found = contacts.onchange({"partner_id": theirs.id}, ["partner_id"], spec).get("value", {})
        self.assertFalse(any(found.values()), found)

    def test_work_in_other_companies_is_not_counted(self):
        self._make_followup()
        self.agent.company_ids += self.other
        departures = self.env["customer.departure"].with_user(self.there)
        seen = departures.new({"user_id": self.agent.id, "company_id": self.other.id})
        self.assertFalse(seen.open_text)
        here = self.env["customer.departure"].with_user(self.manager)
        shown = here.new({"user_id": self.agent.id, "company_id": self.company.id})
        self.assertEqual(shown.open_text, "1 contacts")


@tagged("post_install", "-at_install")
class TestMoves(FollowupCommon):
    """Records that a user would give to a company in which they do not work."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.company"].create({"name": "Other"})
        cls.here = new_test_user(
            cls.env,
            "cf_here",
            groups=f"{ADMIN},{CONTACT_DETAILS}",
            company_ids=[Command.set(cls.company.ids)],
        )

    def _make_theirs(self):
        """Return pairs of a record and a user who may write it."""
        complaints = self.env["customer.complaint"].with_user(self.agent)
        complaint = complaints.create({"title": "x", "partner_id": self.customer.id})
        contacts = self.env["customer.followup"].with_user(self.agent)
        owners = self.env["customer.ownership"].with_user(self.here)
        return [
            (complaint, self.agent),
            (self._make_followup().with_env(contacts.env), self.agent),
            (
                owners.create(
                    {"commercial_partner_id": self.customer.id, "user_id": self.agent.id}
                ),
                self.here,
            ),
            (self.env["customer.team"].with_user(self.here).create({"name": "x"}), self.here),
            (
                self.env["customer.complaint.cause"].create({"name": "x"}).with_user(self.here),
                self.here,
            ),
        ]

    def test_no_record_moves_to_a_company_of_others(self):
        for record, _user in self._make_theirs():
            with self.subTest(model=record._name):
                refused = self.assertRaisesRegex(AccessError, "You do not work for Other")
                with refused, self.env.cr.savepoint():
                    record.company_id = self.other.id
                self.assertEqual(record.sudo().company_id, self.company)

    def test_no_record_is_made_in_a_company_of_others(self):
        values = {
            "customer.complaint": {"title": "x", "partner_id": self.customer.id},
            "customer.team": {"name": "x"},
            "customer.handover.topic": {"name": "x"},
            "customer.complaint.category": {"name": "x"},
        }
        for name, vals in values.items():
            with self.subTest(model=name), self.assertRaises(AccessError):
                self.env[name].with_user(self.here).create({**vals, "company_id": self.other.id})

    def test_who_works_in_both_moves_a_complaint(self):
        record, user = self._make_theirs()[0]
        user.company_ids += self.other
        record.write({"company_id": self.other.id, "team_id": False})
        self.assertEqual(record.sudo().company_id, self.other)

    def test_every_model_with_a_company_is_checked(self):
        for name, model in self.env.items():
            field = model._fields.get("company_id")
            if not model._auto or not field or not (field._module or "").startswith("customer_f"):
                continue
            # Odoo keeps what is written into a related field.
            if field.store and (field.related or not field.readonly):
                with self.subTest(model=name):
                    self.assertTrue(model._check_company_auto)
