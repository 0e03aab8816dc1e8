from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..common import AGENT, LEADER, MANAGER
from .test_promise import PromiseCommon

TICK = "odoo.addons.customer_followup.models.sla.customer_complaint_promise_tick"
NOTICE = "odoo.addons.customer_followup.models.sla.customer_complaint_notice"
SENDING = f"{NOTICE}_sending.CustomerComplaintNotice"


class TickCommon(PromiseCommon):
    """A team below two others, whose leaders are notified of broken promises."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.general = new_test_user(cls.env, "cf_general", groups=MANAGER)
        cls.middle = new_test_user(cls.env, "cf_middle", groups=LEADER)
        top = cls.env["customer.team"].create({"name": "Top", "leader_id": cls.general.id})
        above = cls.env["customer.team"].create(
            {"name": "Above", "leader_id": cls.middle.id, "parent_id": top.id}
        )
        cls.team.parent_id = above
        # Users without own working hours use those of the company, which are around the clock here.
        cls.company.resource_calendar_id.attendance_ids.unlink()
        for meaning in ("0", "1", "2", "3", "4", "5", "6"):
            cls.company.resource_calendar_id.attendance_ids = [
                Command.create(
                    {"name": meaning, "dayofweek": meaning, "hour_from": 0, "hour_to": 24}
                )
            ]

    def _tick(self, moment):
        with freeze_time(moment):
            self._run_cron("ir_cron_promise")

    def _notified(self, complaint, **vals):
        """Return the notices in order: ``[(login, code, level)]``."""
        notices = self.env["customer.complaint.notice"].search(
            [("complaint_id", "=", complaint.id)], order="id"
        )
        return [(one.user_id.login, one.code, one.level) for one in notices]

    def _messages(self, user, *numbers):
        """Return the messages to a user with all these numbers."""
        return self.env["mail.message"].search(
            [
                ("message_type", "=", "user_notification"),
                ("partner_ids", "in", user.partner_id.ids),
                *(("body", "like", number) for number in numbers),
            ]
        )

    def _make_escalation(self, **vals):
        steps = ((1, 10, "leader"), (2, 60, "above"), (3, 90, "manager"))
        return self._make_policy(
            ("first_answer", 10, "minutes"),
            escalation_ids=[
                Command.create({"level": level, "delay_count": delay, "audience": audience})
                for level, delay, audience in steps
            ],
            **vals,
        )


@tagged("post_install", "-at_install")
class TestPromiseTick(TickCommon):
    """Warnings, broken promises and escalations by the scheduled action."""

    def test_the_handler_is_warned_once(self):
        self._make_policy(("first_answer", 10, "minutes"))
        complaint = self._complain()
        promise = self._promises(complaint)
        self.assertEqual(str(promise.date_check), "2026-05-01 14:08:00")
        self._tick("2026-05-01 14:07:59")
        self.assertFalse(self._notified(complaint))
        self._tick("2026-05-01 14:08:00")
        self._tick("2026-05-01 14:09:00")
        self.assertEqual(self._notified(complaint), [("cf_agent", "warning", 1)])
        self.assertEqual(len(self._messages(self.agent, complaint.name)), 1)

    def test_a_broken_promise_is_recorded_once(self):
        self._make_policy(("first_answer", 10, "minutes"))
        complaint = self._complain()
        promise = self._promises(complaint)
        self._tick("2026-05-01 14:10:00")
        self.assertEqual(promise.state, "open")
        self._tick("2026-05-01 14:12:00")
        complaint.sudo().user_id = self.colleague
        self._tick("2026-05-01 14:20:00")
        self.assertEqual((promise.state, promise.missed_user_id), ("missed", self.agent))
        self.assertEqual(str(promise.date_missed), "2026-05-01 14:12:00")
        self.assertFalse(promise.date_check)
        self._answer(complaint, "2026-05-01 14:40:00")
        self.assertEqual((promise.state, promise.late_minutes), ("missed", 30))

    def test_levels_are_escalated_one_by_one_after_the_deadline(self):
        self._make_escalation()
        complaint = self._complain()
        promise = self._promises(complaint)
        for moment, level in (
            ("14:11", 0),
            ("14:19:59", 0),
            ("14:20", 1),
            ("14:25", 1),
            ("15:09", 1),
            ("15:10", 2),
            ("15:40", 3),
            ("23:00", 3),
        ):
            with self.subTest(moment=moment):
                self._tick(f"2026-05-01 {moment}")
                self.assertEqual(promise.level, level)
        self.assertEqual(
            self._notified(complaint),
            [
                ("cf_agent", "missed", 1),
                ("cf_leader", "step", 1),
                ("cf_middle", "step", 2),
                ("cf_general", "step", 3),
            ],
        )

    def test_an_answer_ends_the_escalation(self):
        self._make_escalation()
        complaint = self._complain()
        self._tick("2026-05-01 14:21")
        self._answer(complaint, "2026-05-01 14:30")
        self._tick("2026-05-01 16:00")
        self.assertNotIn("cf_middle", {login for login, _code, _level in self._notified(complaint)})

    def test_an_escalation_is_shown_on_the_complaint(self):
        self._make_escalation()
        complaint = self._complain().sudo()
        self._tick("2026-05-01 14:11")
        self.assertFalse(complaint.date_escalated)
        self._tick("2026-05-01 14:20")
        self.assertEqual(str(complaint.date_escalated), "2026-05-01 14:20:00")
        [line] = complaint.with_context(tz="UTC").promise_panel
        self.assertRegex(line["why"], "escalated to level 1 on .*2:20")

    def test_escalation_stops_while_waiting_for_the_customer(self):
        self._make_policy(
            ("arrangement", 10, "minutes"),
            ("closure", 10, "minutes"),
            escalation_ids=[Command.create({"delay_count": 60, "kind": "closure"})],
        )
        complaint = self._complain()
        promise = self._promises(complaint, "closure")
        self._tick("2026-05-01 14:11")
        self.assertEqual(str(promise.date_check), "2026-05-01 15:10:00")
        self._to_stage(complaint, "awaiting", "2026-05-01 14:30")
        self._tick("2026-05-01 16:00")
        self.assertEqual((promise.level, promise.date_check), (0, False))
        self._to_stage(complaint, "solving", "2026-05-01 16:30")
        # Delayed by the pause.
        self.assertEqual(str(promise.date_check), "2026-05-01 17:10:00")
        self._tick("2026-05-01 17:10")
        self.assertEqual(promise.level, 1)

    def test_a_later_deadline_allows_another_warning(self):
        self._make_policy(("closure", 10, "minutes"))
        self._make_policy(("closure", 60, "minutes"), priority="1")
        complaint = self._complain()
        promise = self._promises(complaint)
        self._tick("2026-05-01 14:08")
        self.assertTrue(promise.date_warned)
        with freeze_time("2026-05-01 14:09"):
            complaint.priority = "1"
        self.assertEqual(
            (promise.date_warned, str(promise.date_check)), (False, "2026-05-01 14:48:00")
        )
        self._tick("2026-05-01 14:50")
        self._tick("2026-05-01 14:51")
        self.assertEqual(
            self._notified(complaint), [("cf_agent", "warning", 1), ("cf_agent", "warning", 2)]
        )

    def test_after_a_server_stop_each_level_is_escalated_once(self):
        self._make_escalation()
        complaint = self._complain()
        self._tick("2026-05-02 09:00")
        self._tick("2026-05-02 09:05")
        self.assertEqual(
            [code for _login, code, _level in self._notified(complaint)],
            ["missed", "step", "step", "step"],
        )

    def test_excluded_users_are_not_notified(self):
        self._make_escalation()
        complaint = self._complain()
        excluded = self.leader | self.general
        model = type(self.env["customer.complaint"])
        with patch.object(model, "_filter_allowed", lambda self, users: users - excluded):
            self._tick("2026-05-02 09:00")
        notified = {login for login, _code, _level in self._notified(complaint)}
        self.assertFalse(notified & {"cf_leader", "cf_general"})
        # The next leader replaces the team leader, other managers the general manager.
        self.assertLessEqual({"cf_middle", "cf_manager"}, notified)

    def test_a_group_and_a_user_are_notified(self):
        group = self.env.ref("customer_followup.group_followup_auditor")
        self._make_policy(
            ("first_answer", 10, "minutes"),
            escalation_ids=[
                Command.create({"audience": "group", "group_id": group.id}),
                Command.create({"audience": "user", "user_id": self.colleague.id}),
            ],
        )
        complaint = self._complain()
        self._tick("2026-05-01 14:11")
        notified = {login for login, code, _level in self._notified(complaint) if code == "step"}
        self.assertLessEqual({"cf_auditor", "cf_colleague"}, notified)
        self.assertNotIn("__system__", notified)

    def test_each_user_gets_one_message_per_run(self):
        self._make_policy(("first_answer", 10, "minutes"), ("arrangement", 10, "minutes"))
        one, two = self._complain(), self._complain()
        self._tick("2026-05-01 14:11")
        messages = self._messages(self.agent, one.name, two.name)
        self.assertEqual(len(messages), 1)
        self.assertIn("4 need attention", messages.subject)
        for secret in (self.customer.name, "rattles", "example.com"):
            self.assertNotIn(secret, f"{messages.body} {messages.subject}")

    def test_a_user_is_notified_once_an_hour(self):
        self._make_policy(("first_answer", 10, "minutes"))
        one = self._complain()
        self._tick("2026-05-01 14:11")
        two = self._complain("2026-05-01 14:05")
        three = self._complain("2026-05-01 14:20")
        self._tick("2026-05-01 14:31")
        self.assertFalse(self._messages(self.agent, two.name))
        self._tick("2026-05-01 15:11")
        self.assertEqual(len(self._messages(self.agent, two.name, three.name)), 1)
        self.assertEqual(len(self._messages(self.agent, one.name)), 1)

    def test_only_safety_is_notified_outside_working_time(self):
        self._make_policy(("first_answer", 10, "minutes"))
        calendar = self.company.resource_calendar_id
        calendar.attendance_ids.unlink()
        calendar.attendance_ids = [
            Command.create({"name": day, "dayofweek": day, "hour_from": 9, "hour_to": 17})
            for day in "01234"
        ]
        # A Friday evening.
        ordinary = self._complain("2026-05-01 20:00")
        safety = self._complain("2026-05-01 20:00", nature="safety")
        self._tick("2026-05-01 20:11")
        self.assertTrue(self._messages(self.agent, safety.name))
        self.assertFalse(self._messages(self.agent, ordinary.name))
        self._tick("2026-05-04 08:59")
        self.assertFalse(self._messages(self.agent, ordinary.name))
        self._tick("2026-05-04 09:00")
        self.assertTrue(self._messages(self.agent, ordinary.name))

    def test_no_notice_is_sent_for_a_promise_met_meanwhile(self):
        self._make_policy(("first_answer", 10, "minutes"))
        complaint = self._complain("2026-05-01 14:00")
        with patch(f"{SENDING}._send_batch", lambda self: 0):
            self._tick("2026-05-01 14:08")
        self._answer(complaint, "2026-05-01 14:09")
        self._tick("2026-05-01 14:10")
        self.assertFalse(self._messages(self.agent, complaint.name))
        [notice] = self.env["customer.complaint.notice"].search(
            [("promise_id.complaint_id", "=", complaint.id)]
        )
        self.assertEqual(notice.state, "moot")

    def test_outdated_notices_are_not_sent(self):
        self._make_policy(("arrangement", 10, "minutes"))
        for what, meaning, moment in (
            ("a warning of what stands still", "awaiting", "2026-05-01 14:08"),
            ("what is broken and done", "solving", "2026-05-01 14:11"),
        ):
            with self.subTest(what=what):
                complaint = self._complain()
                with patch(f"{SENDING}._send_batch", lambda self: 0):
                    self._tick(moment)
                self._to_stage(complaint, meaning, "2026-05-01 14:12")
                self._tick("2026-05-01 14:13")
                notices = self.env["customer.complaint.notice"].search(
                    [("complaint_id", "=", complaint.id)]
                )
                self.assertEqual(notices.mapped("state"), ["moot"])

    def test_the_default_policy_notifies_of_safety_immediately(self):
        policy = self.env.ref("customer_followup.customer_sla_policy_safety")
        policy.active = True
        complaint = self._complain(nature="safety")
        self._tick("2026-05-01 14:00")
        self.assertEqual(
            {login for login, code, _level in self._notified(complaint) if code == "step"},
            {"cf_leader", "cf_middle", "cf_general"},
        )

    def test_the_scheduled_action_is_triggered_when_something_is_due(self):
        self._make_policy(("first_answer", 1, "minutes"))
        cron = self.env.ref("customer_followup.ir_cron_promise")
        cron.nextcall = "2026-05-01 14:05:00"
        self._complain()
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self.assertIn("2026-05-01 14:00:48", self._texts(triggers.mapped("call_at")))

    def test_complaints_are_recorded_without_the_scheduled_action(self):
        self._make_policy(("first_answer", 1, "minutes"))
        self.env["ir.model.data"].search(
            [("module", "=", "customer_followup"), ("name", "=", "ir_cron_promise")]
        ).unlink()
        self.assertTrue(self._promises(self._complain()).date_check)

    def test_promises_that_are_not_due_are_not_processed(self):
        self._make_policy(("first_answer", 10, "minutes"))
        self._complain("2026-05-01 14:00")
        later = self._promises(self._complain("2026-05-01 15:00"))
        with freeze_time("2026-05-01 14:30"):
            self.assertEqual(self.env["customer.complaint.promise"]._tick_batch(), 1)
        self.assertEqual((later.state, str(later.date_check)), ("open", "2026-05-01 15:08:00"))

    def test_a_promise_that_fails_is_set_aside_and_does_not_stop_others(self):
        self._make_policy(("first_answer", 10, "minutes"))
        bad, good = self._complain(), self._complain()
        poison = self._promises(bad)
        model = type(self.env["customer.complaint.promise"])
        warn = model._warn

        def fail(promise, moment):
            if promise == poison:
                raise ValueError("li.na@example.com cannot be warned")
            return warn(promise, moment)

        with patch.object(model, "_warn", fail), mute_logger(TICK):
            self._tick("2026-05-01 14:11")
            self._tick("2026-05-01 14:12")
        self.assertEqual(self._promises(good).state, "missed")
        self.assertEqual(poison.state, "open")
        self.assertIn("cannot be warned", poison.error)
        self.assertNotIn("li.na@", poison.error)
        with freeze_time("2026-05-01 14:13"):
            poison.with_user(self.leader).action_retry()
        with self.assertRaises(AccessError):
            poison.with_user(self.stranger).action_retry()
        self._tick("2026-05-01 14:13")
        self.assertEqual((poison.state, poison.error), ("missed", False))

    def test_a_message_that_fails_does_not_stop_others(self):
        self._make_escalation()
        complaint = self._complain()
        model = type(self.env["customer.complaint.notice"])
        send = model._send

        def fail(notices):
            if notices.user_id == self.agent:
                raise ValueError("No such mailbox")
            return send(notices)

        with patch.object(model, "_send", fail), mute_logger(NOTICE):
            self._tick("2026-05-01 14:21")
        self.assertTrue(self._messages(self.leader, complaint.name))
        stuck = self.env["customer.complaint.notice"].search([("state", "=", "stuck")])
        self.assertEqual(stuck.user_id, self.agent)
        stuck.action_retry()
        self._tick("2026-05-01 15:30")
        self.assertTrue(self._messages(self.agent, complaint.name))

    def test_a_stopped_run_notifies_no_one_twice(self):
        self._make_escalation()
        complaint = self._complain()
        # Three commits: at the start, after the promises, after the messages.
        for turn in (2, 3):
            with self._dying_before_commit(turn):
                self._tick("2026-05-01 14:21")
        self._tick("2026-05-01 14:22")
        self._tick("2026-05-01 14:23")
        for user in (self.agent, self.leader):
            with self.subTest(user=user.login):
                self.assertEqual(len(self._messages(user, complaint.name)), 1)

    def test_notices_are_for_administrators_and_auditors(self):
        self._make_second_company()
        self._make_policy(("first_answer", 10, "minutes"))
        complaint = self._complain()
        self._tick("2026-05-01 14:11")
        notices = self.env["customer.complaint.notice"]
        domain = [("promise_id.complaint_id", "=", complaint.id)]
        for user in (self.agent, self.leader, self.manager):
            with self.assertRaises(AccessError):
                notices.with_user(user).search(domain)
        for user in (self.admin, self.auditor):
            self.assertTrue(notices.with_user(user).search(domain))
        theirs = new_test_user(
            self.env,
            "cf_other_admin",
            company_id=self.other_company.id,
            groups=f"{AGENT},customer_followup.group_followup_admin",
        )
        self.assertFalse(notices.with_user(theirs).search(domain))
