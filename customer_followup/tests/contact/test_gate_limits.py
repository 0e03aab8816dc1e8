from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from ...tools import gate
from ..common import EMAIL, PHONE, FollowupCommon


def _utc(text):
    return datetime.fromisoformat(text)


@tagged("post_install", "-at_install")
class TestBudget(FollowupCommon):
    """No customer is contacted more often than a purpose allows, whatever the channel."""

    def _contact_on(self, day, purpose, **vals):
        moment = f"{day} 09:00:00"
        return self._make_followup(
            purpose_id=purpose.id, date_planned=moment, date_deadline=f"{day} 20:00:00", **vals
        )

    def _purpose(self, name, **vals):
        purpose = self.env.ref(f"customer_followup.customer_purpose_{name}")
        purpose.write(vals)
        return purpose

    def test_the_third_marketing_contact_in_a_week_waits_and_a_service_contact_does_not(self):
        marketing = self._purpose("marketing", needs_consent=False)
        for day in ("2026-03-02", "2026-03-04"):
            self._reach_on(self._contact_on(day, marketing), day)
        plan = self._make_cadence({}, purpose_id=marketing.id)
        service = self._make_cadence({})
        found = self._enroll_on(plan, "2026-03-05").followup_ids
        self.assertEqual(self._days(found), ["2026-03-09"])
        self.assertEqual(
            self._days(self._enroll_on(service, "2026-03-05").followup_ids), ["2026-03-05"]
        )
        late = self._contact_on("2026-03-05", marketing)
        with freeze_time("2026-03-05 12:00"):
            verdict = late._gate()[late.id]
        self.assertEqual((verdict.state, verdict.reason), ("deferred", "budget"))

    def test_contacts_planned_together_count_for_each_other(self):
        marketing = self._purpose("marketing", needs_consent=False)
        plan = self._make_cadence(
            *({"offset_count": n} for n in (1, 2, 3)), purpose_id=marketing.id
        )
        contacts = self._enroll_on(plan, "2026-03-02").followup_ids
        self.assertEqual(self._days(contacts), ["2026-03-03", "2026-03-04", "2026-03-10"])

    def test_one_survey_a_month_but_for_the_one_after_a_complaint(self):
        survey = self._purpose("survey")
        self._reach_on(self._contact_on("2026-03-01", survey), "2026-03-01")
        closing = self._purpose("answer")
        plan = self._make_cadence(
            {"name": "Relationship", "purpose_id": survey.id},
            {"name": "Closing", "purpose_id": closing.id},
        )
        contacts = self._enroll_on(plan, "2026-03-20").followup_ids
        found = {one.name: self._days(one)[0] for one in contacts}
        self.assertEqual(found, {"Relationship": "2026-03-31", "Closing": "2026-03-20"})

    def test_two_plans_do_not_call_on_one_day(self):
        sales = self._make_cadence({"offset_count": 7, "priority": "1"})
        station = self._make_cadence({"offset_count": 7, "late_count": 6})
        with freeze_time("2026-01-30 12:00"):
            first, second = (plan._enroll(self.customer) for plan in (sales, station))
        self._plan_on("2026-01-30", 13)
        self.assertEqual(self._days(first.followup_ids), ["2026-02-06"])
        # The 7th and 8th are a weekend.
        self.assertEqual(self._days(second.followup_ids), ["2026-02-09"])
        self.assertEqual(second.followup_ids.moved_reason, "apart")
        self.assertEqual(self._days(second.followup_ids, "date_deadline"), ["2026-02-12"])

    def test_withholding_many_costs_as_many_queries_as_one(self):
        marketing = self.env.ref("customer_followup.customer_purpose_marketing")
        marketing.needs_consent = True

        def queries(count):
            plan = self._make_cadence({}, purpose_id=marketing.id)
            customers = self.env["res.partner"].union(
                *(self._make_customer(f"{count} {number}", phone=PHONE) for number in range(count))
            )
            rows = plan._enroll(customers)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            rows._plan()
            self.env.flush_all()
            used = self.env.cr.sql_log_count - before
            self.assertEqual(rows.followup_ids.mapped("close_code"), ["no_consent"] * count)
            return used

        queries(1)
        self.assertEqual(queries(20), queries(2))

    def test_a_plan_that_sells_nothing_has_no_marketing(self):
        marketing = self._purpose("marketing")
        plan = self._make_cadence({}, is_no_sales=True)
        for record in (plan, plan.step_ids):
            with self.assertRaisesRegex(ValidationError, "Cadence sells nothing: Marketing"):
                record.purpose_id = marketing

    def test_what_has_one_day_only_keeps_it(self):
        one, other = (
            self._make_cadence({"offset_count": 7}),
            self._make_cadence({"offset_count": 7}),
        )
        with freeze_time("2026-01-30 12:00"):
            rows = [plan._enroll(self.customer) for plan in (one, other)]
        self._plan_on("2026-01-30", 13)
        self.assertEqual([self._days(row.followup_ids) for row in rows], [["2026-02-06"]] * 2)


@tagged("post_install", "-at_install")
class TestHolds(FollowupCommon):
    """Reasons to wait, and how a manager overrides them."""

    def _hold(self, **vals):
        return self.env["customer.contact.hold"].create(
            {"partner_id": self.customer.id, "reason": "In mourning", **vals}
        )

    def test_a_hold_with_an_end_puts_contacts_off(self):
        with freeze_time("2026-03-01 10:00"):
            self._hold(date_to="2026-03-10 08:00:00")
        plan = self._make_cadence({"offset_count": 1}, {"offset_count": 20})
        contacts = self._enroll_on(plan, "2026-03-02").followup_ids
        self.assertEqual(self._days(contacts), ["2026-03-10", "2026-03-22"])

    def test_a_hold_without_end_holds_until_it_is_lifted(self):
        with freeze_time("2026-03-01 10:00"):
            hold = self._hold()
        contact = self._enroll_on(self._make_cadence({}), "2026-03-02").followup_ids
        self.assertEqual(contact.state, "planned")
        with freeze_time("2026-03-02 14:00"):
            with self.assertRaisesRegex(UserError, "Contacts for this purpose are paused"):
                contact.action_call()
            hold.with_user(self.leader).action_lift()
            self.assertTrue(contact.action_call())

    def test_agents_do_not_pass_the_gate_by_another_purpose(self):
        answer = self.env.ref("customer_followup.customer_purpose_answer")
        contact = self._make_followup()
        with self.assertRaisesRegex(UserError, "Only team leaders change the purpose"):
            contact.with_user(self.agent).purpose_id = answer
        contact.with_user(self.leader).purpose_id = answer
        self.assertEqual(contact.purpose_id, answer)

    def test_a_hold_counts_for_all_people_of_the_customer_and_its_purposes(self):
        person = self._make_customer("Son", parent_id=self.customer.id, phone=PHONE)
        marketing = self.env.ref("customer_followup.customer_purpose_marketing")
        marketing.needs_consent = False
        now = fields.Datetime.now().replace(hour=12)
        self._hold(purpose_ids=[Command.link(marketing.id)], date_from=now)
        states = [
            person._contact_verdicts(purpose, self.phone, now)[person.id].reason
            for purpose in (marketing, self.service)
        ]
        self.assertEqual(states, ["hold", None])

    def test_holds_of_another_company_do_not_count(self):
        self._make_second_company()
        self._hold(company_id=self.other_company.id)
        self.assertEqual(
            self.customer._contact_verdicts(
                self.service, self.phone, fields.Datetime.now().replace(hour=12)
            )[self.customer.id].state,
            "allowed",
        )
        with self.assertRaisesRegex(ValidationError, "In mourning: it ends before"):
            self._hold(date_from="2026-03-02", date_to="2026-03-01")

    def test_an_open_complaint_keeps_marketing_away_and_nothing_else(self):
        marketing = self.env.ref("customer_followup.customer_purpose_marketing")
        marketing.needs_consent = False
        selling = self._make_followup(purpose_id=marketing.id)
        caring = self._make_followup()
        with freeze_time("2026-03-05 10:00"):
            complaint = (
                self.env["customer.complaint"]
                .with_user(self.agent)
                .create({"title": "It rattles", "partner_id": self.customer.id})
            )
            verdicts = (selling | caring)._gate()
            self.assertEqual(verdicts[selling.id].reason, "hold")
            self.assertEqual(verdicts[caring.id].state, "allowed")
        with freeze_time("2026-03-09 10:00"):
            complaint._customer_withdraws("By phone")
            self.assertEqual(complaint.state, "closed")
            self.assertEqual(selling._gate()[selling.id].state, "allowed")
        hold = self.env["customer.contact.hold"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(str(hold.date_lifted.date()), "2026-03-09")

    def test_a_cooling_off_period_is_kept(self):
        plan = self._make_cadence({"offset_count": 0}, cooling_off_hours=24)
        self.customer.customer_tz = "Asia/Shanghai"
        with freeze_time("2026-03-05 08:30"):
            enrollment = plan._enroll(self.customer, _utc("2026-03-05T08:20"))
        self._plan_on("2026-03-05", 9)
        contact = enrollment.followup_ids
        self.assertEqual(contact.date_planned, _utc("2026-03-06T08:20"))
        contact.date_planned = _utc("2026-03-05T09:00")
        for moment, state in (("2026-03-06T08:19", "deferred"), ("2026-03-06T08:20", "allowed")):
            with freeze_time(moment):
                self.assertEqual(contact._gate()[contact.id].state, state)

    def test_a_period_the_law_sets_is_not_shifted_by_days_off(self):
        self.env["customer.workday"].create(
            {"name": "Festival", "date_from": "2026-02-15", "date_to": "2026-02-26"}
        )
        plan = self._make_cadence({"offset_count": 15, "early_count": 15, "is_statutory": True})
        contact = self._enroll_on(plan, "2026-02-10").followup_ids
        self.assertEqual(self._days(contact, "date_deadline"), ["2026-02-25"])

    def _withheld(self):
        marketing = self.env.ref("customer_followup.customer_purpose_marketing")
        plan = self._make_cadence({}, purpose_id=marketing.id)
        return self._enroll_on(plan, "2026-03-02").followup_ids

    def test_a_manager_overrides_the_gate_with_a_logged_reason(self):
        contact = self._withheld()
        self.assertEqual(contact.close_code, "no_consent")
        for user in (self.agent, self.leader):
            with self.subTest(user=user.login), self.assertRaises(UserError):
                contact.with_user(user).action_override()
        action = contact.with_user(self.manager).action_override()
        wizard = self.env["customer.followup.override"].with_user(self.manager)
        with freeze_time("2026-03-02 15:00"):
            wizard = wizard.with_context(**action["context"]).create(
                {"note": "The customer asked in the shop"}
            )
            wizard.action_override()
            self.assertEqual(contact.state, "planned")
            self.assertTrue(contact.action_call())
        log = self.env["customer.access.log"].search([("action", "=", "override")])
        self.assertEqual(
            (log.reason, log.user_login, log.partner_res_id),
            ("The customer asked in the shop", "cf_manager", self.customer.id),
        )
        with self.assertRaisesRegex(UserError, "is not withheld"):
            contact.with_user(self.manager)._override("Again")

    def test_a_missing_number_cannot_be_overridden(self):
        self.customer.phone = False
        contact = self._enroll_on(self._make_cadence({}), "2026-03-02").followup_ids
        with self.assertRaisesRegex(UserError, "There is no phone number"):
            contact.with_user(self.manager).action_override()

    def test_users_cannot_write_an_override(self):
        contact = self._make_followup()
        for vals in ({"override_note": "Hm"}, {"override_user_id": self.agent.id}):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                contact.with_user(self.agent).write(vals)

    def test_the_gate_takes_as_many_queries_for_many_as_for_few(self):
        people = self.env["res.partner"].create(
            [{"name": f"C{n}", "phone": PHONE, "email": EMAIL} for n in range(200)]
        )
        self.env.flush_all()

        def count(some):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            some._contact_verdicts(self.service, self.phone, _utc("2026-03-02T10:00"))
            return self.cr.sql_log_count - before

        count(people[:1])
        self.assertEqual(count(people), count(people[:10]))

    def test_reasons_take_turns_and_come_to_an_end(self):
        facts = gate.Facts(
            False,
            "UTC",
            None,
            None,
            holds=((_utc("2026-01-01"), _utc("2026-03-10T03:00"), frozenset()),),
        )
        asked = gate.GateRequest(
            1, 1, "phone", (8, 21), budget=(1, 7), earliest=_utc("2026-03-04T12:00")
        )
        made = (_utc("2026-03-08T09:00"),)
        found = gate.verdict(facts, asked, _utc("2026-03-02T10:00"), made)
        self.assertEqual(found, gate.Verdict("deferred", _utc("2026-03-15T09:00"), "cooling_off"))
        self.assertLess(found.until - _utc("2026-03-02T10:00"), timedelta(days=14))
