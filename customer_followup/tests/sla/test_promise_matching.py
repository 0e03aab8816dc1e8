from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .test_promise import PromiseCommon


@tagged("post_install", "-at_install")
class TestPromiseMatching(PromiseCommon):
    """Promises that are created, voided and renewed as a complaint changes."""

    def _codes(self, complaint):
        notices = self.env["customer.complaint.notice"].search(
            [("promise_id.complaint_id", "=", complaint.id)], order="id"
        )
        return [(one.user_id, one.code) for one in notices]

    def _tick(self, moment):
        with freeze_time(moment):
            self._run_cron("ir_cron_promise")

    def test_a_void_promise_is_not_kept(self):
        self._make_policy(("arrangement", 1, "hours"), ("closure", 8, "hours"))
        original = self._complain()
        withdrawn, duplicate = self._complain(), self._complain()
        with freeze_time("2026-05-01 16:00"):
            duplicate.duplicate_of_id = original
            duplicate.stage_id = self.stages["closed"]
            withdrawn._customer_withdraws("Phone")
            self.env.flush_all()
        for complaint, ending in ((withdrawn, "withdrawn"), (duplicate, "duplicate")):
            with self.subTest(ending=ending):
                self.assertEqual((complaint.state, complaint.close_kind), ("closed", ending))
                self.assertEqual(self._promises(complaint).mapped("state"), ["missed", "void"])

    def test_the_deadline_ignores_void_promises(self):
        policy = self._make_policy(("closure", 2, "hours"))
        complaint = self._complain("2026-05-01 14:00")
        policy.active = False
        with freeze_time("2026-05-01 14:30"):
            self._promises(complaint)._void()
        self.assertEqual(str(complaint.date_deadline), "2026-05-03 14:00:00")

    def test_a_survey_is_promised_to_those_who_can_be_asked(self):
        self._make_policy(("survey", 48, "hours"))
        unreachable = self.env["res.partner"].create({"name": "No address"})
        original = self._complain()
        cases = {
            "no customer": self._complain(partner_id=False),
            "out of reach": self._complain(partner_id=unreachable.id),
            "duplicate": self._complain(duplicate_of_id=original.id),
            "said so": self._complain(),
        }
        self.env.flush_all()
        with freeze_time("2026-05-01 16:00"):
            cases["said so"]._customer_confirms("Phone", satisfaction="5")
        for name, complaint in cases.items():
            with self.subTest(case=name):
                if complaint.state != "closed":
                    self._to_stage(complaint, "closed", "2026-05-01 16:00")
                self.assertEqual(complaint.state, "closed")
                self.assertFalse(self._promises(complaint))

    def test_a_given_satisfaction_voids_the_survey(self):
        self._make_policy(("survey", 48, "hours"))
        complaint = self._complain()
        self._to_stage(complaint, "closed", "2026-05-01 16:00")
        self.assertEqual(self._promises(complaint).state, "open")
        with freeze_time("2026-05-01 17:00"):
            complaint.sudo().write({"satisfaction": "4"})
        self.assertEqual(self._promises(complaint).state, "void")

    def test_a_step_for_each_promise_is_none_for_a_survey(self):
        for kind, level in ((False, 0), ("survey", 1)):
            with self.subTest(kind=kind):
                step = {"level": 1, "audience": "leader", "kind": kind}
                policy = self._make_policy(
                    ("survey", 1, "hours"), escalation_ids=[Command.create(step)]
                )
                complaint = self._complain()
                self._to_stage(complaint, "closed", "2026-05-01 16:00")
                self._tick("2026-05-01 18:00")
                promise = self._promises(complaint)
                self.assertEqual((promise.state, promise.level), ("missed", level))
                policy.active = False

    def test_the_default_policies_do_not_contradict_each_other(self):
        every = self.env.ref("customer_followup.customer_sla_policy_all")
        self.assertNotIn("survey", every.target_ids.mapped("kind"))
        quality = self.env.ref("customer_followup.customer_sla_policy_quality")
        (every | quality).active = True
        # A Friday before a long weekend.
        self.env["customer.workday"].create(
            {"name": "Festival", "date_from": "2026-05-02", "date_to": "2026-05-10"}
        )
        complaint = self._complain("2026-05-01 16:00", category_id=quality.category_id.id)
        solution = self._promises(complaint, "solution").date_deadline
        self.assertLess(solution, self._promises(complaint, "closure").date_deadline)

    def test_a_late_handover_is_broken_by_the_previous_handler(self):
        self._make_policy(("first_answer", 10, "minutes"))
        complaint = self._complain()
        with freeze_time("2026-05-01 14:30"):
            complaint.sudo().user_id = self.colleague
        promise = self._promises(complaint)
        self.assertEqual((promise.state, promise.missed_user_id), ("missed", self.agent))
        self._tick("2026-05-01 14:31")
        self.assertEqual(self._codes(complaint), [(self.agent, "missed")])

    def test_a_promise_found_broken_is_notified_and_escalated(self):
        step = {"level": 1, "delay_count": 2, "delay_unit": "hours", "audience": "leader"}
        self._make_policy(("closure", 2, "hours"), escalation_ids=[Command.create(step)])
        complaint = self._complain("2026-05-01 10:00")
        self._to_stage(complaint, "awaiting", "2026-05-01 13:00")
        self._tick("2026-05-01 13:01")
        self.assertEqual(self._codes(complaint), [(self.agent, "missed")])
        # The escalation stops while waiting for the customer.
        self._to_stage(complaint, "solving", "2026-05-01 13:30")
        self._tick("2026-05-01 15:30")
        self._tick("2026-05-01 15:31")
        self.assertEqual(self._codes(complaint), [(self.agent, "missed"), (self.leader, "step")])

    def test_losing_a_tier_voids_its_promises(self):
        tier = self.env["customer.tier"].search([], limit=1)
        self._make_policy(("closure", 72, "hours"))
        self._make_policy(("closure", 4, "hours"), tier_id=tier.id)
        membership = self.env["customer.tier.membership"].create(
            {
                "commercial_partner_id": self.customer.id,
                "tier_id": tier.id,
                "date_since": "2026-05-01",
            }
        )
        complaint = self._complain()
        self.assertEqual(str(complaint.date_deadline), "2026-05-01 18:00:00")
        with freeze_time("2026-05-01 15:00"):
            membership.unlink()
        self.assertEqual(str(complaint.date_deadline), "2026-05-04 14:00:00")
        self.assertIn("The promises have changed", complaint.message_ids[0].body)

    def test_other_hours_of_a_policy_apply_immediately(self):
        policy = self._make_policy(("closure", 2, "business_hours"))
        complaint = self._complain("2026-05-01 10:30")
        with freeze_time("2026-05-01 10:50"):
            policy.write(
                {"company_id": self.company.id, "calendar_id": self._make_hours(13, 15).id}
            )
        self.assertEqual(str(complaint.date_deadline), "2026-05-01 15:00:00")
        self.assertIn("Closing: deadline", complaint.message_ids[0].body)

    def test_met_kinds_are_not_promised_again(self):
        self._make_policy(("closure", 72, "hours"))
        self._make_policy(
            *(("first_answer", 10, "minutes"), ("arrangement", 2, "hours")),
            *(("progress", 24, "hours"), ("closure", 72, "hours")),
            priority="2",
        )
        complaint = self._complain("2026-05-01 10:00")
        self._answer(complaint, "2026-05-01 12:00")
        self._to_stage(complaint, "solving", "2026-05-01 13:00")
        with freeze_time("2026-05-01 16:00"):
            complaint.priority = "2"
        closure, progress = self._promises(complaint)
        self.assertEqual((closure.kind, progress.kind), ("closure", "progress"))
        self.assertEqual(str(progress.date_deadline), "2026-05-02 12:00:00")
        self.assertIn("counted from 05/01/2026", complaint.message_ids[0].body)

    def test_a_new_promise_is_not_broken_on_creation(self):
        self._make_policy(("closure", 72, "hours"))
        self._make_policy(
            *(("first_answer", 10, "minutes"), ("on_site", 6, "hours"), ("progress", 1, "hours")),
            priority="2",
        )
        complaint = self._complain("2026-05-01 10:00")
        with freeze_time("2026-05-01 15:00"):
            complaint.priority = "2"
        deadlines = {one.kind: str(one.date_deadline) for one in self._promises(complaint)[1:]}
        self.assertEqual(
            deadlines,
            {
                "first_answer": "2026-05-01 15:10:00",
                "on_site": "2026-05-01 16:00:00",
                "progress": "2026-05-01 16:00:00",
            },
        )
        self.assertEqual(set(self._promises(complaint).mapped("state")) - {"void"}, {"open"})

    def _late(self, complaint):
        promise = self._promises(complaint)
        return promise.state, promise.missed_user_id, bool(promise.date_check)

    def test_promises_of_old_cases_have_no_responsible_user_and_no_notice(self):
        step = {"level": 1, "audience": "leader"}
        self._make_policy(("closure", 2, "hours"), escalation_ids=[Command.create(step)])
        old = self._complain("2026-05-01 14:00", date_received="1970-01-01 10:00:00")
        today = self._complain("2026-05-01 14:00", date_received="2026-05-01 10:00:00")
        no_user = self.env["res.users"]
        self.assertEqual(self._late(old), ("missed", no_user, False))
        self.assertEqual(self._late(today), ("missed", no_user, True))
        self._tick("2026-05-01 14:05")
        with freeze_time("2026-05-01 14:06"):
            old.priority = "1"
        self._tick("2026-05-01 14:07")
        self.assertFalse(self._codes(old))
        self.assertEqual(self._codes(today), [(self.leader, "step")])

    def test_nothing_is_received_in_the_future(self):
        with self.assertRaisesRegex(ValidationError, "the date of receipt is in the future"):
            self._complain("2026-05-01 14:00", date_received="2026-05-01 14:00:01")

    def test_only_leaders_change_the_date_of_receipt(self):
        self._make_policy(("closure", 2, "hours"))
        complaint = self._complain("2026-05-01 14:00")
        with freeze_time("2026-05-01 15:00"):
            with self.assertRaisesRegex(UserError, "only a team leader"):
                complaint.with_user(self.agent).date_received = "2026-05-01 14:30:00"
            # The same value is no change.
            complaint.with_user(self.agent).date_received = "2026-05-01 14:00:00"
            complaint.with_user(self.leader).date_received = "2026-05-01 13:30:00"
        self.assertEqual(str(complaint.date_deadline), "2026-05-01 15:30:00")
        self.assertTrue(complaint._fields["date_received"].tracking)

    def test_late_follows_the_next_promise(self):
        self._make_policy(("first_answer", 10, "minutes"), ("closure", 8, "hours"))
        late, answered = self._complain(), self._complain()
        self._answer(answered, "2026-05-01 14:05")
        both = [("id", "in", (late | answered).ids)]
        for moment, expected in (("14:10:00", late.browse()), ("14:10:01", late)):
            with self.subTest(moment=moment), freeze_time(f"2026-05-01 {moment}"):
                self.env.invalidate_all()
                found = late.search([("is_late", "=", True), *both])
                self.assertEqual(found, expected)
                self.assertEqual((late | answered).filtered("is_late"), expected)
                others = late.search([("is_late", "=", False), *both])
                self.assertEqual(others, (late | answered) - expected)
        self._answer(late, "2026-05-01 15:00")
        with freeze_time("2026-05-01 15:01"):
            self.env.invalidate_all()
            self.assertFalse(late.search([("is_late", "=", True), *both]))

    def test_without_a_promise_late_is_after_the_deadline(self):
        complaint = self._complain()
        domain = [("is_late", "=", True), ("id", "=", complaint.id)]
        for moment, is_late in (("2026-05-03 14:00:00", False), ("2026-05-03 14:00:01", True)):
            with self.subTest(moment=moment), freeze_time(moment):
                self.env.invalidate_all()
                self.assertEqual(complaint.is_late, is_late)
                self.assertEqual(bool(complaint.search(domain)), is_late)

    def test_the_register_shows_when_the_reply_is_due(self):
        self._make_policy(
            ("first_answer", 1, "hours"), ("solution", 2, "hours"), ("closure", 48, "hours")
        )
        complaint = self._complain()
        with freeze_time("2026-05-01 16:00:01"):
            self.assertEqual(str(complaint.date_reply_due), "2026-05-01 16:00:00")
            self.assertTrue(complaint.is_reply_late)
            complaint.action_note_solution()
            self.assertFalse(complaint.is_reply_late)
        complaint.sudo().promise_ids.filtered(lambda one: one.kind == "solution").unlink()
        self.assertEqual(str(complaint.date_reply_due), "2026-05-01 15:00:00")

    def test_a_decided_promise_is_shown_by_its_stored_values(self):
        calendar = self._make_hours(8, 18)
        self._make_policy(
            ("closure", 4, "business_hours"), company_id=self.company.id, calendar_id=calendar.id
        )
        complaint = self._complain("2026-05-01 10:00")
        self._to_stage(complaint, "awaiting", "2026-05-01 11:00")
        self._to_stage(complaint, "solving", "2026-05-01 12:00")
        self._to_stage(complaint, "closed", "2026-05-01 14:00")
        calendar.attendance_ids.hour_to = 9
        complaint.invalidate_recordset()
        [line] = complaint.promise_panel
        self.assertEqual(
            (line["deadline"], line["met"]), ("2026-05-01 15:00:00", "2026-05-01 14:00:00")
        )
        self.assertEqual(
            [(one["start"][11:16], one["end"][11:16], one["why"]) for one in line["intervals"]],
            [
                ("10:00", "11:00", "promised time"),
                ("11:00", "12:00", "waiting for the customer"),
                ("12:00", "15:00", "promised time"),
            ],
        )
        self.assertIn("paused for 01:00 h: waiting for the customer", line["why"])
