from unittest.mock import patch

import psycopg2
from freezegun import freeze_time

from odoo import SUPERUSER_ID, Command, api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged

KINDS = ("first_answer", "arrangement")
TICK = "odoo.addons.customer_followup.models.sla.customer_complaint_promise_tick"


@tagged("post_install", "-at_install")
class TestPromiseTogether(BaseCase):
    """Two servers process promises at the same time, on separate connections."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with freeze_time("2031-03-05 10:00"), self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
            policy = env["customer.sla.policy"].create(
                {
                    "name": "Together",
                    "kind": "dispute",
                    "severity": "minor",
                    "target_ids": [
                        Command.create({"kind": kind, "count": 10, "unit": "minutes"})
                        for kind in KINDS
                    ],
                }
            )
            vals = {"title": "T", "kind": "dispute", "severity": "minor", "nature": "safety"}
            vals["user_id"] = env.ref("base.user_admin").id
            complaints = env["customer.complaint"].create([vals] * 4)
            self.policy_id, self.complaint_ids = policy.id, complaints.ids
            self.promise_ids = complaints.promise_ids.filtered(
                lambda one: one.policy_id == policy
            ).ids
        self.addCleanup(self._clean)
        later = freeze_time("2031-03-05 10:11")
        later.start()
        self.addCleanup(later.stop)

    def _clean(self):
        """Delete the committed records."""
        with self.registry.cursor() as cr:
            for statement in (
                "DELETE FROM mail_message WHERE model = 'customer.complaint'"
                " AND res_id = ANY(%(complaints)s)",
                "DELETE FROM mail_message WHERE message_type = 'user_notification'"
                " AND body LIKE '%%/odoo/complaints/%%'",
                "DELETE FROM mail_activity WHERE res_model = 'customer.complaint'"
                " AND res_id = ANY(%(complaints)s)",
                "DELETE FROM customer_complaint WHERE id = ANY(%(complaints)s)",
                "DELETE FROM customer_sla_policy WHERE id = %(policy)s",
                "DELETE FROM ir_sequence_date_range WHERE date_from = '2031-03-05'",
                "DELETE FROM ir_cron_trigger WHERE cron_id IN (SELECT res_id FROM ir_model_data"
                " WHERE name = 'ir_cron_promise' AND module = 'customer_followup')",
            ):
                cr.execute(statement, {"complaints": self.complaint_ids, "policy": self.policy_id})

    def _env(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {})

    def test_two_ticks_record_and_notify_a_broken_promise_once(self):
        with self.registry.cursor() as one, self.registry.cursor() as two:
            first, second = (self._env(cr)["customer.complaint.promise"] for cr in (one, two))
            # Both transactions have begun, so neither sees the commits of the other.
            self.assertEqual(len(first.search([("id", "in", self.promise_ids)])), 8)
            self.assertEqual(len(second.search([("id", "in", self.promise_ids)])), 8)
            first._tick_batch()
            self.assertEqual(set(first.browse(self.promise_ids).mapped("state")), {"missed"})
            # The second one skips the rows that the first one has locked.
            second._tick_batch()
            self.assertEqual(set(second.browse(self.promise_ids).mapped("state")), {"open"})
            one.commit()
            second._tick_batch()
            two.commit()
            second._tick_batch()
            two.commit()
            first.env["customer.complaint.notice"]._send_batch()
            one.commit()
            second.env["customer.complaint.notice"]._send_batch()
            two.commit()
        with self.registry.cursor() as cr:
            env = self._env(cr)
            promises = env["customer.complaint.promise"].browse(self.promise_ids)
            self.assertEqual(set(promises.mapped("state")), {"missed"})
            notices = env["customer.complaint.notice"].search(
                [("promise_id", "in", self.promise_ids), ("code", "=", "missed")]
            )
            self.assertEqual(len(notices), 8)
            self.assertEqual(set(notices.mapped("state")), {"sent"})
            numbers = promises.complaint_id.mapped("name")
            messages = env["mail.message"].search(
                [
                    ("message_type", "=", "user_notification"),
                    ("partner_ids", "in", env.ref("base.partner_admin").ids),
                    ("body", "like", numbers[0]),
                ]
            )
            self.assertEqual(len(messages), 1)

    def test_a_tick_and_an_answer_at_once_are_consistent(self):
        with self.registry.cursor() as one, self.registry.cursor() as two:
            tick, person = self._env(one), self._env(two)
            self.assertTrue(tick["customer.complaint.promise"].search_count([]))
            complaint = person["customer.complaint"].browse(self.complaint_ids[0])
            complaint._contacted()
            two.commit()
            # The answer is committed after this tick began, so the tick is repeated.
            tick["customer.complaint.promise"]._tick_batch()
            one.commit()
            tick["customer.complaint.promise"]._tick_batch()
            one.commit()
        with self.registry.cursor() as cr:
            promise = self._env(cr)["customer.complaint.promise"].browse(self.promise_ids[0])
            self.assertEqual((promise.state, promise.late_minutes), ("missed", 1))
            self.assertFalse(promise.date_check)

    def test_a_locked_complaint_is_left_for_the_next_run(self):
        with self.registry.cursor() as one, self.registry.cursor() as two:
            person, tick = self._env(one), self._env(two)["customer.complaint.promise"]
            # A deadlock fails the test quickly.
            two.execute("SET lock_timeout = '2s'")
            complaint = person["customer.complaint"].browse(self.complaint_ids[0])
            complaint.place = "At home"
            person.flush_all()
            tick._tick_batch()
            two.commit()
            promises = tick.browse(self.promise_ids)
            missed = promises.filtered(lambda one: one.state == "missed")
            self.assertEqual(promises - missed, complaint.promise_ids & promises)
            # The user then writes the promises, which no other transaction has locked.
            one.execute("SET lock_timeout = '2s'")
            complaint._contacted()
            one.commit()
            two.rollback()
            tick._tick_batch()
            two.commit()
        with self.registry.cursor() as cr:
            promises = self._env(cr)["customer.complaint.promise"].browse(self.promise_ids)
            self.assertEqual(set(promises.mapped("state")), {"missed"})
            self.assertFalse(any(promises.mapped("error")))

    def test_two_ticks_never_meet_at_one_complaint(self):
        with (
            self.registry.cursor() as one,
            self.registry.cursor() as two,
            patch(f"{TICK}.BATCH", 1),
        ):
            first, second = (self._env(cr)["customer.complaint.promise"] for cr in (one, two))
            two.execute("SET lock_timeout = '2s'")
            mine = first.browse(self.promise_ids)
            for number, promise in enumerate(mine.sorted("complaint_id")[:2]):
                promise.date_check = f"2031-03-05 10:0{number}"
            one.commit()
            first._tick_batch()
            second._tick_batch()
            [taken] = first.browse(self.promise_ids).filtered(lambda one: one.state == "missed")
            seconds = second.browse(self.promise_ids)
            [other] = seconds.filtered(lambda one: one.state == "missed")
            self.assertNotEqual(other.complaint_id.id, taken.complaint_id.id)
            two.commit()
            one.commit()
        for _turn in range(2):
            with self.registry.cursor() as cr:
                self._env(cr)["customer.complaint.promise"]._tick_batch()
        with self.registry.cursor() as cr:
            promises = self._env(cr)["customer.complaint.promise"].browse(self.promise_ids)
            self.assertEqual(set(promises.mapped("state")), {"missed"})
            self.assertFalse(any(promises.mapped("error")))

    def test_a_promise_locked_by_another_is_not_set_aside(self):
        errors = psycopg2.errors
        for error in (errors.DeadlockDetected, errors.LockNotAvailable):
            with self.subTest(error=error.__name__), self.registry.cursor() as cr:
                promises = self._env(cr)["customer.complaint.promise"]
                with patch.object(type(promises), "_tick", side_effect=error):
                    self.assertIsNone(promises._tick_batch())
                promises = promises.browse(self.promise_ids)
                self.assertFalse(any(promises.mapped("error")))
                self.assertTrue(all(promises.mapped("date_check")))
