from datetime import date

import psycopg2
from freezegun import freeze_time

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

DAY, NEXT_DAY = "2031-04-07", "2031-04-08"


@tagged("post_install", "-at_install")
class TestComplaintTogether(BaseCase):
    """Two complaints at the same time, on separate connections."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        now = freeze_time(f"{DAY} 10:00")
        now.start()
        self.addCleanup(now.stop)
        self.addCleanup(self._clean)
        with self.registry.cursor() as cr:
            self._note(cr)

    def _clean(self):
        """Delete the committed records."""
        with self.registry.cursor() as cr:
            cr.execute(
                """DELETE FROM mail_message
                    WHERE model = 'customer.complaint' AND res_id IN (
                          SELECT id FROM customer_complaint
                           WHERE date_received::date = ANY(%(days)s));
                   DELETE FROM customer_complaint WHERE date_received::date = ANY(%(days)s);
                   DELETE FROM ir_sequence_date_range WHERE date_from = ANY(%(days)s)""",
                {"days": [date(2031, 4, 7), date(2031, 4, 8)]},
            )

    def _note(self, cr):
        env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
        complaint = env["customer.complaint"].create({"title": "T"})
        env.flush_all()
        return complaint.name

    def test_the_first_two_of_a_day_get_different_numbers(self):
        """Odoo repeats such failures; any other would lose the complaint."""
        with (
            freeze_time(f"{NEXT_DAY} 10:00"),
            self.registry.cursor() as one,
            self.registry.cursor() as two,
        ):
            for cr in (one, two):
                cr.execute("SELECT count(*) FROM customer_complaint")
            first = self._note(one)
            one.commit()
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.SerializationFailure),
            ):
                self._note(two)
            two.rollback()
            second = self._note(two)
            two.commit()
        self.assertNotEqual(first, second)

    def test_neither_makes_the_other_fail(self):
        with self.registry.cursor() as one, self.registry.cursor() as two:
            # Both read the database before either commits.
            for cr in (one, two):
                cr.execute("SELECT count(*) FROM customer_complaint")
            numbers = {self._note(one)}
            one.commit()
            numbers.add(self._note(two))
            two.commit()
        self.assertEqual(numbers, {"W20310407-002", "W20310407-003"})
