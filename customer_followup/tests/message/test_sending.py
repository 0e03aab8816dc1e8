from ast import literal_eval
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.fields import Domain
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.contact import customer_followup as sending
from ..common import EMAIL, PHONE, FollowupCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-05 10:00")
class TestSending(FollowupCommon):
    """Messages and surveys are sent once each, or show why not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.survey = cls.env.ref("customer_followup.survey_after_delivery")
        cls.mail_channel = cls.env.ref("customer_followup.customer_channel_email")
        cls.by_survey = cls._make_mailing(cls.survey_channel, survey_id=cls.survey.id)
        cls.by_mail = cls._make_mailing(cls.mail_channel, message="<p>How is the car?</p>")

    @classmethod
    def _make_mailing(cls, channel, **vals):
        step = {"name": "How are you?", "offset_count": 0, "channel_id": channel.id, **vals}
        return cls._make_plan(channel.name, [], step_ids=[Command.create(step)])

    def _due(self, plan, *partners):
        enrollments = plan._enroll(self.env["res.partner"].union(*(partners or [self.customer])))
        self._run_cron("ir_cron_plan")
        return enrollments.followup_ids

    def _mails(self, partner=None):
        return self.env["mail.mail"].search(
            [("recipient_ids", "in", (partner or self.customer).ids)]
        )

    def test_a_survey_is_sent_once(self):
        contact = self._due(self.by_survey)
        for _turn in range(2):
            self._run_cron("ir_cron_send")
            self.assertEqual((contact.is_queued, contact.invitation_ids.state), (True, "planned"))
            self.assertEqual(len(self._mails()), 1)
        self.assertIn(contact.invitation_ids._url(), self._mails().body_html)
        self.assertEqual([len(self._empty_queues()) for _turn in range(2)], [1, 0])
        self.assertEqual((contact.state, contact.outcome_id), ("done", self._ending("sent")))
        self.assertEqual(contact.invitation_ids.state, "sent")
        self.assertEqual(contact.enrollment_id.state, "done")

    def test_a_mail_is_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.by_mail.step_ids.subject = "How are you?"
        self.by_mail.step_ids.with_context(lang="fr_FR").subject = "Comment allez-vous ?"
        self.customer.lang = "fr_FR"
        self._due(self.by_mail)
        self._run_cron("ir_cron_send")
        mail = self._mails()
        self.assertEqual(mail.subject, "Comment allez-vous ?")

    def test_hours_postpone_and_blocks_withhold(self):
        late = self._make_customer("Late", email="late@example.com", customer_tz="Asia/Tokyo")
        never = self._make_customer("Never", email="never@example.com")
        contacts = self._due(self.by_mail, late, never)
        never._block_contact("The customer asked")
        with freeze_time("2026-03-05 13:00"):
            contacts.date_planned = "2026-03-05 13:00:00"
            self._send_due()
        first, second = contacts
        self.assertEqual(first.state, "planned")
        self.assertEqual(str(first.date_planned), "2026-03-05 23:00:00")
        self.assertEqual((second.state, second.close_code), ("withheld", "blocked"))
        self.assertEqual(second.enrollment_id.state, "done")
        self.assertFalse(self._mails(late) | self._mails(never))

    def test_one_that_cannot_be_sent_holds_up_no_other(self):
        people = [
            self._make_customer(f"P{n}", email=f"p{n}@example.com", phone=PHONE) for n in range(3)
        ]
        contacts = self._due(self.by_survey, *people)
        poison = contacts[1]
        send = type(contacts)._send_survey

        def refuse(contact):
            if contact == poison:
                raise ValueError(f"The mailbox of {EMAIL} is full")
            return send(contact)

        with (
            patch.object(type(contacts), "_send_survey", refuse),
            mute_logger(sending.__name__),
        ):
            self._send_due()
        self.assertEqual(
            (poison.state, poison.error), ("planned", "The mailbox of l***@example.com is full")
        )
        self.assertFalse(poison.invitation_ids)
        self.assertEqual((contacts - poison).mapped("state"), ["done", "done"])
        self._send_due()
        self.assertEqual(poison.state, "planned")
        poison.action_send_again()
        self._send_due()
        self.assertEqual((poison.state, poison.error), ("done", False))

    def test_a_crash_half_way_sends_nothing_twice(self):
        people = [self._make_customer(f"P{n}", email=f"p{n}@example.com") for n in range(3)]
        contacts = self._due(self.by_survey, *people)
        with self._dying_before_commit(3):
            self._run_cron("ir_cron_send")
        self._run_cron("ir_cron_send")
        for partner in people:
            self.assertEqual(len(self._mails(partner)), 1)
        self._empty_queues()
        self.assertEqual(contacts.mapped("state"), ["done"] * 3)

    def test_what_did_not_arrive_stays_on_the_desk_of_its_agent(self):
        people = [self._make_customer(f"P{n}", email=f"p{n}@example.com") for n in range(2)]
        returned, fine = self._due(self.by_mail, *people)
        (returned | fine).user_id = self.agent
        self._run_cron("ir_cron_send")
        self._empty_queues()
        returned.own_message_id.notification_ids.write(
            {"notification_status": "bounce", "failure_type": "mail_bounce"}
        )
        self.assertEqual(fine.state, "done")
        unsent = self._due(self.by_survey)
        unsent.user_id = self.agent
        unsent.error = "The server is down"
        action = self.env.ref("customer_followup.customer_followup_action_desk")
        desk = Domain(literal_eval(action.domain.replace("\n", "")))
        desk &= Domain("user_id", "=", self.agent.id)
        contacts = self.env["customer.followup"].with_user(self.agent)

        def shown():
            self.env.flush_all()
            self.env.invalidate_all()
            found = contacts.search(desk)
            groups = dict(contacts._read_group(desk, ["bucket"], ["id:recordset"]))
            self.assertEqual(groups, dict(found.grouped("bucket")))
            for bucket, some in groups.items():
                self.assertEqual(contacts.search(desk & Domain("bucket", "=", bucket)), some)
            return {one.id: (one.bucket, one.is_failed, one.failure) for one in found}

        self.assertEqual(
            shown(),
            {
                returned.id: ("today", True, "It could not be delivered"),
                unsent.id: ("today", True, "The server is down"),
            },
        )
        with freeze_time("2026-03-06 10:00"):
            self.assertEqual({one[0] for one in shown().values()}, {"overdue"})
        unsent.action_send_again()
        returned.with_user(self.agent)._correct({"email": "right@example.com"})
        self.assertEqual((returned.state, shown()), ("missed", {}))

    def test_agents_cannot_send_what_is_not_theirs(self):
        contact = self._make_followup(channel_id=self.mail_channel.id)
        contact.error = "Full"
        contact.with_user(self.agent).action_send_again()
        self.assertFalse(contact.error)
