from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ...tools import sla
from ..common import FollowupCommon


class PromiseCommon(FollowupCommon):
    """A team whose complaints match no policy but those of the test."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["customer.sla.policy"].search([]).active = False
        cls.stages = {
            stage.meaning: stage for stage in cls.env["customer.complaint.stage"].search([])
        }
        # The requirements of stages are not tested here.
        needs = [name for name in cls.env["customer.complaint.stage"]._fields if "needed" in name]
        for stage in cls.stages.values():
            stage.write(dict.fromkeys(needs, False))
        cls.stages["external"] = cls.env["customer.complaint.stage"].create(
            {"name": "Arbitration", "meaning": "external", "sequence": 45}
        )
        cls.category = cls.env.ref("customer_followup.customer_complaint_category_service")

    @classmethod
    def _make_policy(cls, *targets, **vals):
        """Create a policy with targets ``(kind, count, unit)``."""
        return cls.env["customer.sla.policy"].create(
            {
                "name": "Promised",
                "target_ids": [
                    Command.create({"kind": kind, "count": count, "unit": unit})
                    for kind, count, unit in targets
                ],
                **vals,
            }
        )

    def _complain(self, moment="2026-05-01 14:00", user=None, **vals):
        """Record a complaint of the customer at a moment."""
        with freeze_time(moment):
            return (
                self.env["customer.complaint"]
                .with_user(user or self.agent)
                .create(
                    {
                        "title": "It rattles",
                        "partner_id": self.customer.id,
                        "team_id": self.team.id,
                        "category_id": self.category.id,
                        "cause": "A loose screw",
                        "solution": "Tightened",
                        **vals,
                    }
                )
            )

    def _to_stage(self, complaint, meaning, moment):
        with freeze_time(moment):
            complaint.stage_id = self.stages[meaning]
            self.env.flush_all()

    def _answer(self, complaint, moment, **vals):
        """Write to the customer at a moment in the chatter."""
        with freeze_time(moment):
            return (
                complaint.with_user(self.manager)
                .with_context(mail_notify_force_send=False)
                .message_post(
                    body="We are on it.",
                    message_type=vals.pop("message_type", "comment"),
                    subtype_xmlid="mail.mt_comment",
                    partner_ids=self.customer.ids,
                    **vals,
                )
            )

    def _promises(self, complaint, kind=None):
        promises = complaint.sudo().promise_ids.sorted("id")
        return promises.filtered(lambda one: one.kind == kind) if kind else promises

    def _make_hours(self, hour_from, hour_to, **vals):
        return self.env["resource.calendar"].create(
            {
                "name": f"{hour_from} to {hour_to}",
                "tz": "UTC",
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "name": day,
                                "dayofweek": day,
                                "hour_from": hour_from,
                                "hour_to": hour_to,
                            }
                        )
                        for day in "01234"
                    ),
                ],
                **vals,
            }
        )

    def _texts(self, moments):
        return [str(moment) if moment else moment for moment in moments]


@tagged("post_install", "-at_install")
class TestPromise(PromiseCommon):
    """Creation, deadlines and fulfilment of promises."""

    def test_a_first_answer_is_in_time_up_to_the_last_second(self):
        self._make_policy(("first_answer", 10, "minutes"))
        for moment, state in (("14:10:00", "met"), ("14:10:01", "missed")):
            with self.subTest(moment=moment):
                complaint = self._complain()
                self._answer(complaint, f"2026-05-01 {moment}")
                promise = self._promises(complaint)
                self.assertEqual(promise.state, state)
                self.assertEqual(promise.met_user_id, self.manager)
                self.assertEqual(promise.late_minutes, int(state == "missed"))

    def test_notes_and_stages_are_no_answer(self):
        self._make_policy(("first_answer", 10, "minutes"))
        complaint = self._complain()
        with freeze_time("2026-05-01 14:02"):
            complaint.message_post(body="Ask the workshop", subtype_xmlid="mail.mt_note")
        self._to_stage(complaint, "assessing", "2026-05-01 14:05")
        with freeze_time("2026-05-01 14:06"):
            complaint.message_post(body="Among us", subtype_xmlid="mail.mt_comment")
        self.assertEqual(self._promises(complaint).state, "open")
        self._answer(complaint, "2026-05-01 14:09")
        promise = self._promises(complaint)
        self.assertEqual((promise.state, str(promise.date_met)), ("met", "2026-05-01 14:09:00"))

    def test_what_the_customer_writes_is_no_answer(self):
        self._make_policy(("first_answer", 10, "minutes"))
        complaint = self._complain()
        complaint.sudo().message_subscribe(self.customer.ids)
        with freeze_time("2026-05-01 14:02"):
            complaint.sudo().message_post(
                body="Well?",
                message_type="email",
                subtype_xmlid="mail.mt_comment",
                author_id=self.customer.id,
            )
        self.assertEqual(self._promises(complaint).state, "open")

    def test_a_follower_reads_the_answer_too(self):
        self._make_policy(("first_answer", 10, "minutes"))
        complaint = self._complain()
        complaint.sudo().message_subscribe(self.customer.ids)
        with freeze_time("2026-05-01 14:02"):
            complaint.with_user(self.manager).message_post(
                body="We are on it", message_type="comment", subtype_xmlid="mail.mt_comment"
            )
        self.assertEqual(self._promises(complaint).state, "met")

    def test_the_complainant_may_receive_the_answer(self):
        self._make_policy(("first_answer", 10, "minutes"))
        helper = self._make_customer("Wang Wei", email="wang@example.com")
        known = {"complainant_id": helper.id}
        unknown = {"partner_id": False, "complainant_email": "wang@example.com"}
        for name, vals, given in (
            ("represented", known, {"partner_ids": helper.ids}),
            ("no contact then", unknown, {"partner_ids": helper.ids}),
            ("no contact", unknown, {"outgoing_email_to": "Wang <Wang@example.com>"}),
            ("another contact", unknown, {"partner_ids": self.customer.ids}),
            ("no recipient", unknown, {}),
            ("no address", {"partner_id": False}, {"outgoing_email_to": "wang@example.com"}),
        ):
            with self.subTest(name), freeze_time("2026-05-01 14:00"):
                address = vals.get("complainant_email")
                others = {key: vals[key] for key in vals if key != "complainant_email"}
                complaint = self._complain(**others)
                complaint.sudo().complainant_email = address
                complaint.with_user(self.manager).message_post(
                    body="We are on it",
                    message_type="comment",
                    subtype_xmlid="mail.mt_comment",
                    **given,
                )
                is_answered = name in ("represented", "no contact then", "no contact")
                self.assertEqual(bool(complaint.date_answered), is_answered)
                self.assertEqual(self._promises(complaint).state, "met" if is_answered else "open")

    def test_an_answer_sent_by_mail_is_an_answer_to_close_with(self):
        complaint = self._complain()
        self._answer(complaint, "2026-05-01 14:09", message_type="email")
        self.assertEqual(str(complaint.date_answered), "2026-05-01 14:09:00")

    def test_an_answer_in_time_is_kept_however_late_it_is_recorded(self):
        self._make_policy(("first_answer", 10, "minutes"))
        for answered, expected in (
            ("2026-05-01 14:09:00", ("met", 100.0, 0, False, False)),
            ("2026-05-01 14:13:00", ("missed", 0.0, 3, True, True)),
        ):
            with self.subTest(answered):
                complaint = self._complain()
                promise = self._promises(complaint)
                with freeze_time("2026-05-01 14:11"):
                    self._run_cron("ir_cron_promise")
                self.assertEqual((promise.state, promise.kept), ("missed", 0.0))
                with freeze_time("2026-05-01 14:20"):
                    complaint.sudo()._contacted(moment=fields.Datetime.to_datetime(answered))
                self.assertEqual(
                    (
                        promise.state,
                        promise.kept,
                        promise.late_minutes,
                        bool(promise.date_missed),
                        bool(promise.missed_user_id),
                    ),
                    expected,
                )
                self.assertEqual(str(promise.date_met), answered)

    def test_an_acknowledgement_counts_where_the_policy_says_so(self):
        policy = self._make_policy(("first_answer", 10, "minutes"))
        for is_counted, state in ((True, "met"), (False, "missed")):
            with self.subTest(is_counted=is_counted):
                policy.is_auto_answer_counted = is_counted
                complaint = self._complain()
                self._answer(complaint, "2026-05-01 14:00:05", message_type="auto_comment")
                self._answer(complaint, "2026-05-01 14:20")
                self.assertEqual(self._promises(complaint).state, state)

    def test_a_call_noted_by_hand_is_an_answer(self):
        self._make_policy(("first_answer", 10, "minutes"))
        complaint = self._complain()
        with freeze_time("2026-05-01 14:03"):
            complaint.action_note_contact()
        self.assertEqual(self._promises(complaint).state, "met")
        self.assertEqual(self._promises(complaint).met_user_id, self.agent)
        self.assertIn("The customer was informed.", complaint.message_ids[0].body)
        self.assertEqual(str(complaint.date_answered), "2026-05-01 14:03:00")
        self.assertEqual(complaint.contact_ids.mapped("result"), ["informed"])
        self.assertEqual(complaint.contact_ids.user_id, self.agent)

    def test_a_logged_contact_that_reached_the_customer_is_an_answer(self):
        self._make_policy(("first_answer", 10, "minutes"))
        complaint = self._complain()
        with freeze_time("2026-05-01 14:02"):
            complaint._customer_not_reached("Phone")
        self.assertEqual(self._promises(complaint).state, "open")
        with freeze_time("2026-05-01 14:03"):
            complaint._customer_informed("Phone", "We are on it")
        self.assertEqual(self._promises(complaint).state, "met")

    def test_a_contact_about_it_that_reached_the_customer_is_an_answer(self):
        self._make_policy(("first_answer", 1, "hours"))
        complaint = self._complain()
        enrollment = self.plan._enroll(self.customer)
        enrollment.sudo().write({"res_model": complaint._name, "res_id": complaint.id})
        contact = self._make_followup(enrollment_id=enrollment.id)
        with freeze_time("2026-05-01 14:30"):
            contact._record_outcome(self._ending("reached"))
        self.assertEqual(self._promises(complaint).state, "met")
        self.assertEqual(str(complaint.date_answered), "2026-05-01 14:30:00")
        self.assertEqual(complaint.contact_ids.mapped("result"), ["informed"])

    def test_each_message_renews_the_progress_promise(self):
        self._make_policy(("progress", 24, "hours"))
        complaint = self._complain()
        for moment in ("2026-05-02 10:00", "2026-05-03 10:30"):
            self._answer(complaint, moment)
        promises = self._promises(complaint)
        self.assertEqual(
            self._texts(promises.mapped("date_deadline")),
            ["2026-05-02 14:00:00", "2026-05-03 10:00:00", "2026-05-04 10:30:00"],
        )
        self.assertEqual(promises.mapped("state"), ["met", "missed", "open"])

    def test_progress_is_promised_until_closing_and_again_after_reopening(self):
        self._make_policy(("progress", 24, "hours"), ("closure", 3, "hours"))
        complaint = self._complain()
        self._to_stage(complaint, "closed", "2026-05-01 16:00")
        progress, closure = self._promises(complaint)
        self.assertEqual((progress.state, closure.state), ("void", "met"))
        self.assertFalse(progress.date_check)
        self._to_stage(complaint, "solving", "2026-05-05 09:00")
        again = self._promises(complaint, "progress")[-1]
        self.assertEqual((again.state, str(again.date_deadline)), ("open", "2026-05-06 09:00:00"))
        self.assertEqual(str(complaint.date_deadline), "2026-05-05 12:00:00")
        self.assertEqual(closure.state, "met")

    def test_waiting_for_the_customer_stops_the_clock_of_a_solution_not_of_an_answer(self):
        # The question by e-mail would be an answer.
        self.company.customer_ask_by_mail = False
        self._make_policy(("first_answer", 6, "hours"), ("solution", 2, "hours"))
        complaint = self._complain("2026-05-01 10:00", solution=False)
        self._to_stage(complaint, "awaiting", "2026-05-01 11:00")
        answer, solution = self._promises(complaint)
        self.assertEqual((answer.state, solution.state), ("open", "paused"))
        self.assertFalse(solution.date_check)
        with freeze_time("2026-05-01 14:00"):
            complaint.invalidate_recordset(["is_late"])
            self.assertFalse(complaint.is_late)
        with freeze_time("2026-05-01 16:00:01"):
            complaint.invalidate_recordset(["is_late"])
            self.assertTrue(complaint.is_late)
        self._to_stage(complaint, "solving", "2026-05-01 15:00")
        self.assertEqual(str(solution.date_deadline), "2026-05-01 16:00:00")
        complaint.solution = "Tightened"
        self._to_stage(complaint, "awaiting", "2026-05-01 15:50")
        self.assertEqual(solution.state, "met")
        self.assertEqual(
            [(row.meaning, row.date_to and row.date_to.hour) for row in complaint.clock_ids],
            [("new", 11), ("awaiting", 15), ("solving", 15), ("awaiting", False)],
        )

    def test_the_deadline_follows_a_closing_that_waits(self):
        self._make_policy(("closure", 2, "hours"))
        complaint = self._complain("2026-05-01 10:00")
        self._to_stage(complaint, "awaiting", "2026-05-01 11:00")
        self.assertFalse(complaint.date_deadline)
        self._to_stage(complaint, "solving", "2026-05-01 15:00")
        self.assertEqual(str(complaint.date_deadline), "2026-05-01 16:00:00")

    def test_a_pause_does_not_change_a_broken_promise(self):
        self._make_policy(("closure", 2, "hours"))
        complaint = self._complain("2026-05-01 10:00")
        self._to_stage(complaint, "awaiting", "2026-05-01 13:00")
        self.assertEqual(self._promises(complaint).state, "missed")
        self.assertEqual(self._promises(complaint).missed_user_id, self.agent)

    def test_an_outside_body_stops_what_the_policy_says(self):
        policy = self._make_policy(("closure", 2, "hours"), ("progress", 24, "hours"))
        policy.target_ids[1].stops_external = False
        complaint = self._complain()
        self.env["customer.complaint.referral"].create(
            {"complaint_id": complaint.id, "body": "The ombudsman"}
        )
        self._to_stage(complaint, "external", "2026-05-01 15:00")
        self.assertEqual(self._promises(complaint).mapped("state"), ["paused", "open"])

    def test_stages_meet_promises_by_their_meaning(self):
        self._make_policy(("arrangement", 2, "hours"), ("solution", 4, "hours"))
        complaint = self._complain()
        self._to_stage(complaint, "solving", "2026-05-01 15:00")
        self.assertEqual(self._promises(complaint).mapped("state"), ["met", "open"])
        self._to_stage(complaint, "awaiting", "2026-05-01 16:00")
        self.assertEqual(self._promises(complaint).mapped("state"), ["met", "met"])

    def test_buttons_meet_their_promise(self):
        kinds = ("solution", "arrangement", "on_site")
        self._make_policy(*((kind, 2, "hours") for kind in kinds))
        complaint = self._complain()
        for kind in kinds:
            self.assertIn(kind, complaint.pending_promises)
            with freeze_time("2026-05-01 15:00"):
                getattr(complaint, f"action_note_{kind}")()
            self.assertEqual(self._promises(complaint, kind).state, "met")
            complaint.invalidate_recordset()
            self.assertNotIn(kind, complaint.pending_promises)
            with self.assertRaises(AccessError):
                getattr(complaint.with_user(self.auditor), f"action_note_{kind}")()

    @freeze_time("2026-05-02 10:00")
    def test_reopening_with_another_severity_promises_the_closing_once(self):
        self._make_policy(("closure", 5, "calendar_days"))
        complaint = self._complain("2026-05-02 09:00")
        complaint._customer_withdraws("By phone")
        self.assertEqual(complaint.state, "closed")
        stage = self.env["customer.complaint.stage"]._with_meaning("assessing")
        complaint.write({"stage_id": stage.id, "severity": "serious"})
        pending = self._promises(complaint, "closure").filtered(lambda one: one.state == "open")
        self.assertEqual(len(pending), 1)

    def test_closing_voids_pending_promises_but_not_broken_ones(self):
        self._make_policy(("first_answer", 10, "minutes"), ("on_site", 24, "hours"))
        complaint = self._complain()
        self._to_stage(complaint, "closed", "2026-05-01 16:00")
        self.assertEqual(self._promises(complaint).mapped("state"), ["missed", "void"])

    def test_a_survey_is_promised_when_it_is_closed(self):
        self._make_policy(("survey", 48, "hours"))
        complaint = self._complain()
        self.assertFalse(self._promises(complaint))
        self._to_stage(complaint, "closed", "2026-05-02 10:00")
        promise = self._promises(complaint)
        self.assertEqual(
            (promise.state, str(promise.date_deadline)), ("open", "2026-05-04 10:00:00")
        )
        self._to_stage(complaint, "solving", "2026-05-03 10:00")
        self.assertEqual(promise.state, "void")

    def test_the_most_specific_policy_wins_then_the_shortest_time(self):
        self._make_policy(("closure", 24, "hours"), kind="complaint")
        self._make_policy(("closure", 4, "hours"), kind="complaint", category_id=self.category.id)
        quick = self._make_policy(("closure", 2, "hours"), kind="complaint", priority="2")
        promise = self._promises(self._complain(priority="2"))
        self.assertEqual((promise.policy_id, promise.count), (quick, 2))

    def test_a_policy_applies_if_all_its_criteria_match(self):
        tier = self.env["customer.tier"].search([], limit=1)
        wanted = {
            "category_id": self.category.id,
            "kind": "dispute",
            "severity": "serious",
            "nature": "serious",
            "priority": "1",
            "channel_id": self.phone.id,
        }
        self._make_policy(("closure", 9, "hours"))
        policy = self._make_policy(("closure", 2, "hours"), tier_id=tier.id, **wanted)
        self.assertNotEqual(self._promises(self._complain(**wanted)).policy_id, policy)
        self.env["customer.tier.membership"].create(
            {
                "commercial_partner_id": self.customer.id,
                "tier_id": tier.id,
                "date_since": "2026-01-01",
            }
        )
        self.assertEqual(self._promises(self._complain(**wanted)).policy_id, policy)
        other = self.env["customer.complaint.category"].create({"name": "Other"})
        for name, value in {
            "category_id": other.id,
            "kind": "issue",
            "severity": "minor",
            "nature": "ordinary",
            "priority": "0",
            "channel_id": self.survey_channel.id,
        }.items():
            with self.subTest(field=name):
                promise = self._promises(self._complain(**{**wanted, name: value}))
                self.assertNotEqual(promise.policy_id, policy)

    def test_a_changed_complaint_gets_other_promises(self):
        self._make_policy(("first_answer", 10, "minutes"), ("closure", 72, "hours"))
        self._make_policy(("closure", 24, "hours"), ("on_site", 24, "hours"), priority="2")
        complaint = self._complain("2026-05-01 10:00")
        self._answer(complaint, "2026-05-01 10:05")
        with freeze_time("2026-05-01 13:00"):
            complaint.priority = "2"
        answer, closure, on_site = self._promises(complaint)
        self.assertEqual(answer.state, "met")
        self.assertEqual(str(closure.date_deadline), "2026-05-02 10:00:00")
        self.assertEqual(
            (on_site.kind, str(on_site.date_start)), ("on_site", "2026-05-01 10:00:00")
        )
        note = complaint.message_ids[0]
        self.assertTrue(note.subtype_id.internal)
        self.assertIn("Closing: deadline", note.body)
        self.assertIn("On site: deadline", note.body)
        with freeze_time("2026-05-01 13:30"):
            complaint.priority = "0"
        self.assertEqual(on_site.state, "void")
        self.assertIn("On site: no longer needed", complaint.message_ids[0].body)

    def test_a_tier_brings_its_promises(self):
        tier = self.env["customer.tier"].search([], limit=1)
        self._make_policy(("closure", 72, "hours"))
        self._make_policy(("closure", 4, "hours"), tier_id=tier.id)
        complaint = self._complain()
        with freeze_time("2026-05-01 15:00"):
            self.env["customer.tier.membership"].create(
                {
                    "commercial_partner_id": self.customer.id,
                    "tier_id": tier.id,
                    "date_since": "2026-01-01",
                }
            )
        self.assertEqual(str(complaint.date_deadline), "2026-05-01 18:00:00")

    def test_working_hours_are_the_policys_the_teams_or_the_companys(self):
        policy = self._make_policy(("closure", 2, "business_hours"))
        teams = self._make_hours(12, 16)
        policys = self._make_hours(13, 15)
        # A Friday: the company works from 8 to 12 and from 13 to 17.
        complaint = self._complain("2026-05-01 10:30")
        self.assertEqual(str(complaint.date_deadline), "2026-05-01 13:30:00")
        with freeze_time("2026-05-01 10:40"):
            self.team.calendar_id = teams
        self.assertEqual(str(complaint.date_deadline), "2026-05-01 14:00:00")
        with freeze_time("2026-05-01 10:50"):
            policy.write({"company_id": self.company.id, "calendar_id": policys.id})
        self.assertEqual(str(complaint.date_deadline), "2026-05-01 15:00:00")

    def test_complaints_can_be_recorded_with_unusual_working_hours(self):
        policy = self._make_policy(("closure", 2, "business_hours"))
        flexible = self._make_hours(9, 17)
        flexible.schedule_type = "flexible"
        empty = self._make_hours(9, 17)
        empty.attendance_ids.unlink()
        for calendar in (flexible, empty):
            with self.subTest(calendar=calendar.name):
                policy.write({"company_id": self.company.id, "calendar_id": calendar.id})
                promise = self._promises(self._complain("2026-05-02 23:00"))
                self.assertEqual(str(promise.date_deadline), "2026-05-03 01:00:00")
                self.assertEqual(promise.fallback, sla.NO_HOURS)
        policy.calendar_id = False
        self.company.resource_calendar_id = False
        promise = self._promises(self._complain("2026-05-02 23:00"))
        self.assertEqual(str(promise.date_deadline), "2026-05-03 01:00:00")
        self.assertIn("counted in calendar hours", self._complain().promise_panel[0]["why"])

    def test_public_holidays_and_make_up_days_count(self):
        self._make_policy(("closure", 2, "working_days"))
        holidays = self.env["customer.workday"]
        holidays.create(
            [
                {"name": "Festival", "date_from": "2026-02-15", "date_to": "2026-02-23"},
                {
                    "name": "Make-up",
                    "kind": "workday",
                    "date_from": "2026-02-14",
                    "date_to": "2026-02-14",
                },
            ]
        )
        complaint = self._complain("2026-02-13 16:00")
        self.assertEqual(str(complaint.date_deadline), "2026-02-24 17:00:00")

    def test_half_a_public_holiday_costs_half_a_day(self):
        self._make_policy(("closure", 2, "business_hours"))
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Morning off",
                "date_from": "2026-05-01 00:00:00",
                "date_to": "2026-05-01 12:30:00",
                "calendar_id": self.company.resource_calendar_id.id,
            }
        )
        complaint = self._complain("2026-05-01 09:00")
        self.assertEqual(str(complaint.date_deadline), "2026-05-01 15:00:00")

    def test_without_a_policy_the_category_says_when_it_is_solved(self):
        complaint = self._complain()
        self.assertFalse(self._promises(complaint))
        hours = timedelta(hours=self.category.deadline_hours)
        self.assertEqual(complaint.date_deadline, datetime(2026, 5, 1, 14) + hours)

    def test_the_toolkits_sample_is_in_time(self):
        policy = self._make_policy(("closure", 28, "hours"), ("progress", 24, "hours"))
        complaint = self._complain("2024-05-01 14:00")
        self._answer(complaint, "2024-05-02 10:00")
        self._to_stage(complaint, "closed", "2024-05-02 17:30")
        self.assertEqual(self._promises(complaint, "closure").state, "met")
        self.assertEqual(self._promises(complaint, "closure").policy_id, policy)
        self.assertEqual(self._promises(complaint, "progress").mapped("state"), ["met", "void"])

    def test_facts_are_recorded_not_set(self):
        self._make_policy(("closure", 2, "hours"))
        complaint = self._complain()
        for user in (self.agent, self.leader, self.manager, self.admin):
            promise = self._promises(complaint).with_user(user)
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    promise.write({"state": "met"})
                with self.assertRaises(AccessError):
                    promise.create({"complaint_id": complaint.id})
                with self.assertRaises(AccessError):
                    complaint.clock_ids.with_user(user).unlink()
                with self.assertRaises(UserError):
                    complaint.with_user(user).date_deadline = "2030-01-01 10:00:00"
                with self.assertRaises(UserError):
                    complaint.with_user(user).write(
                        {"promise_ids": [Command.update(promise.id, {"state": "met"})]}
                    )
        self.assertEqual(self._promises(complaint).state, "open")
        with self.assertRaises(UserError):
            self._complain(promise_ids=[Command.create({"kind": "on_site"})])

    def test_readers_of_the_complaint_see_its_promises(self):
        self._make_second_company()
        self._make_policy(("closure", 2, "hours"))
        complaint = self._complain()
        promises = self.env["customer.complaint.promise"]
        for user, is_seen in (
            (self.agent, True),
            (self.colleague, False),
            (self.leader, True),
            (self.manager, True),
            (self.auditor, True),
            (self.other_manager, False),
        ):
            with self.subTest(user=user.login):
                found = promises.with_user(user).search([("complaint_id", "=", complaint.id)])
                self.assertEqual(bool(found), is_seen)
                rows = complaint.clock_ids.with_user(user)
                self.assertEqual(bool(rows.search([("complaint_id", "=", complaint.id)])), is_seen)
        with self.assertRaises(AccessError):
            promises.with_user(self.stranger).search([])

    def test_policies_of_a_company_apply_only_to_it(self):
        self._make_second_company()
        policy = self._make_policy(("closure", 2, "hours"), company_id=self.other_company.id)
        self.assertFalse(self._promises(self._complain()))
        theirs = self._complain(
            user=self.other_agent,
            partner_id=False,
            team_id=self.other_team.id,
            company_id=self.other_company.id,
        )
        self.assertEqual(self._promises(theirs).policy_id, policy)
        model = self.env["customer.sla.policy"].with_user(self.admin)
        self.assertNotIn(policy, model.search([]))
        self.assertFalse(
            policy.target_ids.with_user(self.agent).search([("policy_id", "=", policy.id)])
        )

    def test_agents_cannot_configure_policies(self):
        for user in (self.agent, self.leader, self.manager, self.auditor):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env["customer.sla.policy"].with_user(user).create({"name": "Mine"})
        self.env["customer.sla.policy"].with_user(self.admin).create({"name": "Ours"})

    def test_the_share_of_kept_promises_counts_decided_ones(self):
        self._make_policy(("closure", 2, "hours"))
        with freeze_time("2026-05-01 10:00"):
            promises = self._promises(
                self.env["customer.complaint"].browse(
                    id_ for _n in range(18) for id_ in self._complain("2026-05-01 10:00").ids
                )
            )
        for some, vals in (
            (promises[:7], {"state": "met", "kept": 100}),
            (promises[7:8], {"state": "missed", "kept": 0}),
            (promises[8:10], {"date_deadline": "2026-04-30 10:00:00"}),
            (promises[15:], {"state": "void"}),
        ):
            some.write(vals)
        with freeze_time("2026-05-01 11:00"):
            share = promises._attainment([("id", "in", promises.ids)])
        self.assertEqual(share, 70.0)
        [(average,)] = promises._read_group([("id", "in", promises[:8].ids)], [], ["kept:avg"])
        self.assertEqual(average, 87.5)
        [(average,)] = promises._read_group([("id", "in", promises[10:].ids)], [], ["kept:avg"])
        self.assertFalse(average)

    def test_a_closed_import_promises_nothing(self):
        self._make_policy(("closure", 2, "hours"))
        complaint = self._complain(stage_id=self.stages["closed"].id)
        self.assertFalse(self._promises(complaint))

    def test_a_deadline_cannot_be_set_on_creation(self):
        with self.assertRaisesRegex(UserError, "not set by hand"):
            self._complain(date_deadline="2030-01-01 10:00:00")
        model = self.env["customer.complaint"].with_user(self.agent)
        model = model.with_context(default_date_deadline="2030-01-01 10:00:00")
        complaint = model.create({"title": "T"})
        self.assertLess(complaint.date_deadline.year, 2030)

    def test_promises_move_to_another_company(self):
        self._make_second_company()
        self._make_policy(("closure", 2, "hours"))
        complaint = self._complain(partner_id=False, team_id=False)
        complaint.sudo().write({"company_id": self.other_company.id})
        self.assertEqual(self._promises(complaint).company_id, self.other_company)
        self.assertEqual(complaint.sudo().clock_ids.company_id, self.other_company)

    def test_promises_count_from_the_receipt(self):
        self._make_policy(("closure", 2, "hours"))
        complaint = self._complain()
        with freeze_time("2026-05-01 14:30"):
            complaint.with_user(self.leader).date_received = "2026-05-01 13:30:00"
        self.assertEqual(str(complaint.date_deadline), "2026-05-01 15:30:00")

    def test_the_panel_explains_the_deadline(self):
        self._make_policy(("closure", 4, "business_hours"))
        complaint = self._complain("2026-05-01 10:00")
        self._to_stage(complaint, "awaiting", "2026-05-01 14:00")
        self._to_stage(complaint, "solving", "2026-05-01 16:00")
        complaint.invalidate_recordset()
        [line] = complaint.promise_panel
        self.assertEqual((line["state"], line["deadline"]), ("open", "2026-05-01 17:00:00"))
        self.assertEqual(
            [one["why"] for one in line["intervals"]],
            [
                "clock running",
                "break",
                "clock running",
                "waiting for the customer",
                "clock running",
            ],
        )
        self.assertIn("4 working hours from", line["why"])
        self.assertIn("paused for 02:00 h: waiting for the customer", line["why"])
        self.assertEqual(complaint.date_next, datetime(2026, 5, 1, 17))

    def test_many_complaints_take_no_query_each(self):
        self._make_policy(
            ("first_answer", 10, "minutes"),
            ("solution", 2, "business_hours"),
            ("closure", 2, "working_days"),
        )
        vals = {"title": "T", "partner_id": self.customer.id, "team_id": self.team.id}
        vals |= {"category_id": self.category.id, "stage_id": self.stages["new"].id}
        model = self.env["customer.complaint"].with_user(self.agent)
        model.create([vals])
        counts = []
        for count in (20, 60):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            complaints = model.create([vals] * count)
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
            self.assertEqual(len(complaints.sudo().promise_ids), 3 * count)
        self.assertLessEqual(counts[1] - counts[0], 4)
        self.assertLessEqual(counts[1] / 60, 3)

    def test_promises_are_kept_by_date_too(self):
        self._make_policy(("closure", 2, "hours"))
        complaint = self._complain()
        domain = [("is_late", "=", True), ("id", "=", complaint.id)]
        with freeze_time("2026-05-01 16:00:00"):
            self.assertFalse(complaint.search(domain))
        with freeze_time("2026-05-01 16:00:01"):
            self.assertEqual(complaint.search(domain), complaint)

    def test_a_policy_is_tried_on_past_cases(self):
        policy = self._make_policy(
            ("first_answer", 10, "minutes"),
            ("closure", 3, "hours"),
            kind="violation",
            category_id=self.category.id,
        )
        since = [("date_received", ">=", "2026-02-01 10:00:00")]
        others = self.env["customer.complaint"].search_count(since)
        violation = {"kind": "violation"}
        for minute, hour in ((5, 15), (20, 16), (20, 18)):
            complaint = self._complain(**violation)
            self._answer(complaint, f"2026-05-01 14:{minute:02}")
            self._to_stage(complaint, "closed", f"2026-05-01 {hour}:00")
        self._complain("2026-05-02 09:59", **violation)
        self._complain("2026-05-02 09:59", severity="minor", **violation)
        self._complain("2026-01-02 09:59", **violation)
        with freeze_time("2026-05-02 10:00"):
            lines = policy.with_user(self.manager).preview.split("\n")
            self.assertIn(f"5 of {others + 5} complaints of the last 90 days", lines[0])
            self.assertIn("1 of 3 would have been kept (33 %)", lines[1])
            self.assertIn("2 of 3 would have been kept (67 %)", lines[2])
            # Before it is saved.
            draft = policy.new(origin=policy)
            draft.severity = "minor"
            self.assertIn(f"1 of {others + 5} complaints", draft.preview)
            self.assertIn("No data to compare with", draft.preview)
            self.assertIn("0 of 0 complaints", policy.with_user(self.colleague).preview)

    def test_a_policy_summarizes_its_criteria(self):
        policy = self._make_policy(("first_answer", 10, "minutes"), kind="accident", priority="2")
        self.assertEqual(policy.condition, "Type “Accident”, Urgency “Extra urgent”")
        self.assertEqual(policy.summary, "First answer: 10 minutes")
