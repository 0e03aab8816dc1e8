from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..common import LEADER
from .test_promise_tick import TickCommon

REPORT = """From: MAILER-DAEMON@mx.example.com
To: bounce@example.com
Message-Id: <{number}@mx.example.com>
Content-Type: multipart/report; report-type={kind}; boundary="b"

--b
Content-Type: message/{kind}

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; {email}
{fields}
--b
Content-Type: text/rfc822-headers

Message-Id: {parent}
--b--
"""


@tagged("post_install", "-at_install")
class TestPromiseNotices(TickCommon):
    """Recipients of notices, safety cases and failed e-mails."""

    def _subjects(self, user):
        messages = self._messages(user).filtered(lambda one: "/odoo/complaints/" in one.body)
        return messages.sorted("id").mapped("subject")

    def test_a_case_that_becomes_a_safety_case_is_notified_immediately_and_once(self):
        complaint = self._complain("2026-05-01 13:00")
        self._tick("2026-05-01 13:01")
        self.assertFalse(self._notified(complaint))
        with freeze_time("2026-05-01 14:00"):
            complaint.nature = "safety"
        self._tick("2026-05-01 14:00")
        everybody = {"cf_agent", "cf_leader", "cf_middle", "cf_general"}
        notified = self._notified(complaint)
        self.assertEqual({login for login, _code, _level in notified}, everybody)
        self.assertEqual({code for _login, code, _level in notified}, {"safety"})
        for user in (self.agent, self.leader, self.middle, self.general):
            [subject] = self._subjects(user)
            self.assertEqual(subject, f"Safety case: {complaint.name}")
            self.assertIn("Safety case", self._messages(user, complaint.name).body)
        with freeze_time("2026-05-01 14:01"):
            complaint.nature = "ordinary"
            complaint.nature = "safety"
        self._tick("2026-05-01 14:02")
        self.assertEqual(self._notified(complaint), notified)
        self.assertEqual(len(self._subjects(self.leader)), 1)

    def test_waiting_notices_of_a_new_safety_case_are_sent_immediately(self):
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

    def test_safety_notices_are_sent_first(self):
        self._make_policy(("first_answer", 10, "minutes"))
        ordinary = self._complain()
        self._tick("2026-05-01 14:09")
        other = self._complain("2026-05-01 14:10", self.colleague)
        safety = self._complain("2026-05-01 14:10", nature="safety")
        with (
            freeze_time("2026-05-01 15:30"),
            patch(
                "odoo.addons.customer_followup.models.sla.customer_complaint_notice_sending.BATCH",
                4,
            ),
        ):
            self.env["customer.complaint.promise"]._tick_batch()
            self.env["customer.complaint.notice"]._send_batch()
        self.assertEqual(len(self._messages(self.agent, safety.name)), 1)
        self.assertFalse(self._messages(self.colleague, other.name))
        self.assertEqual(len(self._messages(self.agent, ordinary.name)), 1)

    def test_another_policy_restarts_the_escalation(self):
        self._make_escalation()
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
        self.assertIn(("cf_general", "step", 1), self._notified(complaint))

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

    def test_an_absent_leader_is_represented(self):
        self._make_escalation()
        self._away(self.leader)
        complaint = self._complain()
        self._tick("2026-05-01 14:20")
        step = {login for login, code, _level in self._notified(complaint) if code == "step"}
        self.assertEqual(step, {"cf_leader", "cf_middle"})

    def test_the_stand_in_of_a_leader_is_notified_too(self):
        self._make_escalation()
        self._away(self.leader, self.manager)
        self._away(self.middle)
        complaint = self._complain()
        self._tick("2026-05-01 14:20")
        step = {login for login, code, _level in self._notified(complaint) if code == "step"}
        self.assertEqual(step, {"cf_leader", "cf_manager"})
        self._tick("2026-05-01 15:10")
        self.assertIn(("cf_general", "step", 2), self._notified(complaint))

    def test_complaints_about_employees_skip_the_levels_between(self):
        self._make_escalation()
        attitude = self.env["customer.complaint.category"].create(
            {"name": "Manners", "register": "attitude"}
        )
        complaint = self._complain(category_id=attitude.id).sudo()
        self.assertEqual(complaint.decision_maker_id, self.general)
        self._tick("2026-05-01 23:00")
        notified = {login for login, code, _level in self._notified(complaint) if code == "step"}
        self.assertEqual(notified, {"cf_general"})
        [activity] = complaint.activity_ids
        slip = f"/report/pdf/customer_followup.customer_complaint_slip/{complaint.id}"
        self.assertIn(slip, activity.note)

    def test_only_compliance_is_notified_of_a_violation(self):
        officer = new_test_user(self.env, "cf_officer", groups=LEADER)
        with self.assertRaises(ValidationError):
            self.company.customer_compliance_id = self.agent
        self.company.customer_compliance_id = officer
        self._make_escalation()
        complaint = self._complain(kind="violation").sudo()
        self.assertEqual(complaint.activity_ids.user_id, officer)
        self.assertTrue(complaint.with_user(officer).has_access("write"))
        self._tick("2026-05-01 23:00")
        notified = {login for login, code, _level in self._notified(complaint) if code == "step"}
        self.assertEqual(notified, {"cf_officer"})
        complaint._notify_leaders("Rejected again")
        self.assertEqual(complaint.activity_ids.user_id, officer)

    def test_compliance_may_be_a_level_of_any_policy(self):
        officer = new_test_user(self.env, "cf_officer", groups=LEADER)
        self.company.customer_compliance_id = officer
        steps = [Command.create({"audience": "compliance"})]
        self._make_policy(("first_answer", 10, "minutes"), escalation_ids=steps)
        complaint = self._complain()
        self._tick("2026-05-01 14:11")
        self.assertIn(("cf_officer", "step", 1), self._notified(complaint))

    def test_a_report_on_a_notice_is_read_before_it_counts(self):
        self._make_policy(("first_answer", 10, "minutes"))
        complaint = self._complain()
        self._tick("2026-05-01 14:11")
        [notice] = self.env["customer.complaint.notice"].search(
            [("complaint_id", "=", complaint.id)]
        )
        for number, (kind, fields, state) in enumerate(
            (
                ("disposition-notification", "Disposition: manual-action/sent; displayed", "sent"),
                ("delivery-status", "Action: delayed\nStatus: 4.4.1", "sent"),
                ("delivery-status", "Action: failed\nStatus: 5.1.1", "stuck"),
            )
        ):
            with self.subTest(kind=kind, fields=fields):
                report = REPORT.format(
                    number=number,
                    kind=kind,
                    fields=fields,
                    email=notice.user_id.email_normalized,
                    parent=notice.mail_message_id.message_id,
                )
                with mute_logger("odoo.addons.mail.models.mail_thread"):
                    self.env["mail.thread"].message_process(None, report)
                self.assertEqual(notice.state, state)

    def test_a_notice_is_not_sent_if_its_mail_fails(self):
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
        # Odoo first records a failure and removes it when the e-mail is sent.
        self.assertEqual((notice.state, notice.error), ("sent", False))
