from datetime import datetime

from freezegun import freeze_time

from odoo import SUPERUSER_ID, Command, api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged


@tagged("post_install", "-at_install")
class TestMessageTogether(BaseCase):
    """Two servers that send e-mails at once, on connections of their own, with real commits."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        freezer = freeze_time("2026-03-05 10:00")
        freezer.start()
        self.addCleanup(freezer.stop)
        with self.registry.cursor() as cr:
            self._make(self._env(cr))
        self.addCleanup(self._clean)

    def _env(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {})

    def _make(self, env):
        # The first sender of a database makes the key; here both find it.
        env["customer.contact.block"]._key()
        partners = env["res.partner"].create(
            [{"name": f"Two {n}", "email": f"two{n}@example.com"} for n in range(4)]
        )
        channel = env.ref("customer_followup.customer_channel_email")
        step = {"name": "Hello", "offset_count": 0, "message": "<p>Hello</p>"}
        plan = env["customer.followup.plan"].create(
            {
                "name": "Two at once",
                "purpose_id": env.ref("customer_followup.customer_purpose_service").id,
                "lawful_basis": "contract",
                "step_ids": [Command.create({**step, "channel_id": channel.id})],
            }
        )
        plan.action_run()
        self.partner_ids, self.plan_id = partners.ids, plan.id
        plan._enroll(partners, datetime(2026, 3, 4, 12))._plan_safely()

    def _clean(self):
        """Leave the database as it was: these rows were committed."""
        contacts = "(SELECT id FROM customer_followup WHERE plan_id = %(plan)s)"
        messages = (
            "(SELECT id FROM mail_message WHERE model = 'customer.followup' AND res_id IN"
            f" {contacts})"
        )
        with self.registry.cursor() as cr:
            for statement in (
                f"DELETE FROM mail_mail WHERE mail_message_id IN {messages}",
                f"DELETE FROM mail_message WHERE id IN {messages}",
                "DELETE FROM customer_followup WHERE plan_id = %(plan)s",
                "DELETE FROM customer_followup_enrollment WHERE plan_id = %(plan)s",
                "DELETE FROM customer_followup_plan WHERE id = %(plan)s",
                "DELETE FROM mail_message WHERE model = 'customer.followup.plan'"
                " AND res_id = %(plan)s",
                "DELETE FROM res_partner WHERE id = ANY(%(partners)s)",
            ):
                cr.execute(statement, {"plan": self.plan_id, "partners": self.partner_ids})

    def test_two_senders_queue_each_message_once(self):
        with self.registry.cursor() as one, self.registry.cursor() as two:
            first, second = (self._env(cr)["customer.followup"] for cr in (one, two))
            ids = first.search([("plan_id", "=", self.plan_id)]).ids
            domain = second._to_send_domain()
            self.assertEqual(len(second.browse(ids).filtered_domain(domain)), 4)
            for id_ in ids[:2]:
                first.browse(id_)._send_if_free()
            for id_ in ids:
                second.browse(id_)._send_if_free()
            one.commit()
            two.commit()
            for id_ in ids:
                second.browse(id_)._send_if_free()
        with self.registry.cursor() as cr:
            env = self._env(cr)
            contacts = env["customer.followup"].browse(ids)
            self.assertEqual(contacts.mapped("is_queued"), [True] * 4)
            mails = env["mail.mail"].search_count(
                [("model", "=", "customer.followup"), ("res_id", "in", ids)]
            )
            self.assertEqual(mails, 4)
