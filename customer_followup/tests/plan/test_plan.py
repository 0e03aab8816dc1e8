from datetime import datetime
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ...models.contact import customer_followup_enrollment as planner
from ..common import EMAIL, PHONE, FollowupCommon


@tagged("post_install", "-at_install")
class TestPlan(FollowupCommon):
    """What a plan needs before it runs."""

    def _draft(self, **vals):
        return self.env["customer.followup.plan"].create(
            {"name": "Draft", "purpose_id": self.service.id, **vals}
        )

    def test_a_plan_needs_a_basis_and_a_step(self):
        step = Command.create({"name": "Call", "channel_id": self.phone.id})
        with self.assertRaisesRegex(ValidationError, "Draft: choose a lawful basis"):
            self._draft(step_ids=[step]).action_run()
        with self.assertRaisesRegex(ValidationError, "Draft: add at least one step"):
            self._draft(lawful_basis="contract").action_run()
        plan = self._draft(lawful_basis="contract", step_ids=[step])
        plan.action_run()
        with self.assertRaises(ValidationError):
            plan.lawful_basis = False

    def test_customers_are_enrolled_from_the_plan_itself(self):
        # As the button of the plan does: with the plan as default.
        wizard = self.env["customer.followup.enroll"].with_user(self.manager)
        with Form(wizard.with_context(default_plan_id=self.plan.id)) as form:
            form.partner_ids.add(self.customer)
        action = form.save().action_enroll()
        row = self.env["customer.followup.enrollment"].search(action["domain"])
        self.assertEqual((row.plan_id, row.partner_id), (self.plan, self.customer))

    def test_only_running_plans_enroll(self):
        with self.assertRaisesRegex(UserError, "does not run yet"):
            self._draft()._enroll(self.customer)
        self.plan.action_close()
        with self.assertRaises(UserError):
            self.plan._enroll(self.customer)

    def test_a_customer_is_on_a_plan_once(self):
        enrollment = self.plan._enroll(self.customer)
        with (
            self.assertRaisesRegex(ValidationError, "Li Na is on the plan After repair already"),
            self.env.cr.savepoint(),
        ):
            self.plan._enroll(self.customer)
        enrollment.action_stop()
        self.assertTrue(self.plan._enroll(self.customer))

    def test_people_in_one_team_share_the_customers(self):
        partners = self.env["res.partner"].create([{"name": f"C{n}"} for n in range(4)])
        enrollments = self.plan._enroll(partners)
        self.assertEqual(
            sorted(enrollments.mapped("user_id.login")),
            ["cf_agent", "cf_colleague"],
        )
        self.assertEqual(len(enrollments.filtered(lambda row: row.user_id == self.agent)), 2)

    def test_the_owner_of_the_customer_gets_the_contacts(self):
        self.env["customer.ownership"].create(
            {"commercial_partner_id": self.customer.id, "user_id": self.colleague.id}
        )
        for _turn in range(2):
            enrollment = self.plan._enroll(self.customer)
            self.assertEqual(enrollment.user_id, self.colleague)
            enrollment.action_stop()


@tagged("post_install", "-at_install")
class TestPlanner(FollowupCommon):
    """The scheduled action that turns plans into contacts."""

    @freeze_time("2026-02-01 10:00")
    def _planned(self, **vals):
        partner = self._make_customer("Kim", phone=PHONE, email=EMAIL, **vals)
        enrollment = self.plan._enroll(partner, datetime(2026, 1, 31, 16, 30))
        self._run_cron("ir_cron_plan")
        return enrollment

    @freeze_time("2026-02-01 10:00")
    def test_contacts_are_due_on_the_customers_days(self):
        enrollment = self._planned(customer_tz="Asia/Shanghai")
        contact = enrollment.followup_ids
        # Day 0 is 1 February in Shanghai, so day 3 begins on the 4th, at nine there.
        self.assertEqual(contact.date_planned, datetime(2026, 2, 4, 1, 0))
        self.assertEqual(contact.date_deadline, datetime(2026, 2, 4, 15, 59, 59))
        self.assertEqual(contact.date_original, contact.date_planned)
        self.assertEqual(contact.user_id, enrollment.user_id)
        # Month 2 is beyond the horizon; the planner comes back four weeks before it.
        self.assertEqual(enrollment.date_next, datetime(2026, 3, 4, 1, 0))

    @freeze_time("2026-02-01 10:00")
    def test_the_zone_falls_back_to_country_then_company(self):
        self.company.resource_calendar_id.tz = "Asia/Shanghai"
        for vals, zone in (
            ({"customer_tz": "Europe/Paris"}, "Europe/Paris"),
            ({"country_id": self.env.ref("base.fr").id}, "Europe/Paris"),
            ({"country_id": self.env.ref("base.us").id}, "Asia/Shanghai"),
            ({"tz": "America/New_York"}, "Asia/Shanghai"),
        ):
            with self.subTest(vals=vals):
                self.assertEqual(self._make_customer("Kim", **vals)._customer_zone(), zone)
        self.company.resource_calendar_id = False
        self.assertEqual(self._make_customer("Kim")._customer_zone(), "UTC")

    def test_planning_again_plans_nothing_twice(self):
        enrollment = self._planned()
        contacts = enrollment.followup_ids
        with freeze_time("2026-02-01 11:00"):
            enrollment.date_next = datetime(2026, 2, 1)
            self._run_cron("ir_cron_plan")
            self.assertEqual(enrollment.followup_ids, contacts)
        with freeze_time("2026-03-20 11:00"):
            self._run_cron("ir_cron_plan")
            self.assertEqual(len(enrollment.followup_ids), 2)
            self.assertFalse(enrollment.date_next)
            self.assertTrue(enrollment.is_planned_out)
            self._run_cron("ir_cron_plan")
            self.assertEqual(len(enrollment.followup_ids), 2)

    @freeze_time("2026-06-01 10:00")
    def test_what_was_missed_while_the_server_was_down_is_caught_up(self):
        with freeze_time("2026-02-01 13:00"):
            enrollment = self.plan._enroll(self.customer, datetime(2026, 2, 1, 12))
        self._run_cron("ir_cron_plan")
        first, second = enrollment.followup_ids.sorted("date_original")
        self.assertEqual(first.date_original, datetime(2026, 2, 4, 9))
        self.assertEqual(second.date_original, datetime(2026, 4, 1, 9))
        self.assertEqual(first.bucket, "overdue")

    @freeze_time("2026-02-01 10:00")
    def test_a_record_that_cannot_be_planned_holds_up_no_other(self):
        partners = self.env["res.partner"].create([{"name": f"C{n}"} for n in range(7)])
        enrollments = self.plan._enroll(partners, datetime(2026, 2, 1))
        poison = enrollments[3]
        # Moved to another company behind our back.
        poison.partner_id.company_id = self.env["res.company"].create({"name": "Elsewhere"})
        with mute_logger(planner.__name__):
            self._run_cron("ir_cron_plan")
        self.assertEqual(poison.state, "stuck")
        self.assertIn("another company", poison.error)
        self.assertFalse(poison.followup_ids)
        self.assertEqual(len((enrollments - poison).followup_ids), 6)
        poison.partner_id.company_id = False
        poison.action_retry()
        self._run_cron("ir_cron_plan")
        self.assertEqual((poison.state, len(poison.followup_ids)), ("active", 1))
        self.assertFalse(poison.error)

    @freeze_time("2026-02-01 10:00")
    def test_a_crash_half_way_loses_and_doubles_nothing(self):
        partners = self.env["res.partner"].create([{"name": f"C{n}"} for n in range(5)])
        enrollments = self.plan._enroll(partners, datetime(2026, 2, 1))
        due_query = type(enrollments)._due_query
        turns = iter((False, True))

        def crash_in_second_turn(self):
            if next(turns):
                raise MemoryError("The server dies here")
            return due_query(self)

        with (
            patch.object(planner, "BATCH", 2),
            patch.object(type(enrollments), "_due_query", crash_in_second_turn),
            mute_logger("odoo.addons.base.models.ir_cron"),
        ):
            self._run_cron("ir_cron_plan")
        self.assertEqual(len(enrollments.followup_ids), 2)
        with patch.object(planner, "BATCH", 2):
            self._run_cron("ir_cron_plan")
        self.assertEqual([len(row.followup_ids) for row in enrollments], [1] * 5)

    @freeze_time("2026-02-01 10:00")
    def test_queries_do_not_grow_with_customers(self):
        def count(customers):
            partners = self.env["res.partner"].create(
                [{"name": f"C{n}", "phone": PHONE} for n in range(customers)]
            )
            self.plan._enroll(partners, datetime(2026, 2, 1))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env["customer.followup.enrollment"]._plan_due()
            self.env.flush_all()
            return self.cr.sql_log_count - before

        count(1)
        self.assertLessEqual(count(200), count(20) + 5)

    @freeze_time("2026-03-05 10:00")
    def test_queries_do_not_grow_with_customers_whatever_the_plan_asks(self):
        tag = self.env["res.partner.category"].create({"name": "Chief"})
        condition = f"[('category_id', 'not in', {tag.ids})]"
        weekly = {"repeat": "interval", "every_unit": "weeks"}
        band = [Command.create({"limit_count": 30, "every_count": 7})]
        plan = self._make_cadence(
            {"name": "One", "workday_policy": "next", "condition": condition},
            {"name": "Two", "anchor": "previous"},
            {**weekly, "stop_condition": f"[('category_id', 'in', {tag.ids})]"},
            {"repeat": "period", "times": 2},
            {"repeat": "remaining", "interval_ids": band},
            {"repeat": "completion", "every_unit": "weeks", "role_ids": [Command.link(tag.id)]},
        )

        def count(customers):
            partners = self.env["res.partner"].create(
                [{"name": f"C{n}", "phone": PHONE} for n in range(customers)]
            )
            rows = plan._enroll(partners, datetime(2026, 2, 1), datetime(2026, 3, 20))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env["customer.followup.enrollment"]._plan_due()
            self.env.flush_all()
            self.assertFalse(rows.filtered(lambda row: row.state == "stuck"))
            self.assertGreater(len(rows.followup_ids), 5 * customers)
            return self.cr.sql_log_count - before

        count(1)
        self.assertLessEqual(count(100), count(10) + 5)

    def test_stopping_drops_what_is_pending_and_keeps_what_is_done(self):
        enrollment = self._planned()
        with freeze_time("2026-03-20 11:00"):
            self._run_cron("ir_cron_plan")
            first, second = enrollment.followup_ids.sorted("date_original")
            first._record_outcome(self._ending("reached"))
            enrollment.action_stop("The car was sold")
            self.assertEqual((first.state, second.state), ("done", "cancelled"))
            self.assertEqual(second.close_code, "stopped")
            self._run_cron("ir_cron_plan")
            self.assertEqual((enrollment.state, len(enrollment.followup_ids)), ("stopped", 2))

    def test_the_last_contact_ends_the_enrollment(self):
        enrollment = self._planned()
        with freeze_time("2026-03-20 11:00"):
            self._run_cron("ir_cron_plan")
            for contact in enrollment.followup_ids:
                self.assertEqual(enrollment.state, "active")
                contact.with_user(contact.user_id)._record_outcome(self._ending("reached"))
            self.assertEqual(enrollment.state, "done")

    @freeze_time("2026-02-01 10:00")
    def test_defaults_others_set_are_kept(self):
        self.env["ir.default"].set("customer.followup", "summary", "Ask about the tyres")
        enrollment = self.plan._enroll(self.customer, datetime(2026, 2, 1))
        self._run_cron("ir_cron_plan")
        self.assertEqual(enrollment.followup_ids.summary, "Ask about the tyres")

    @freeze_time("2026-02-01 10:00")
    def test_a_customer_of_a_higher_tier_comes_first(self):
        tier = self.env["customer.tier"].search([("stars", "=", "3")], limit=1)
        self.assertTrue(tier)
        self.env["customer.tier.membership"].create(
            {"commercial_partner_id": self.customer.id, "tier_id": tier.id}
        )
        enrollment = self.plan._enroll(self.customer, datetime(2026, 2, 1))
        self._run_cron("ir_cron_plan")
        self.assertEqual(enrollment.followup_ids.priority, "3")
