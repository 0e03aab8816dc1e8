from datetime import datetime

from freezegun import freeze_time

from odoo import SUPERUSER_ID, Command, api
from odoo.fields import Domain
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestTogether(BaseCase):
    """Two servers at once, on connections of their own, with real commits."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        freezer = freeze_time("2026-03-05 10:00")
        freezer.start()
        self.addCleanup(freezer.stop)
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            self._make(env)
        self.addCleanup(self._clean)

    def _make(self, env):
        survey = env.ref("customer_followup.survey_after_delivery")
        partners = env["res.partner"].create(
            [{"name": f"Together {n}", "email": f"together{n}@example.com"} for n in range(4)]
        )
        step = {"name": "Survey", "offset_count": 0, "survey_id": survey.id}
        step["channel_id"] = env.ref("customer_followup.customer_channel_survey").id
        plan = env["customer.followup.plan"].create(
            {
                "name": "Together",
                "purpose_id": env.ref("customer_followup.customer_purpose_service").id,
                "lawful_basis": "contract",
                "step_ids": [Command.create(step)],
            }
        )
        plan.action_run()
        self.partner_ids, self.plan_id, self.rule_id = partners.ids, plan.id, None
        self.enrollment_ids = plan._enroll(partners, datetime(2026, 3, 4, 12)).ids

    def _clean(self):
        """Leave the database as it was: these rows were committed."""
        with self.registry.cursor() as cr:
            for statement in (
                "DELETE FROM customer_satisfaction_invitation WHERE partner_id = ANY(%(partners)s)",
                "DELETE FROM survey_user_input WHERE partner_id = ANY(%(partners)s)",
                "DELETE FROM mail_mail USING mail_mail_res_partner_rel AS link"
                " WHERE link.mail_mail_id = id AND link.res_partner_id = ANY(%(partners)s)",
                "DELETE FROM customer_followup WHERE partner_id = ANY(%(partners)s)",
                "DELETE FROM customer_followup_enrollment WHERE plan_id = %(plan)s",
                "DELETE FROM customer_followup_rule WHERE plan_id = %(plan)s",
                "DELETE FROM customer_followup_plan WHERE id = %(plan)s",
                "DELETE FROM mail_message WHERE model = 'customer.followup.plan'"
                " AND res_id = %(plan)s",
                "DELETE FROM res_partner WHERE id = ANY(%(partners)s)",
            ):
                cr.execute(statement, {"partners": self.partner_ids, "plan": self.plan_id})

    def _env(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {})

    def _count(self, table):
        with self.registry.cursor() as cr:
            cr.execute(
                f"SELECT count(*) FROM {table} WHERE partner_id = ANY(%s)", [self.partner_ids]
            )
            return cr.fetchone()[0]

    def test_two_planners_share_the_work(self):
        with self.registry.cursor() as one, self.registry.cursor() as two:
            first, second = (self._env(cr)["customer.followup.enrollment"] for cr in (one, two))
            held, others = set(), set()
            first._run_batch(first._due_query(), lambda rows: held.update(rows.ids))
            self.assertTrue(set(self.enrollment_ids) <= held)
            second._run_batch(second._due_query(), lambda rows: others.update(rows.ids))
            self.assertFalse(set(self.enrollment_ids) & others)
            first.browse(self.enrollment_ids)._plan_safely()
            one.commit()
            # The second one looked before the first was done: it must not plan from old facts.
            second._plan_due()
            two.commit()
        self.assertEqual(self._count("customer_followup"), 4)

    def test_two_planners_end_a_pause_once(self):
        with self.registry.cursor() as cr:
            rows = self._env(cr)["customer.followup.enrollment"].browse(self.enrollment_ids)
            rows._pause()
            rows.write({"date_paused": "2026-03-02 10:00:00", "date_resume": "2026-03-05 09:00:00"})
        with self.registry.cursor() as one, self.registry.cursor() as two:
            first, second = (self._env(cr)["customer.followup.enrollment"] for cr in (one, two))
            self.assertEqual(len(second.search([("id", "in", self.enrollment_ids)])), 4)
            first._resume_due()
            second._resume_due()
            one.commit()
            # Its snapshot is older than what the first one wrote.
            second._resume_due()
            two.commit()
        with self.registry.cursor() as cr:
            rows = self._env(cr)["customer.followup.enrollment"].browse(self.enrollment_ids)
            self.assertEqual(set(rows.mapped("state")), {"active"})
            self.assertEqual(rows.mapped("delay_days"), [3] * 4)

    def test_two_senders_send_once(self):
        with self.registry.cursor() as cr:
            self._env(cr)["customer.followup.enrollment"].browse(self.enrollment_ids)._plan_safely()
        with self.registry.cursor() as one, self.registry.cursor() as two:
            first, second = (self._env(cr)["customer.followup"] for cr in (one, two))
            ids = first.search([("partner_id", "in", self.partner_ids)]).ids
            domain = second._to_send_domain()
            self.assertEqual(len(second.search(Domain("id", "in", ids) & domain)), 4)
            for id_ in ids[:2]:
                first.browse(id_)._send_if_free()
            for id_ in ids:
                second.browse(id_)._send_if_free()
            one.commit()
            two.commit()
            for id_ in ids:
                second.browse(id_)._send_if_free()
        self.assertEqual(self._count("customer_satisfaction_invitation"), 4)

    def test_two_runs_of_a_rule_enroll_once(self):
        with self.registry.cursor() as cr:
            env = self._env(cr)
            env["customer.followup.enrollment"].browse(self.enrollment_ids).action_stop()
            self.rule_id = (
                env["customer.followup.rule"]
                .create(
                    {
                        "name": "Together",
                        "model_name": "survey.user_input",
                        "domain": f"[('partner_id', 'in', {self.partner_ids})]",
                        "anchor_path": "create_date",
                        "plan_id": self.plan_id,
                        "active": True,
                        "scope": "all",
                    }
                )
                .id
            )
            survey = env.ref("customer_followup.survey_after_delivery")
            env["survey.user_input"].create(
                [{"survey_id": survey.id, "partner_id": id_} for id_ in self.partner_ids]
            )
        with self.registry.cursor() as one, self.registry.cursor() as two:
            first, second = (
                self._env(cr)["customer.followup.rule"].browse(self.rule_id) for cr in (one, two)
            )
            self.assertTrue(second.name)
            first._enroll_safely(is_full=True)
            second._enroll_safely(is_full=True)
            one.commit()
            # Its snapshot is older than what the first one wrote.
            with mute_logger("odoo.sql_db"):
                second._enroll_safely(is_full=True)
            two.commit()
            second._enroll_safely(is_full=True)
            self.assertFalse(second.problem)
        self.assertEqual(self._count("customer_followup_enrollment"), 8)
