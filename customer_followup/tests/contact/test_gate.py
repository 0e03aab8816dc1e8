from datetime import date, datetime

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...tools import worktime
from ..common import EMAIL, FollowupCommon

RENOVATION = ((None, 10.5, 11 + 2 / 3), (None, 15, 18))
WEEK = worktime.Workdays(worktime.weekly(range(5)))


def _utc(text):
    return datetime.fromisoformat(text)


@tagged("post_install", "-at_install")
class TestHours(FollowupCommon):
    """When the gate allows contacts, by the customer's day."""

    def _next(self, moment, windows=RENOVATION, hours=(8, 21), **vals):
        return worktime.next_opening(_utc(moment), "UTC", hours, windows, **vals)

    def test_windows_of_a_plan(self):
        for moment, expected in (
            ("2026-03-05T09:00", "2026-03-05T10:30"),
            ("2026-03-05T10:30", "2026-03-05T10:30"),
            ("2026-03-05T11:40", "2026-03-05T15:00"),
            ("2026-03-05T17:59", "2026-03-05T17:59"),
            ("2026-03-05T18:00", "2026-03-06T10:30"),
            ("2026-03-06T18:00", "2026-03-09T10:30"),
        ):
            with self.subTest(moment=moment):
                self.assertEqual(self._next(moment, workdays=WEEK), _utc(expected))
        lunch = ((None, 11, 12), (None, 16, 18))
        self.assertEqual(self._next("2026-03-05T12:00", lunch), _utc("2026-03-05T16:00"))

    def test_a_holiday_moves_the_window_to_the_next_working_day(self):
        festival = frozenset(date(2026, 2, day) for day in range(15, 24))
        workdays = WEEK._replace(holidays=festival, makeup=frozenset([date(2026, 2, 14)]))
        found = self._next("2026-02-14T18:30", workdays=workdays)
        self.assertEqual(found, _utc("2026-02-24T10:30"))

    def test_windows_that_never_open_are_reported(self):
        self.assertIsNone(self._next("2026-03-05T09:00", ((None, 2, 4),)))
        nothing = worktime.Workdays(frozenset())
        self.assertIsNone(self._next("2026-03-05T09:00", workdays=nothing))

    def test_a_contact_due_at_night_is_made_before(self):
        found = worktime.last_closing(_utc("2026-03-05T02:00"), "UTC", (8, 21))
        self.assertEqual(found, _utc("2026-03-04T21:00"))
        self.assertEqual(
            worktime.last_closing(_utc("2026-03-05T12:00"), "UTC", (8, 21)),
            _utc("2026-03-05T12:00"),
        )

    def _plan_with_windows(self, **vals):
        windows = [
            Command.create({"hour_from": start, "hour_to": end})
            for start, end in ((10.5, 11.5), (15, 18))
        ]
        return self._make_cadence({"hour": 9}, window_ids=windows, **vals)

    def test_contacts_of_a_plan_keep_its_hours(self):
        contact = self._enroll_on(self._plan_with_windows(), "2026-03-05").followup_ids
        self.assertEqual(contact.date_planned, _utc("2026-03-05T10:30"))
        with (
            freeze_time("2026-03-05 12:00"),
            self.assertRaisesRegex(UserError, "the contact hours are"),
        ):
            contact.with_user(contact.user_id).action_call()
        with freeze_time("2026-03-05 15:30"):
            self.assertTrue(contact.with_user(contact.user_id).action_call())

    def test_working_days_only(self):
        plan = self._plan_with_windows(is_workdays_only=True)
        contact = self._enroll_on(plan, "2026-03-07").followup_ids
        self.assertEqual(contact.date_planned, _utc("2026-03-09T10:30"))

    def test_the_customers_hours_count_too(self):
        self.customer.customer_window_ids = [
            Command.create({"weekday": "4", "hour_from": 16, "hour_to": 17})
        ]
        contact = self._enroll_on(self._plan_with_windows(), "2026-03-05").followup_ids
        self.assertEqual(contact.date_planned, _utc("2026-03-06T16:00"))

    def test_an_agreed_time_overrides_the_hours_of_the_plan_only(self):
        contact = self._enroll_on(self._plan_with_windows(), "2026-03-05").followup_ids
        later = self._ending("callback")
        with freeze_time("2026-03-05 15:30"):
            with self.assertRaisesRegex(UserError, "may not be contacted at that time"):
                contact._record_outcome(later, until=_utc("2026-03-05T22:30"))
            contact._record_outcome(later, until=_utc("2026-03-05T19:30"))
        self.assertEqual(
            (contact.state, contact.date_planned), ("waiting", _utc("2026-03-05T19:30"))
        )
        with freeze_time("2026-03-05 19:31"):
            self.assertEqual(contact._gate()[contact.id].state, "allowed")

    def test_safety_reaches_people_at_any_hour_and_is_logged(self):
        safety = self.env.ref("customer_followup.customer_purpose_safety")
        contact = self._make_followup(purpose_id=safety.id, name="Recall of brakes")
        with freeze_time("2026-03-05 03:00"):
            contact.with_user(self.agent).action_call()
        row = self.env["customer.access.log"].search([("action", "=", "dial")], limit=1)
        self.assertEqual(row.reason, "Safety: Recall of brakes")

    def test_hours_belong_to_one_person_or_one_plan(self):
        windows = self.env["customer.contact.window"]
        for vals in ({}, {"partner_id": self.customer.id, "plan_id": self.plan.id}):
            with self.assertRaisesRegex(ValidationError, "one person or to one plan"):
                windows.create(vals)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(Exception, "hours_range"),
            self.env.cr.savepoint(),
        ):
            windows.create({"partner_id": self.customer.id, "hour_from": 18, "hour_to": 9})
            self.env.flush_all()


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 10:00")
class TestConsent(FollowupCommon):
    """What customers allow and refuse is kept, and asked each time."""

    def setUp(self):
        super().setUp()
        self.marketing = self.env.ref("customer_followup.customer_purpose_marketing")
        self.survey = self.env.ref("customer_followup.customer_purpose_survey")
        self.answer = self.env.ref("customer_followup.customer_purpose_answer")
        self.none = self.env["customer.purpose"]

    def _verdict(self, purpose, channel=None, person=None):
        person = person or self.customer
        moment = fields.Datetime.now()
        return person._contact_verdicts(purpose, channel or self.phone, moment)[person.id]

    def test_marketing_needs_consent(self):
        self.assertEqual(self._verdict(self.marketing).reason, "no_consent")
        self.customer._note_consent(self.marketing, "given", "written", notice="March 2026")
        self.assertEqual(self._verdict(self.marketing).state, "allowed")
        self.customer._note_consent(self.marketing, "withdrawn", "message")
        self.assertEqual(self._verdict(self.marketing).reason, "withdrawn")
        self.assertEqual(self._verdict(self.service).state, "allowed")
        self.assertEqual(len(self.customer.customer_consent_ids), 2)

    def test_consent_may_be_for_one_channel(self):
        self.customer._note_consent(self.marketing, "given", "spoken", channel=self.phone)
        mail = self.env["customer.channel"].search([("kind", "=", "email")], limit=1)
        self.assertEqual(self._verdict(self.marketing).state, "allowed")
        self.assertEqual(self._verdict(self.marketing, mail).reason, "no_consent")

    def test_a_refusal_of_everything_keeps_requested_contacts(self):
        recall = self.env.ref("customer_followup.customer_purpose_safety")
        self.customer._note_consent(self.none, "withdrawn", "spoken")
        states = [
            self._verdict(purpose).state
            for purpose in (self.survey, self.service, self.answer, recall)
        ]
        self.assertEqual(states, ["blocked", "blocked", "allowed", "allowed"])

    def test_a_plan_on_consent_needs_it_whatever_its_purpose(self):
        plan = self._make_cadence({}, lawful_basis="consent")
        contact = self._enroll_on(plan, "2026-03-02").followup_ids
        self.assertEqual((contact.state, contact.close_code), ("withheld", "no_consent"))

    def test_a_withdrawal_counts_at_once_and_before_dialling(self):
        self.customer._note_consent(self.marketing, "given", "spoken")
        contact = self._make_followup(purpose_id=self.marketing.id)
        other = self._make_followup()
        self.assertTrue(contact.with_user(self.agent).action_call())
        self.customer._note_consent(self.marketing, "withdrawn", "spoken")
        self.assertEqual((contact.state, contact.close_code), ("withheld", "withdrawn"))
        self.assertEqual(other.state, "planned")
        with self.assertRaises(UserError):
            contact.with_user(self.agent).action_call()
        refusal = self.env["customer.contact.refusal"].search([("followup_id", "=", contact.id)])
        self.assertEqual(refusal.reason, "withdrawn")

    def test_a_withdrawal_is_not_retroactive_and_keeps_proof(self):
        ledger = self.env["customer.consent"]
        with freeze_time("2025-01-01 10:00"):
            self.customer._note_consent(self.marketing, "given", "written", note="File 7")
        self.customer._note_consent(self.marketing, "withdrawn", "page")
        key = (self.marketing.id, None)
        then = ledger._standing(self.customer, datetime(2026, 2, 1))[self.customer.id]
        now = ledger._standing(self.customer)[self.customer.id]
        self.assertEqual((then[key], now[key]), ("given", "withdrawn"))
        self.assertEqual(len(ledger.search([("partner_id", "=", self.customer.id)])), 2)

    def test_purposes_of_one_talk_are_asked_one_by_one(self):
        self.customer._note_consent(self.marketing, "withdrawn", "spoken")
        nodes = {"thanks": self.service, "plate": self.service, "offer": self.marketing}
        asked = [
            name for name, purpose in nodes.items() if self._verdict(purpose).state == "allowed"
        ]
        self.assertEqual(asked, ["thanks", "plate"])

    def test_consents_cannot_be_changed(self):
        row = self.customer._note_consent(self.marketing, "given", "spoken")
        for user in (self.manager, self.admin, self.env.user):
            for way in (lambda r: r.write({"kind": "withdrawn"}), lambda r: r.unlink()):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    way(row.with_user(user))
        with self.assertRaises(AccessError):
            row.sudo().unlink()
        with self.assertRaises(AccessError):
            row.with_user(self.admin).create(
                {"partner_id": self.customer.id, "kind": "given", "how": "spoken"}
            )

    def test_an_agent_records_consents_of_own_customers_only(self):
        contact = self._make_followup()
        action = contact.with_user(self.agent).action_note_consent()
        notes = self.env["customer.consent.note"].with_user(self.agent)
        note = notes.with_context(**action["context"]).create(
            {"purpose_id": self.marketing.id, "kind": "withdrawn"}
        )
        note.action_note()
        row = self.env["customer.consent"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual((row.kind, row.how, row.user_id), ("withdrawn", "spoken", self.agent))
        with self.assertRaisesRegex(UserError, "wording they agreed to"):
            notes.with_context(**action["context"]).create({"kind": "given"}).action_note()
        foreign = self._make_followup(self.colleague)
        for model, id_ in (
            ("customer.followup", foreign.id),
            ("res.partner", self.customer.id),
            ("res.users", self.agent.id),
        ):
            with self.subTest(model=model), self.assertRaises(UserError):
                note = notes.create({"res_model": model, "res_id": id_, "kind": "withdrawn"})
                note.action_note()
        self.assertEqual(self.env["customer.consent"].search_count([]), 1)

    def test_children_are_never_courted(self):
        self.customer.customer_is_minor = True
        self.customer._note_consent(self.marketing, "given", "spoken")
        self.assertEqual(self._verdict(self.service).reason, "minor")
        self.customer.customer_guardian_agreed = True
        self.assertEqual(self._verdict(self.service).state, "allowed")
        self.assertEqual(self._verdict(self.marketing).reason, "minor")

    def test_merging_customers_keeps_their_consents(self):
        twin = self._make_customer("Li Na again", email=EMAIL)
        twin._note_consent(self.marketing, "withdrawn", "spoken")
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (twin | self.customer).ids, self.customer
        )
        self.assertEqual(self._verdict(self.marketing).reason, "withdrawn")
