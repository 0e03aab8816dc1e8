from importlib.util import module_from_spec, spec_from_file_location

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged
from odoo.tools.misc import file_path

from .test_promise import PromiseCommon


@tagged("post_install", "-at_install")
class TestPromiseMatching(PromiseCommon):
    """Which promises are made, given up and made anew as a case changes."""

    def _codes(self, complaint):
        notices = self.env["customer.complaint.notice"].search(
            [("promise_id.complaint_id", "=", complaint.id)], order="id"
        )
        return [(one.user_id, one.code) for one in notices]

    def _tick(self, moment):
        with freeze_time(moment):
            self._run_cron("ir_cron_promise")

    def test_what_is_given_up_is_not_kept(self):
        self._make_policy(("arrangement", 1, "hours"), ("closure", 8, "hours"))
        original = self._complain()
        withdrawn, duplicate = self._complain(), self._complain()
        with freeze_time("2026-05-01 16:00"):
            duplicate.duplicate_of_id = original
            duplicate.stage_id = self.stages["closed"]
            withdrawn._customer_withdraws("Phone")
            self.env.flush_all()
        for complaint, ending in ((withdrawn, "withdrawn"), (duplicate, "duplicate")):
            with self.subTest(ending=ending):
                self.assertEqual((complaint.state, complaint.close_kind), ("closed", ending))
                self.assertEqual(self._promises(complaint).mapped("state"), ["missed", "void"])

    def test_the_deadline_forgets_a_promise_that_is_given_up(self):
        policy = self._make_policy(("closure", 2, "hours"))
        complaint = self._complain("2026-05-01 14:00")
        policy.active = False
        with freeze_time("2026-05-01 14:30"):
            self._promises(complaint)._void()
        self.assertEqual(str(complaint.date_deadline), "2026-05-03 14:00:00")

    def test_a_survey_is_promised_to_those_who_can_be_asked(self):
        self._make_policy(("survey", 48, "hours"))
        nobody = self.env["res.partner"].create({"name": "No address"})
        original = self._complain()
        cases = {
            "nobody": self._complain(partner_id=False),
            "out of reach": self._complain(partner_id=nobody.id),
            "duplicate": self._complain(duplicate_of_id=original.id),
            "said so": self._complain(),
        }
        self.env.flush_all()
        with freeze_time("2026-05-01 16:00"):
            cases["said so"]._customer_confirms("Phone", satisfaction="5")
        for name, complaint in cases.items():
            with self.subTest(case=name):
                if complaint.state != "closed":
                    self._to_stage(complaint, "closed", "2026-05-01 16:00")
                self.assertEqual(complaint.state, "closed")
                self.assertFalse(self._promises(complaint))

    def test_who_said_how_satisfied_he_is_is_owed_no_survey(self):
        self._make_policy(("survey", 48, "hours"))
        complaint = self._complain()
        self._to_stage(complaint, "closed", "2026-05-01 16:00")
        self.assertEqual(self._promises(complaint).state, "open")
        with freeze_time("2026-05-01 17:00"):
            complaint.sudo().write({"satisfaction": "4"})
        self.assertEqual(self._promises(complaint).state, "void")

    def test_a_step_for_each_promise_is_none_for_a_survey(self):
        for kind, level in ((False, 0), ("survey", 1)):
            with self.subTest(kind=kind):
                step = {"level": 1, "audience": "leader", "kind": kind}
                policy = self._make_policy(
                    ("survey", 1, "hours"), escalation_ids=[Command.create(step)]
                )
                complaint = self._complain()
                self._to_stage(complaint, "closed", "2026-05-01 16:00")
                self._tick("2026-05-01 18:00")
                promise = self._promises(complaint)
                self.assertEqual((promise.state, promise.level), ("missed", level))
                policy.active = False

    def test_the_policies_that_come_along_contradict_nothing(self):
        # In a database of before as well.
        self._migrate()
        every = self.env.ref("customer_followup.customer_sla_policy_all")
        self.assertNotIn("survey", every.target_ids.mapped("kind"))
        quality = self.env.ref("customer_followup.customer_sla_policy_quality")
        (every | quality).active = True
        # A Friday before a long weekend.
        self.env["customer.workday"].create(
            {"name": "Festival", "date_from": "2026-05-02", "date_to": "2026-05-10"}
        )
        complaint = self._complain("2026-05-01 16:00", category_id=quality.category_id.id)
        solution = self._promises(complaint, "solution").date_deadline
        self.assertLess(solution, self._promises(complaint, "closure").date_deadline)

    def test_old_databases_are_mended_where_nobody_changed_the_policies(self):
        every = self.env.ref("customer_followup.customer_sla_policy_all")
        quality = self.env.ref("customer_followup.customer_sla_policy_quality")
        self._migrate()
        every.write(
            {
                "active": True,
                "target_ids": [Command.create({"kind": "survey", "count": 48, "unit": "hours"})],
            }
        )
        quality.target_ids.filtered(lambda one: one.kind == "closure").unlink()
        complaint = self._complain()
        self._to_stage(complaint, "closed", "2026-05-01 15:00")
        promise = self._promises(complaint, "survey")
        self.assertEqual(promise.state, "open")
        self._migrate()
        self.assertNotIn("survey", every.target_ids.mapped("kind"))
        self.assertFalse(promise.date_check)
        self.assertEqual(quality.target_ids.mapped("kind"), ["solution", "closure"])
        self.assertEqual(quality.target_ids[1].count, 5)
        quality.target_ids[1].count = 9
        every.target_ids = [Command.create({"kind": "survey", "count": 72, "unit": "hours"})]
        self._migrate()
        self.assertEqual(quality.target_ids[1].count, 9)
        self.assertIn("survey", every.target_ids.mapped("kind"))

    def _migrate(self):
        path = file_path("customer_followup/migrations/19.0.4.0.0/post-migration.py")
        spec = spec_from_file_location("mending", path)
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        module.migrate(self.cr, "19.0.4.0.0")

    def test_who_hands_over_late_broke_the_promise(self):
        self._make_policy(("first_answer", 10, "minutes"))
        complaint = self._complain()
        with freeze_time("2026-05-01 14:30"):
            complaint.sudo().user_id = self.colleague
        promise = self._promises(complaint)
        self.assertEqual((promise.state, promise.missed_user_id), ("missed", self.agent))
        self._tick("2026-05-01 14:31")
        self.assertEqual(self._codes(complaint), [(self.agent, "missed")])

    def test_a_break_somebody_comes_upon_is_told_and_goes_up_the_ladder(self):
        step = {"level": 1, "delay_count": 2, "delay_unit": "hours", "audience": "leader"}
        self._make_policy(("closure", 2, "hours"), escalation_ids=[Command.create(step)])
        complaint = self._complain("2026-05-01 10:00")
        self._to_stage(complaint, "awaiting", "2026-05-01 13:00")
        self._tick("2026-05-01 13:01")
        self.assertEqual(self._codes(complaint), [(self.agent, "missed")])
        self._tick("2026-05-01 14:00")
        self._tick("2026-05-01 14:01")
        self.assertEqual(self._codes(complaint), [(self.agent, "missed"), (self.leader, "step")])

    def test_who_loses_his_tier_loses_its_promises(self):
        tier = self.env["customer.tier"].search([], limit=1)
        self._make_policy(("closure", 72, "hours"))
        self._make_policy(("closure", 4, "hours"), tier_id=tier.id)
        membership = self.env["customer.tier.membership"].create(
            {"commercial_partner_id": self.customer.id, "tier_id": tier.id}
        )
        complaint = self._complain()
        self.assertEqual(str(complaint.date_deadline), "2026-05-01 18:00:00")
        with freeze_time("2026-05-01 15:00"):
            membership.unlink()
        self.assertEqual(str(complaint.date_deadline), "2026-05-04 14:00:00")
        self.assertIn("What is promised has changed", complaint.message_ids[0].body)

    def test_other_hours_of_a_policy_hold_at_once(self):
        policy = self._make_policy(("closure", 2, "business_hours"))
        complaint = self._complain("2026-05-01 10:30")
        with freeze_time("2026-05-01 10:50"):
            policy.write(
                {"company_id": self.company.id, "calendar_id": self._make_hours(13, 15).id}
            )
        self.assertEqual(str(complaint.date_deadline), "2026-05-01 15:00:00")
        self.assertIn("Closing: until", complaint.message_ids[0].body)
