from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..common import LEADER
from .test_promise_tick import TickCommon


@tagged("post_install", "-at_install")
class TestPromiseTold(TickCommon):
    """Who is told of what in his place, of safety at once, and what becomes of the mail."""

    def _subjects(self, user):
        messages = self._messages(user).filtered(lambda one: "/odoo/complaints/" in one.body)
        return messages.sorted("id").mapped("subject")

    def test_a_running_case_that_becomes_one_of_safety_is_told_at_once_and_once(self):
        complaint = self._complain("2026-05-01 13:00")
        self._tick("2026-05-01 13:01")
        self.assertFalse(self._told(complaint))
        with freeze_time("2026-05-01 14:00"):
            complaint.nature = "safety"
        self._tick("2026-05-01 14:00")
        everybody = {"cf_agent", "cf_leader", "cf_middle", "cf_general"}
        told = self._told(complaint)
        self.assertEqual({login for login, _code, _level in told}, everybody)
        self.assertEqual({code for _login, code, _level in told}, {"safety"})
        for user in (self.agent, self.leader, self.middle, self.general):
            [subject] = self._subjects(user)
            self.assertEqual(subject, f"Safety case: {complaint.name}")
            self.assertIn("Safety case", self._messages(user, complaint.name).body)
        with freeze_time("2026-05-01 14:01"):
            complaint.nature = "ordinary"
            complaint.nature = "safety"
        self._tick("2026-05-01 14:02")
        self.assertEqual(self._told(complaint), told)
        self.assertEqual(len(self._subjects(self.leader)), 1)

    def test_what_waits_for_the_morning_waits_no_longer_when_it_is_of_safety(self):
        self._make_policy(("first_answer", 10, "minutes"))
        calendar = self.company.resource_calendar_id
        calendar.attendance_ids.filtered(lambda one: one.dayofweek == "4").unlink()
        complaint = self._complain("2026-05-01 20:00")
        self._tick("2026-05-01 20:11")
        self.assertFalse(self._subjects(self.agent))
        with freeze_time("2026-05-01 20:12"):
            complaint.nature = "safety"
        self._tick("2026-05-01 20:12")
        self.assertEqual(self._subjects(self.agent), [f"Safety case: {complaint.name}"])
        notices = self.env["customer.complaint.notice"].search(
            [("complaint_id", "=", complaint.id), ("user_id", "=", self.agent.id)]
        )
        self.assertEqual(notices.mapped("state"), ["sent", "sent"])

    def test_safety_is_told_before_all_else(self):
        self._make_policy(("first_answer", 10, "minutes"))
        ordinary = self._complain()
        self._tick("2026-05-01 14:09")
        calm = self._complain("2026-05-01 14:10", self.colleague)
        safety = self._complain("2026-05-01 14:10", nature="safety")
        with (
            freeze_time("2026-05-01 15:30"),
            patch(
                "odoo.addons.customer_followup.models.complaint"
                ".customer_complaint_notice_sending.BATCH",
                4,
            ),
        ):
            self.env["customer.complaint.promise"]._tick_batch()
            self.env["customer.complaint.notice"]._send_batch()
        self.assertEqual(len(self._messages(self.agent, safety.name)), 1)
        self.assertFalse(self._messages(self.colleague, calm.name))
        self.assertEqual(len(self._messages(self.agent, ordinary.name)), 1)

    def test_another_policy_has_its_own_ladder(self):
        self._make_ladder()
        steps = [Command.create({"moment": "received", "audience": "manager"})]
        self._make_policy(("first_answer", 8, "hours"), nature="safety", escalation_ids=steps)
        self.env["customer.sla.policy"].search([("nature", "=", False)]).escalation_ids.write(
            {"moment": "received"}
        )
        complaint = self._complain(nature="serious")
        promise = self._promises(complaint)
        promise.level = 3
        with freeze_time("2026-05-01 14:05"):
            complaint.nature = "safety"
        self.assertEqual(promise.level, 0)
        self._tick("2026-05-01 14:05")
        self.assertEqual(promise.level, 1)
        self.assertIn(("cf_general", "step", 1), self._told(complaint))

    def _away(self, user, stand_in=None):
        with freeze_time("2026-05-01 08:00"):
            self.env["customer.absence"].create(
                {
                    "user_id": user.id,
                    "stand_in_id": stand_in and stand_in.id,
                    "date_from": "2026-05-01",
                    "date_to": "2026-05-02",
                }
            )

    def test_for_a_leader_who_is_away_somebody_acts(self):
        self._make_ladder()
        self._away(self.leader)
        complaint = self._complain()
        self._tick("2026-05-01 14:20")
        step = {login for login, code, _level in self._told(complaint) if code == "step"}
        self.assertEqual(step, {"cf_leader", "cf_middle"})

    def test_whoever_stands_in_for_a_leader_is_told_too(self):
        self._make_ladder()
        self._away(self.leader, self.manager)
        self._away(self.middle)
        complaint = self._complain()
        self._tick("2026-05-01 14:20")
        step = {login for login, code, _level in self._told(complaint) if code == "step"}
        self.assertEqual(step, {"cf_leader", "cf_manager"})
        self._tick("2026-05-01 15:10")
        self.assertIn(("cf_general", "step", 2), self._told(complaint))

    def test_of_a_complaint_about_employees_no_level_between_is_told(self):
        self._make_ladder()
        attitude = self.env["customer.complaint.category"].create(
            {"name": "Manners", "register": "attitude"}
        )
        complaint = self._complain(category_id=attitude.id).sudo()
        self.assertEqual(complaint.decision_maker_id, self.general)
        self._tick("2026-05-01 23:00")
        told = {login for login, code, _level in self._told(complaint) if code == "step"}
        self.assertEqual(told, {"cf_general"})
        [activity] = complaint.activity_ids
        slip = f"/report/pdf/customer_followup.customer_complaint_slip/{complaint.id}"
        self.assertIn(slip, activity.note)

    def test_of_a_breach_of_rules_compliance_is_told_and_nobody_else(self):
        officer = new_test_user(self.env, "cf_officer", groups=LEADER)
        with self.assertRaises(ValidationError):
            self.company.customer_compliance_id = self.agent
        self.company.customer_compliance_id = officer
        self._make_ladder()
        complaint = self._complain(kind="violation").sudo()
        self.assertEqual(complaint.activity_ids.user_id, officer)
        self.assertTrue(complaint.with_user(officer).has_access("write"))
        self._tick("2026-05-01 23:00")
        told = {login for login, code, _level in self._told(complaint) if code == "step"}
        self.assertEqual(told, {"cf_officer"})
        complaint._notify_leaders("Rejected again")
        self.assertEqual(complaint.activity_ids.user_id, officer)

    def test_compliance_is_a_step_of_any_ladder(self):
        officer = new_test_user(self.env, "cf_officer", groups=LEADER)
        self.company.customer_compliance_id = officer
        steps = [Command.create({"audience": "compliance"})]
        self._make_policy(("first_answer", 10, "minutes"), escalation_ids=steps)
        complaint = self._complain()
        self._tick("2026-05-01 14:11")
        self.assertIn(("cf_officer", "step", 1), self._told(complaint))

    def test_a_mail_that_fails_is_no_notice_sent(self):
        self._make_policy(("first_answer", 10, "minutes"))
        complaint = self._complain()
        self._tick("2026-05-01 14:11")
        [notice] = self.env["customer.complaint.notice"].search(
            [("complaint_id", "=", complaint.id)]
        )
        self.assertEqual(notice.state, "sent")
        mail = self.env["mail.mail"].search([("mail_message_id", "=", notice.mail_message_id.id)])
        no_route = OSError("No route to host")
        with self._serving(side_effect=no_route), mute_logger("odoo.addons.mail.models.mail_mail"):
            mail.send()
        self.assertEqual(notice.state, "stuck")
        self.assertIn("No route to host", notice.error)
        with freeze_time("2026-05-01 14:30"):
            notice.with_user(self.admin).action_retry()
        self.assertEqual((notice.state, notice.error), ("waiting", False))
        self._tick("2026-05-01 14:31")
        self.assertEqual(notice.state, "sent")
        again = self.env["mail.mail"].search([("mail_message_id", "=", notice.mail_message_id.id)])
        self.assertNotEqual(again, mail)
        with self._serving(return_value="<1@example.com>"):
            again.send()
        # Odoo notes a failure first and takes it back when the mail is out.
        self.assertEqual((notice.state, notice.error), ("sent", False))
