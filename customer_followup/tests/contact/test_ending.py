from datetime import datetime

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from ..common import AGENT, PHONE, FollowupCommon

NOW = "2026-03-05 10:35"


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestEnding(FollowupCommon):
    """What follows from an outcome: another attempt, a fallback, another agent, or the end."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sms = cls.env.ref("customer_followup.customer_channel_sms")
        cls.visit = cls.env.ref("customer_followup.customer_channel_visit")

    def _planned(self, *windows, **step):
        """Return the first contact of the customer on a plan with these contact hours."""
        plan = self._make_cadence(
            {"late_count": 3, **step},
            window_ids=[Command.create({"hour_from": a, "hour_to": b}) for a, b in windows],
        )
        plan._enroll(self.customer, datetime(2026, 3, 5, 8))
        self._run_cron("ir_cron_plan")
        contact = self.env["customer.followup"].search([("plan_id", "=", plan.id)])
        contact.user_id = self.agent
        return contact.with_user(self.agent)

    def _end(self, contact, name, moment=NOW, **details):
        with freeze_time(moment):
            contact._record_outcome(self._ending(name), **details)

    # Trying again

    def test_three_attempts_at_other_hours_then_the_fallback_then_unreachable(self):
        contact = self._planned(
            (10.5, 11 + 2 / 3), (15, 18), alternative_ids=[Command.set(self.sms.ids)]
        )
        self._end(contact, "no_answer")
        self.assertEqual(contact.date_planned, datetime(2026, 3, 5, 15))
        self._end(contact, "no_answer", "2026-03-05 15:00")
        self.assertEqual(contact.date_planned, datetime(2026, 3, 6, 10, 30))
        self._end(contact, "no_answer", "2026-03-06 10:30")
        self.assertEqual((contact.state, contact.close_code), ("missed", "unreachable"))
        other = self.env["customer.followup"].search([("fallback_of_id", "=", contact.id)])
        self.assertEqual((other.channel_id, other.state), (self.sms, "planned"))
        self.assertEqual(other.date_planned, datetime(2026, 3, 6, 10, 30))
        with freeze_time("2026-03-06 10:31"):
            self._send_due()
            rate = contact._followup_rate(datetime(2026, 3, 1), datetime(2026, 4, 1))
        self.assertEqual((other.state, contact.state), ("done", "missed"))
        self.assertIsNone(rate, "It is due on the 8th only.")
        with freeze_time("2026-03-09 10:00"):
            self.assertEqual(contact._followup_rate(datetime(2026, 3, 1), datetime(2026, 4, 1)), 0)

    def test_a_fallback_message_asks_for_a_reply(self):
        contact = self._planned(
            text="<p>Good day, is it convenient now?</p>",
            alternative_ids=[Command.set(self.sms.ids)],
        )
        other = contact._plan_fallback()
        self.assertEqual(
            other._sms_content().splitlines()[0],
            f"{self.company.name} tried to reach you. When does it suit you? Answer this message,"
            " or call us.",
        )

    def test_the_plan_waits_for_the_fallback(self):
        contact = self._planned(alternative_ids=[Command.set(self.visit.ids)])
        for moment in (NOW, "2026-03-05 15:00", "2026-03-06 10:30"):
            self._end(contact, "no_answer", moment)
        enrollment = contact.sudo().enrollment_id
        visit = enrollment.followup_ids - contact.sudo()
        self.assertEqual(visit.channel_id, self.visit)
        self.assertEqual(enrollment.state, "active")
        for moment in ("2026-03-06 12:00", "2026-03-06 17:00", "2026-03-09 10:00"):
            self._end(visit.with_user(self.agent), "no_answer", moment)
        self.assertEqual(visit.close_code, "unreachable")
        self.assertEqual(len(enrollment.followup_ids), 2, "No way is taken twice.")
        self.assertEqual(enrollment.state, "done")

    def test_a_channel_that_does_not_work_is_left_out(self):
        self.customer.email = False
        email = self.env.ref("customer_followup.customer_channel_email")
        contact = self._planned(alternative_ids=[Command.set((email | self.visit).ids)])
        self.assertEqual(contact._plan_fallback().channel_id, self.visit)

    def test_without_other_hours_it_is_tried_some_hours_later_once_a_day(self):
        contact = self._planned()
        self._end(contact, "no_answer")
        self.assertEqual(contact.date_planned, datetime(2026, 3, 5, 14, 35))
        self._end(contact, "no_answer", "2026-03-05 14:40")
        self.assertEqual(contact.date_planned, datetime(2026, 3, 6, 8))

    def test_no_attempt_on_a_non_working_day(self):
        contact = self._planned()
        self._end(contact, "no_answer", "2026-03-06 20:00")
        self.assertEqual(contact.date_planned, datetime(2026, 3, 9, 8), "Monday")

    def test_a_busy_line_is_tried_soon(self):
        contact = self._planned((10.5, 11 + 2 / 3), (15, 18))
        self._end(contact, "busy", "2026-03-05 10:31")
        self.assertEqual(contact.date_planned, datetime(2026, 3, 5, 11, 31))
        self._end(contact, "busy", "2026-03-05 11:31")
        self.assertEqual(contact.date_planned, datetime(2026, 3, 5, 15))

    def test_the_hours_of_the_customers_day_count(self):
        self.customer.customer_tz = "Asia/Shanghai"
        contact = self._planned((9, 12), (18, 20))
        self._end(contact, "no_answer", "2026-03-06 03:00")
        self.assertEqual(contact.date_planned, datetime(2026, 3, 6, 10), "18:00 in Shanghai")

    def test_a_customer_reached_in_between_is_not_unreachable(self):
        contact = self._planned()
        self._end(contact, "no_answer")
        self._end(contact, "no_answer", "2026-03-05 15:00")
        self._end(contact, "callback", "2026-03-06 10:00", until=datetime(2026, 3, 9, 10))
        self._end(contact, "no_answer", "2026-03-09 10:00")
        self.assertEqual((contact.state, len(contact.attempt_ids)), ("waiting", 4))

    def test_a_failed_attempt_is_no_agreed_date(self):
        contact = self._planned((10.5, 11 + 2 / 3), (15, 18))
        self._end(contact, "callback", until=datetime(2026, 3, 5, 20))
        self.assertTrue(contact.is_agreed)
        self._end(contact, "no_answer", "2026-03-05 20:00")
        self.assertFalse(contact.is_agreed, "The hours of the plan count again.")
        self.assertEqual(contact.date_planned, datetime(2026, 3, 6, 10, 30))

    def test_all_who_are_asked_for_must_be_reached(self):
        tags = self.env["res.partner.category"].create(
            [{"name": name} for name in ("Technical lead", "Head of office", "Main user")]
        )
        firm = self._make_customer("Firm", is_company=True)
        for tag in tags:
            self._make_customer(
                tag.name, parent_id=firm.id, phone=PHONE, category_id=[Command.set(tag.ids)]
            )
        plan = self._make_cadence({"role_ids": [Command.set(tags.ids)]})
        enrollment = plan._enroll(firm, datetime(2026, 3, 5, 8))
        self._run_cron("ir_cron_plan")
        for contact in enrollment.followup_ids.filtered(lambda one: one.role_id != tags[1]):
            self._end(contact, "reached")
        self.assertEqual(enrollment.state, "active")
        missing = enrollment.followup_ids.filtered(lambda one: one.state == "planned")
        self.assertEqual(missing.role_id.name, "Head of office")
        self._end(missing, "reached")
        self.assertEqual(enrollment.state, "done")

    # Wrong numbers

    def test_a_wrong_number_is_not_called_again_until_it_is_corrected(self):
        contact = self._make_followup().with_user(self.agent)
        later = self._make_followup(date_planned="2026-04-01 10:00")
        mail = self._make_followup(channel_id=self.survey_channel.id)
        self._end(contact, "wrong_number")
        self.assertEqual((contact + later).mapped("close_code"), ["wrong_number"] * 2)
        self.assertEqual(mail.state, "planned")
        self.assertEqual(len(contact.attempt_ids), 1)
        verdict = self.customer._contact_verdicts(self.service, self.phone, self._utc(NOW))
        self.assertEqual(verdict[self.customer.id].reason, "wrong_number")
        asked = self.env["customer.purpose"].create({"name": "Reply", "is_requested": True})
        verdict = self.customer._contact_verdicts(asked, self.phone, self._utc(NOW))
        self.assertEqual(verdict[self.customer.id].reason, "wrong_number")
        with self.assertRaisesRegex(UserError, "stays withheld"):
            contact.with_user(self.leader).action_plan_again()
        self.customer.phone = "+33 6 99 99 99 99"
        self.cr.flush()
        self.assertEqual((contact + later).mapped("state"), ["planned"] * 2)
        self.assertFalse(contact.close_code)

    def test_a_contact_is_not_reopened_long_after_a_wrong_number(self):
        contact = self._make_followup().with_user(self.agent)
        self._end(contact, "wrong_number")
        with freeze_time("2026-04-05 10:00"):
            self.customer.phone = "+33 6 99 99 99 99"
            self.cr.flush()
        self.assertEqual(contact.state, "withheld")

    def test_a_block_stays_when_a_wrong_number_is_corrected(self):
        block = self.env["customer.contact.block"]
        self.customer._block_contact("The customer asked")
        self.customer._block_contact("Wrong", ["phone"], kind="wrong")
        self.assertEqual(set(block._blocked([self.customer.phone_sanitized]).values()), {"wish"})
        other = self._make_customer("Other", phone="+33 6 11 11 11 11")
        other._block_contact("Wrong", ["phone"], kind="wrong")
        other._block_contact("The customer asked", ["phone"])
        self.assertEqual(set(block._blocked([other.phone_sanitized]).values()), {"wish"})

    # Refusals and stops

    def _refuse(self, refused):
        enrollment = self.plan._enroll(self.customer, datetime(2026, 3, 2))
        self._run_cron("ir_cron_plan")
        contact = enrollment.followup_ids.sorted("date_planned")[0]
        contact.user_id = self.agent
        other = self._make_followup()
        self._end(contact.with_user(self.agent), "refused", refused=refused)
        self.assertEqual(contact.state, "done")
        return enrollment, other

    def test_refusing_one_contact_refuses_no_other(self):
        enrollment, other = self._refuse("contact")
        self.assertEqual((enrollment.state, other.state), ("active", "planned"))
        self.assertFalse(self.customer.customer_consent_ids)

    def test_refusing_a_purpose_stops_its_plans_and_contacts(self):
        marketing = self.env.ref("customer_followup.customer_purpose_marketing")
        self.customer._note_consent(marketing, "given", "written", notice="Form 1")
        offer = self._make_followup(purpose_id=marketing.id)
        enrollment, other = self._refuse("purpose")
        self.assertEqual((enrollment.state, enrollment.stop_code), ("stopped", "asked"))
        self.assertEqual((other.state, other.close_code), ("withheld", "withdrawn"))
        self.assertEqual(offer.state, "planned")
        said = self.customer.customer_consent_ids.filtered(lambda row: row.kind == "withdrawn")
        self.assertEqual((said.purpose_id, said.user_id), (self.service, self.agent))

    def test_refusing_everything_blocks_number_and_address(self):
        enrollment, other = self._refuse("all")
        self.assertEqual((enrollment.state, other.state), ("stopped", "withheld"))
        verdict = self.customer._contact_verdicts(self.service, self.phone, self._utc(NOW))
        self.assertEqual(verdict[self.customer.id].reason, "blocked")

    def test_a_refusal_needs_its_scope(self):
        contact = self._make_followup().with_user(self.agent)
        for refused in (None, "nonsense"):
            with (
                self.subTest(refused=refused),
                self.assertRaisesRegex(UserError, "Li Na: Call: choose what the customer"),
                self.env.cr.savepoint(),
            ):
                self._end(contact, "refused", refused=refused)
        self.assertFalse(contact.attempt_ids)

    def test_an_agent_stops_the_plan_of_a_customer(self):
        contact = self._planned(repeat="interval", every_count=1, every_unit="weeks", end_count=9)
        self._end(contact[0], "stop", summary="The car is sold")
        enrollment = contact.sudo().enrollment_id
        self.assertEqual((enrollment.state, enrollment.stop_note), ("stopped", "The car is sold"))
        self.assertEqual(set(enrollment.followup_ids.mapped("state")), {"done", "cancelled"})

    # Passing on

    def test_a_colleague_takes_over(self):
        contact = self._make_followup().with_user(self.agent)
        self._end(contact, "colleague", colleague=self.colleague, summary="Speaks French only")
        self.assertEqual(
            (contact.sudo().user_id, contact.sudo().state), (self.colleague, "planned")
        )
        self.assertEqual(contact.sudo().attempt_ids.user_id, self.agent)
        with self.assertRaises(AccessError):
            contact._record_outcome(self._ending("reached"))

    def test_only_users_who_work_with_follow_ups_take_over(self):
        contact = self._make_followup().with_user(self.agent)
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        foreign = new_test_user(self.env, "cf_foreign", groups=AGENT, company_id=elsewhere.id)
        for colleague in (None, self.stranger, self.auditor, foreign):
            with (
                self.subTest(colleague=colleague and colleague.login),
                self.assertRaisesRegex(UserError, "choose a colleague"),
                self.env.cr.savepoint(),
            ):
                self._end(contact, "colleague", colleague=colleague)

    # Facts

    def test_on_time_late_and_not_made_are_facts(self):
        kept, late, missed, called_off, pending = (
            self._make_followup(date_planned="2026-03-05 08:00", date_deadline="2026-03-05 18:00")
            for _turn in range(5)
        )
        self._end(kept, "reached", "2026-03-05 18:00")
        self._end(late, "no_answer", "2026-03-05 17:00")
        self._end(late, "reached", "2026-03-06 08:00")
        for moment in ("2026-03-05 10:00", "2026-03-05 15:00", "2026-03-06 10:00"):
            self._end(missed, "no_answer", moment)
        called_off._cancel("The customer was here")
        self.assertEqual(
            [one.timeliness for one in (kept, late, missed, called_off, pending)],
            ["on_time", "late", "missed", False, False],
        )
        self.assertEqual(late.late_days, 0)
        self.assertEqual(late.date_due, datetime(2026, 3, 5, 18))

    def test_a_call_back_moves_the_due_date_and_an_edit_does_not(self):
        contact = self._make_followup(
            date_planned="2026-03-05 08:00", date_deadline="2026-03-05 18:00"
        ).with_user(self.agent)
        contact.date_planned = "2026-03-07 08:00"
        self.assertEqual(contact.date_due, datetime(2026, 3, 5, 18))
        with self.assertRaisesRegex(UserError, "recorded by the system"):
            contact.date_due = "2026-04-01 08:00"
        self._end(contact, "callback", until=datetime(2026, 3, 9, 9))
        self.assertEqual(contact.date_due, datetime(2026, 3, 9, 9))
        self.assertEqual(contact.date_original, datetime(2026, 3, 5, 8))
        self._end(contact, "reached", "2026-03-09 09:00")
        self.assertEqual(contact.timeliness, "on_time")

    def test_the_rate_counts_customers_due_and_reached(self):
        due = "2026-03-05 09:00"
        customers = [self._make_customer(f"C{n}", phone=PHONE) for n in range(60)]
        contacts = [
            self._make_followup(partner_id=customer.id, date_planned=due) for customer in customers
        ]
        for contact in contacts[:30]:
            self._end(contact, "reached")
        for contact in contacts[30:50]:
            contact.sudo().write(
                {"date_planned": "2026-03-20 09:00", "date_due": "2026-03-20 09:00"}
            )
        for contact in contacts[55:60]:
            contact._cancel("The customer was here")
        # Ten are overdue in all: five left of the sixty, and five more.
        for customer in customers[30:35]:
            self._make_followup(partner_id=customer.id, date_planned=due)
        # A customer who was reached already counts once.
        self._make_followup(partner_id=customers[0].id, date_planned=due)
        month = datetime(2026, 3, 1), datetime(2026, 4, 1)
        Followup = self.env["customer.followup"]
        self.assertEqual(Followup._followup_rate(*month, [("user_id", "=", self.agent.id)]), 75)
        self.assertIsNone(
            Followup._followup_rate(datetime(2027, 1, 1), datetime(2027, 2, 1)), "No one is due."
        )


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestNothingClosesSilently(FollowupCommon):
    """A contact cannot be closed without an outcome, by any way."""

    def setUp(self):
        super().setUp()
        self.contact = self._make_followup().with_user(self.agent)

    def _refused(self):
        # Validation errors are of this kind too.
        return self.assertRaises(UserError)

    def test_form(self):
        with self._refused(), Form(self.contact) as form:
            form.state = "done"

    def test_list_edit_and_rpc(self):
        for vals in ({"state": "done"}, {"state": "missed"}, {"state": "cancelled"}):
            with self.subTest(vals=vals), self._refused(), self.env.cr.savepoint():
                self.contact.web_save(vals, {"state": {}})
            with self.subTest(vals=vals), self._refused(), self.env.cr.savepoint():
                self.contact.write(vals)
                self.env.flush_all()

    def test_outcomes_that_end_nothing(self):
        for name in ("no_answer", "busy", "callback", "colleague", "wrong_number"):
            vals = {"state": "done", "outcome_id": self._ending(name).id}
            with self.subTest(name), self._refused(), self.env.cr.savepoint():
                self.contact.write(vals)

    def test_drag(self):
        for bucket in ("done", "waiting", "later"):
            with self.subTest(bucket=bucket), self._refused(), self.env.cr.savepoint():
                self.contact.web_save({"bucket": bucket}, {"bucket": {}})

    def test_import(self):
        result = (
            self.env["customer.followup"]
            .with_user(self.agent)
            .load([".id", "state"], [[str(self.contact.id), "Done"]])
        )
        self.assertIn("choose an outcome", result["messages"][0]["message"])

    def test_default_of_a_context(self):
        with self._refused(), self.env.cr.savepoint():
            self.env["customer.followup"].with_user(self.agent).with_context(
                default_state="done"
            ).create(
                {
                    "name": "Call",
                    "partner_id": self.customer.id,
                    "purpose_id": self.service.id,
                    "channel_id": self.phone.id,
                }
            )

    def tearDown(self):
        self.assertEqual(self.contact.state, "planned")
        super().tearDown()
