from datetime import datetime

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common import EMAIL, PHONE, FollowupCommon

NOW = "2026-03-05 10:00"


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestPersonGate(FollowupCommon):
    """May we contact this person, by this channel, now?"""

    def _verdict(self, partner=None, purpose=None, channel=None, moment=NOW):
        partner = partner or self.customer
        verdicts = partner._contact_verdicts(
            purpose or self.service, channel or self.phone, self._utc(moment)
        )
        return verdicts[partner.id]

    def test_an_ordinary_contact_is_allowed(self):
        self.assertEqual(self._verdict().state, "allowed")

    def test_what_is_needed_must_be_known(self):
        self.customer.write({"phone": False, "email": False})
        visit = self.env.ref("customer_followup.customer_channel_visit")
        self.assertEqual(self._verdict().reason, "no_phone")
        self.assertEqual(self._verdict(channel=self.survey_channel).reason, "no_email")
        self.assertEqual(self._verdict(channel=visit).state, "allowed")

    def test_archived_people_are_left_alone(self):
        self.customer.active = False
        self.assertEqual(self._verdict()[::2], ("blocked", "archived"))

    def test_a_block_survives_deletion_and_a_new_import(self):
        self.customer._block_contact("The customer asked")
        self.assertEqual(self._verdict().reason, "blocked")
        again = self._make_customer("Imported", phone="0033612345678", email="LI.NA@example.com ")
        self.assertEqual(self._verdict(again).reason, "blocked")
        self.assertEqual(self._verdict(again, channel=self.survey_channel).reason, "blocked")
        rows = self.env["customer.contact.block"].search([])
        self.assertFalse([hint for hint in rows.mapped("hint") if hint in (PHONE, EMAIL)])
        rows.active = False
        self.assertEqual(self._verdict(again).state, "allowed")
        again._block_contact("Again")
        self.assertEqual(self._verdict(again).reason, "blocked")

    def test_a_block_holds_in_a_copy_of_the_database(self):
        self.customer._block_contact("The customer asked")
        # What Odoo does to the copy.
        self.env["ir.config_parameter"].init(force=True)
        self.assertEqual(self._verdict().reason, "blocked")

    def test_odoos_own_blacklists_count(self):
        self.env["phone.blacklist"]._add([self.customer.phone_sanitized])
        self.env["mail.blacklist"]._add(EMAIL)
        self.assertEqual(self._verdict().reason, "blacklisted")
        self.assertEqual(self._verdict(channel=self.survey_channel).reason, "blacklisted")

    def test_requested_messages_are_always_allowed(self):
        self.customer._block_contact("The customer asked")
        asked = self.env["customer.purpose"].create({"name": "Reply", "is_requested": True})
        self.assertEqual(self._verdict(purpose=asked).state, "allowed")
        self.customer.active = False
        self.assertEqual(self._verdict(purpose=asked).reason, "archived")

    def test_hours_are_those_of_the_customers_day(self):
        self.customer.customer_tz = "Asia/Shanghai"
        for moment, state, until in (
            ("2026-03-05 00:00", "allowed", None),
            ("2026-03-05 12:59", "allowed", None),
            ("2026-03-05 13:00", "deferred", "2026-03-06 00:00"),
            ("2026-03-05 23:59", "deferred", "2026-03-06 00:00"),
        ):
            with self.subTest(moment=moment):
                verdict = self._verdict(moment=moment)
                self.assertEqual(verdict.state, state)
                self.assertEqual(verdict.until, until and self._utc(until))

    def test_questions_do_not_grow_with_people(self):
        people = self.env["res.partner"].create(
            [{"name": f"P{n}", "phone": PHONE, "email": f"p{n}@example.com"} for n in range(50)]
        )
        self.env.flush_all()

        def count(some):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            some._contact_verdicts(self.service, self.phone, self._utc(NOW))
            return self.cr.sql_log_count - before

        count(people)
        self.assertEqual(count(people[:1]), count(people))

    def test_the_planner_withholds_with_a_reason(self):
        self.customer.phone = False
        enrollment = self.plan._enroll(self.customer, datetime(2026, 3, 1))
        self._run_cron("ir_cron_plan")
        contact = enrollment.followup_ids
        self.assertEqual((contact.state, contact.close_code), ("withheld", "no_phone"))
        refusal = self.env["customer.contact.refusal"].search([("followup_id", "=", contact.id)])
        self.assertEqual((refusal.reason, refusal.partner_id), ("no_phone", self.customer))
        with self.assertRaisesRegex(UserError, "stays withheld: There is no phone number"):
            contact.action_plan_again()
        self.customer.phone = PHONE
        contact.with_user(self.manager).action_plan_again()
        self.assertEqual((contact.state, contact.close_code), ("planned", False))
        self.assertFalse(contact.date_done)

    def test_the_planner_puts_off_until_the_hours_open(self):
        self.plan.step_ids[0].hour = 6
        enrollment = self.plan._enroll(self.customer, datetime(2026, 3, 4))
        self._run_cron("ir_cron_plan")
        self.assertEqual(enrollment.followup_ids.date_planned, datetime(2026, 3, 7, 8))

    def test_no_call_outside_the_contact_hours(self):
        contact = self._make_followup().with_user(self.agent)
        with (
            freeze_time("2026-03-05 22:00"),
            self.assertRaisesRegex(UserError, r"Li Na: Call: the contact hours are 8:00-21:00"),
        ):
            contact.action_call()
        self.customer._block_contact("The customer asked")
        with self.assertRaisesRegex(UserError, "do not contact"):
            contact.action_call()
