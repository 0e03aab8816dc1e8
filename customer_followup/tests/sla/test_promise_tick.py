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
    """A team below two others, whose leaders are told of broken promises."""

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
        # Whoever has no working hours of his own has the company's: around the clock, here.
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

    def _told(self, complaint, **vals):
        """Return who was told what, in order: ``[(login, code, step)]``."""
        notices = self.env["customer.complaint.notice"].search(
            [("complaint_id", "=", complaint.id)], order="id"
        )
        return [(one.user_id.login, one.code, one.level) for one in notices]

    def _messages(self, user, *numbers):
        """Return the messages to a person that name all these numbers."""
        return self.env["mail.message"].search(
            [
                ("message_type", "=", "user_notification"),
                ("partner_ids", "in", user.partner_id.ids),
                *(("body", "like", number) for number in numbers),
            ]
        )

    def _make_ladder(self, **vals):
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
    """What is due is warned of, recorded as broken and passed on, once."""

    def test_a_handler_is_warned_before_and_told_once(self):
        self._make_policy(("first_answer", 10, "minutes"))
        complaint = self._complain()
        promise = self._promises(complaint)
        self.assertEqual(str(promise.date_check), "2026-05-01 14:08:00")
        self._tick("2026-05-01 14:07:59")
        self.assertFalse(self._told(complaint))
        self._tick("2026-05-01 14:08:00")
        self._tick("2026-05-01 14:09:00")
        self.assertEqual(self._told(complaint), [("cf_agent", "warning", 1)])
        self.assertEqual(len(self._messages(self.agent, complaint.name)), 1)

    def test_a_miss_is_recorded_once_as_a_fact(self):
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

    def test_the_ladder_is_climbed_step_by_step_from_the_breach(self):
        self._make_ladder()
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
            self._told(complaint),
            [
                ("cf_agent", "missed", 1),
                ("cf_leader", "step", 1),
                ("cf_middle", "step", 2),
                ("cf_general", "step", 3),
            ],
        )

    def test_an_answer_ends_the_ladder(self):
        self._make_ladder()
        complaint = self._complain()
        self._tick("2026-05-01 14:21")
        self._answer(complaint, "2026-05-01 14:30")
        self._tick("2026-05-01 16:00")
        self.assertNotIn("cf_middle", {login for login, _code, _level in self._told(complaint)})

    def test_a_step_marks_the_complaint_and_shows_on_its_form(self):
        self._make_ladder()
        complaint = self._complain().sudo()
        self._tick("2026-05-01 14:11")
        self.assertFalse(complaint.date_escalated)
        self._tick("2026-05-01 14:20")
        self.assertEqual(str(complaint.date_escalated), "2026-05-01 14:20:00")
        [line] = complaint.with_context(tz="UTC").promise_panel
        self.assertRegex(line["why"], "step 1 was taken .*2:20.*: leaders told")

    def test_nobody_climbs_while_we_wait_for_the_customer(self):
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
        # As much later as the clock stood still.
        self.assertEqual(str(promise.date_check), "2026-05-01 17:10:00")
        self._tick("2026-05-01 17:10")
        self.assertEqual(promise.level, 1)

    def test_more_time_lets_it_be_warned_of_again(self):
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
            self._told(complaint), [("cf_agent", "warning", 1), ("cf_agent", "warning", 2)]
        )

    def test_after_a_night_without_a_server_each_step_comes_once(self):
        self._make_ladder()
        complaint = self._complain()
        self._tick("2026-05-02 09:00")
        self._tick("2026-05-02 09:05")
        self.assertEqual(
            [code for _login, code, _level in self._told(complaint)],
            ["missed", "step", "step", "step"],
        )

    def test_who_must_not_know_is_passed_over(self):
        self._make_ladder()
        complaint = self._complain()
        excluded = self.leader | self.general
        model = type(self.env["customer.complaint"])
        with patch.object(model, "_filter_allowed", lambda self, users: users - excluded):
            self._tick("2026-05-02 09:00")
        told = {login for login, _code, _level in self._told(complaint)}
        self.assertFalse(told & {"cf_leader", "cf_general"})
        # In place of the leader the next above, of the general manager other managers.
        self.assertLessEqual({"cf_middle", "cf_manager"}, told)

    def test_a_group_and_a_person_are_told(self):
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
        told = {login for login, code, _level in self._told(complaint) if code == "step"}
        self.assertLessEqual({"cf_auditor", "cf_colleague"}, told)
        self.assertNotIn("__system__", told)

    def test_one_message_tells_a_person_all_of_one_run(self):
        self._make_policy(("first_answer", 10, "minutes"), ("arrangement", 10, "minutes"))
        one, two = self._complain(), self._complain()
        self._tick("2026-05-01 14:11")
        messages = self._messages(self.agent, one.name, two.name)
        self.assertEqual(len(messages), 1)
        self.assertIn("4 to look at", messages.subject)
        for secret in (self.customer.name, "rattles", "example.com"):
            self.assertNotIn(secret, f"{messages.body} {messages.subject}")

    def test_a_person_hears_of_promises_once_an_hour(self):
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

    def test_nobody_is_told_outside_his_working_time_but_of_safety(self):
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

    def test_what_is_done_in_the_meantime_is_not_told(self):
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

    def test_what_is_told_late_is_still_true(self):
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

    def test_safety_is_told_at_once_from_the_default_policy(self):
        policy = self.env.ref("customer_followup.customer_sla_policy_safety")
        policy.active = True
        complaint = self._complain(nature="safety")
        self._tick("2026-05-01 14:00")
        self.assertEqual(
            {login for login, code, _level in self._told(complaint) if code == "step"},
            {"cf_leader", "cf_middle", "cf_general"},
        )

    def test_a_run_comes_when_something_is_due(self):
        self._make_policy(("first_answer", 1, "minutes"))
        cron = self.env.ref("customer_followup.ir_cron_promise")
        cron.nextcall = "2026-05-01 14:05:00"
        self._complain()
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self.assertIn("2026-05-01 14:00:48", self._texts(triggers.mapped("call_at")))

    def test_complaints_are_noted_also_when_the_scheduled_action_is_gone(self):
        self._make_policy(("first_answer", 1, "minutes"))
        self.env.ref("customer_followup.ir_cron_promise").unlink()
        self.assertTrue(self._promises(self._complain()).date_check)

    def test_what_is_not_due_is_not_looked_at(self):
        self._make_policy(("first_answer", 10, "minutes"))
        self._complain("2026-05-01 14:00")
        later = self._promises(self._complain("2026-05-01 15:00"))
        with freeze_time("2026-05-01 14:30"):
            self.assertEqual(self.env["customer.complaint.promise"]._tick_batch(), 1)
        self.assertEqual((later.state, str(later.date_check)), ("open", "2026-05-01 15:08:00"))

    def test_one_that_fails_is_set_aside_and_holds_up_no_other(self):
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

    def test_a_message_that_fails_holds_up_no_other_person(self):
        self._make_ladder()
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

    def test_a_run_that_dies_half_way_tells_nobody_twice(self):
        self._make_ladder()
        complaint = self._complain()
        # Commits: the beginning, the promises, the messages.
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
