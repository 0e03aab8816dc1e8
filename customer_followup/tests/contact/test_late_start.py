from datetime import datetime

from freezegun import freeze_time

from odoo.tests import tagged

from ..common import PHONE, FollowupCommon

WEEKLY = {"repeat": "interval", "every_count": 1, "every_unit": "weeks"}


@tagged("post_install", "-at_install")
class TestCatchUp(FollowupCommon):
    """What the planner does with contacts whose dates are past."""

    def _late(self, *steps, now="2026-03-06", **vals):
        plan = self._make_cadence(*steps, **vals)
        with freeze_time("2026-03-01 10:00"):
            enrollment = plan._enroll(self.customer, datetime(2026, 3, 1, 8))
        self._plan_on(now)
        return enrollment.followup_ids.sorted("date_original")

    def test_single_contacts_are_all_made_up_for(self):
        contacts = self._late({"offset_count": 1}, {"offset_count": 3})
        self.assertEqual(contacts.mapped("state"), ["planned", "planned"])
        self.assertEqual(self._days(contacts, "date_original"), ["2026-03-02", "2026-03-04"])
        with freeze_time("2026-03-06 11:00"):
            self.assertEqual(contacts.mapped("bucket"), ["overdue", "overdue"])

    def test_of_a_series_one_is_due_and_the_others_were_missed(self):
        daily = {"repeat": "interval", "every_unit": "days", "end_count": 5}
        contacts = self._late({"offset_count": 1, **daily})
        self.assertEqual(contacts.mapped("state"), ["missed"] * 4 + ["planned"])
        self.assertEqual(set(contacts[:4].mapped("close_code")), {"not_planned"})
        self.assertEqual(self._days(contacts[-1:]), ["2026-03-06"])

    def test_years_of_standstill_leave_a_bounded_trace_that_counts_in_full(self):
        daily = {"repeat": "interval", "every_unit": "days", "end_after_count": 20}
        contacts = self._late(
            {"offset_count": 1, **daily, "end_after_unit": "years"}, now="2036-03-01"
        )
        today = contacts.filtered(lambda one: str(one.date_planned.date()) == "2036-03-01")
        self.assertEqual(today.state, "planned")
        missed = contacts.filtered(lambda one: one.state == "missed")
        self.assertLess(len(missed), 70)
        self.assertEqual(sum(missed.mapped("covered_count")), 3652)

    def test_an_expired_contact_is_not_made(self):
        greeting = {"offset_count": 1, "is_expiring": True}
        contacts = self._late(greeting, {**greeting, "expire_days": 30})
        self.assertEqual(contacts.mapped("state"), ["missed", "planned"])
        self.assertEqual(contacts[0].close_code, "expired")
        self._plan_on("2026-04-02")
        self.assertEqual((contacts[1].state, contacts[1].close_code), ("missed", "expired"))

    def test_a_greeting_is_not_sent_late(self):
        mail = self.env["customer.channel"].search([("kind", "=", "email")], limit=1)
        greeting = {"is_expiring": True, "channel_id": mail.id, "message": "Happy new year"}
        contact = self._late(greeting, now="2026-03-01")
        with freeze_time("2026-03-03 10:00"):
            contact._send_if_free()
        self.assertEqual((contact.state, contact.close_code), ("missed", "expired"))
        self.assertFalse(contact.attempt_ids)

    def test_one_that_cannot_expire_blocks_no_other(self):
        greeting = {"is_expiring": True}
        contacts = self._late(greeting, greeting, now="2026-03-01")
        self.env["customer.followup.feedback"].create(
            {"followup_id": contacts[0].id, "kind": "problem", "text": "It rattles"}
        )
        with self.assertLogs("odoo.addons.customer_followup", "WARNING"):
            self._plan_on("2026-03-03")
        self.assertEqual(contacts.mapped("state"), ["planned", "missed"])
        self.assertIn("needs an action", contacts[0].error)
        self._plan_on("2026-03-04")
        self.assertEqual(contacts[0].state, "planned")


@tagged("post_install", "-at_install")
class TestLateStart(FollowupCommon):
    """What a plan does with contacts whose dates were past at enrollment."""

    def _late(self, *steps, start="2026-03-01", now="2026-03-10", planned=None, **vals):
        """Enroll the customer at ten of the day ``now``, and plan on the same day or later."""
        plan = self._make_cadence(*steps, **vals)
        with freeze_time(f"{now} 10:00"):
            self.row = plan._enroll(self.customer, self._utc(f"{start} 08:00:00"))
        self._plan_on(planned or now, 11)
        return self.row.followup_ids.sorted("date_nominal")

    def _found(self, contacts):
        return [(one.name, one.state, one.close_code) for one in contacts]

    def test_single_contacts_are_left_out(self):
        for policy in ("planned", "skip"):
            with self.subTest(policy=policy):
                self.customer = self._make_customer("Kim", phone=PHONE)
                contacts = self._late(
                    {"name": "A", "offset_count": 3},
                    {"name": "B", "offset_count": 9, "early_count": 3},
                    {"name": "C", "offset_count": 7, "late_count": 4},
                    {"name": "D", "offset_count": 14},
                    past_policy=policy,
                )
                self.assertEqual(
                    self._found(contacts),
                    [
                        ("A", "not_applicable", "passed"),
                        ("B", "planned", False),
                        ("C", "planned", False),
                        ("D", "planned", False),
                    ],
                )
                self.assertFalse(contacts[0].timeliness)
                # Their days include today, so they are neither moved nor late.
                self.assertEqual(self._days(contacts[1]), ["2026-03-07"])
                self.assertEqual(self._days(contacts[2]), ["2026-03-08"])

    def test_or_made_up_for_today(self):
        first, second = self._late({"offset_count": 3}, {"offset_count": 7}, past_policy="today")
        for contact, nominal in ((first, "2026-03-04"), (second, "2026-03-08")):
            self.assertEqual(contact.state, "planned")
            self.assertEqual(contact.date_due, datetime(2026, 3, 10, 23, 59, 59))
            self.assertEqual(contact.date_planned, datetime(2026, 3, 10, 11))
            self.assertEqual(self._days(contact, "date_nominal"), [nominal])
        with freeze_time("2026-03-10 15:00"):
            first._record_outcome(self._ending("reached"))
        self.assertEqual(first.timeliness, "on_time")

    def test_or_kept_late_as_they_are(self):
        contact = self._late({"offset_count": 3}, past_policy="keep")
        self.assertEqual((contact.state, self._days(contact)), ("planned", ["2026-03-04"]))
        self.assertEqual(self._days(contact, "date_due"), ["2026-03-04"])

    def test_of_a_series_none_counts_as_missed(self):
        weekly = {"offset_count": 7, **WEEKLY}
        contacts = self._late(weekly, start="2025-03-01")
        past, coming = contacts[0], contacts[1:]
        self.assertEqual((past.state, past.close_code), ("not_applicable", "passed"))
        self.assertEqual((past.occurrence, past.covered_count), (53, 53))
        self.assertEqual(self._days(past), ["2026-03-07"])
        self.assertEqual(set(coming.mapped("state")), {"planned"})
        self.assertEqual(self._days(coming)[0], "2026-03-14")
        self.assertEqual(coming[0].occurrence, 54)

    def test_of_a_series_one_is_made_up_for(self):
        self.customer = self._make_customer("Kim", phone=PHONE)
        contacts = self._late({"offset_count": 7, **WEEKLY}, start="2025-03-01",
                              past_policy="today")  # fmt: skip
        past, today = contacts[:2]
        self.assertEqual((past.close_code, past.covered_count), ("passed", 52))
        self.assertEqual((today.state, self._days(today)), ("planned", ["2026-03-10"]))
        self.assertEqual((today.occurrence, self._days(today, "date_nominal")),
                         (53, ["2026-03-07"]))  # fmt: skip

    def test_what_passed_after_the_start_is_caught_up_with(self):
        daily = {"repeat": "interval", "every_unit": "days", "end_count": 20}
        contacts = self._late(
            {"name": "Series", "offset_count": 1, **daily}, {"name": "Call", "offset_count": 11},
            planned="2026-03-15",
        )  # fmt: skip
        series = contacts.filtered(lambda one: one.name == "Series").sorted("occurrence")
        self.assertEqual((series[0].close_code, series[0].covered_count), ("passed", 8))
        missed = series.filtered(lambda one: one.state == "missed")
        self.assertEqual(self._days(missed)[0], "2026-03-10")
        self.assertEqual(set(missed.mapped("close_code")), {"not_planned"})
        call = contacts.filtered(lambda one: one.name == "Call")
        self.assertEqual((call.state, self._days(call)), ("planned", ["2026-03-12"]))

    def test_what_is_a_day_late_is_made_today(self):
        for policy, moment, state in (
            ("planned", "2026-03-02 00:20:00", "planned"),
            ("planned", "2026-03-02 20:00:00", "planned"),
            ("planned", "2026-03-03 00:20:00", "not_applicable"),
            ("skip", "2026-03-02 00:20:00", "not_applicable"),
        ):
            with self.subTest(policy=policy, moment=moment), freeze_time(moment):
                self.customer = self._make_customer("Kim", phone=PHONE)
                plan = self._make_cadence({}, past_policy=policy)
                row = plan._enroll(self.customer, datetime(2026, 3, 1, 23, 50))
                self._run_cron("ir_cron_plan")
                contact = row.followup_ids
                self.assertEqual(contact.state, state)
                if state == "planned":
                    self.assertEqual(self._days(contact, "date_due"), ["2026-03-02"])

    def test_an_expired_contact_before_the_start_is_not_missed(self):
        for policy in ("planned", "today"):
            self.customer = self._make_customer("Kim", phone=PHONE)
            contact = self._late({"offset_count": 1, "is_expiring": True}, past_policy=policy)
            self.assertEqual((contact.state, contact.close_code), ("not_applicable", "passed"))

    def test_what_waits_for_a_contact_left_out_passes_with_it(self):
        contacts = self._late(
            {"name": "Visit", "offset_count": 1},
            {"name": "Thanks", "anchor": "previous", "offset_count": 2},
            {"name": "Again", "anchor": "previous", "offset_count": 10},
        )
        self.assertEqual(contacts.name, "Visit")
        self._plan_on("2026-03-10", 12)
        self._plan_on("2026-03-10", 13)
        contacts = self.row.followup_ids.sorted("date_nominal")
        self.assertEqual(contacts.mapped("close_code"), ["passed", "passed", False])
        self.assertEqual(self._days(contacts), ["2026-03-02", "2026-03-04", "2026-03-14"])

    def test_a_chain_goes_on_from_today(self):
        contact = self._late(
            {"offset_count": 3, "repeat": "completion", "every_count": 7, "every_unit": "days"},
            start="2025-03-01",
        )
        self.assertEqual((contact.state, contact.close_code), ("not_applicable", "passed"))
        self._plan_on("2026-03-10", 12)
        self.assertEqual(self._days(self.row.followup_ids), ["2025-03-04", "2026-03-17"])

    def test_a_target_known_late_brings_nothing_that_has_passed(self):
        days = (-90, -60, -30, -7)
        plan = self._make_cadence(
            *({"name": f"{day}", "anchor": "target", "offset_count": day} for day in days)
        )
        row = self._enroll_on(plan, "2025-01-10")
        with freeze_time("2026-03-10 10:00"):
            row.date_target = datetime(2026, 3, 30, 12)
        self._plan_on("2026-03-10", 11)
        found = self._found(row.followup_ids.sorted("date_nominal"))
        self.assertEqual(
            found,
            [
                ("-90", "not_applicable", "passed"),
                ("-60", "not_applicable", "passed"),
                ("-30", "not_applicable", "passed"),
                ("-7", "planned", False),
            ],
        )

    def test_an_added_step_of_another_version_does_not_come_late(self):
        plan = self._make_cadence({"name": "Far", "offset_count": 200})
        row = self._enroll_on(plan, "2026-01-10")
        with freeze_time("2026-03-10 10:00"):
            plan.action_new_version()
            self.env["customer.followup.step"].create(
                {"plan_id": plan.id, "name": "Early", "offset_count": 3, "sequence": 0,
                 "channel_id": self.phone.id}
            )  # fmt: skip
            plan.action_use_version()
            row._change_version(plan.version_id)
        self._plan_on("2026-03-10", 11)
        self.assertEqual(self._found(row.followup_ids), [("Early", "not_applicable", "passed")])

    def test_the_dialog_says_what_has_passed(self):
        plan = self._make_cadence({"offset_count": 3}, {"offset_count": 30})
        with freeze_time("2026-03-10 10:00"):
            enroll = self.env["customer.followup.enroll"].with_user(self.leader).create(
                {"plan_id": plan.id, "partner_ids": self.customer.ids,
                 "date_anchor": "2026-03-01 08:00:00"}
            )  # fmt: skip
            self.assertEqual((enroll.past_count, enroll.past_policy), (1, "planned"))
            enroll.date_anchor = "2026-03-09 08:00:00"
            self.assertEqual(enroll.past_count, 0)
