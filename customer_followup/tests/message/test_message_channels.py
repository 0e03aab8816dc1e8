from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .test_message_sending import MessageCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-05 10:00")
class TestMessageChannels(MessageCommon):
    """Screens accept only what can be sent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.survey = cls.env.ref("customer_followup.survey_after_delivery")

    def test_only_what_can_send_is_automatic(self):
        for kind in ("phone", "visit", "other"):
            with self.subTest(kind), self.assertRaisesRegex(ValidationError, "by this kind"):
                self.env["customer.channel"].create(
                    {"name": "X", "kind": kind, "is_automatic": True}
                )
        for channel in (self.by_mail, self.by_sms, self.survey_channel):
            self.assertTrue(channel.is_automatic)
            with self.subTest(channel.name), self.assertRaises(ValidationError):
                channel.kind = "visit"

    def test_by_hand_no_contact_is_made_by_a_channel_that_plans_use(self):
        vals = {
            "name": "By hand",
            "partner_id": self.customer.id,
            "purpose_id": self.service.id,
            "team_id": self.team.id,
        }
        contacts = self.env["customer.followup"].with_user(self.agent)
        for channel in (self.by_mail, self.by_sms, self.survey_channel):
            with self.subTest(channel.name):
                with self.assertRaises(UserError) as caught:
                    contacts.create({**vals, "channel_id": channel.id})
                self.assertEqual(
                    str(caught.exception),
                    f"By hand: only plans send messages by the channel {channel.name}. Choose"
                    " another channel.",
                )
                call = contacts.create({**vals, "channel_id": self.phone.id})
                with self.assertRaises(UserError):
                    call.channel_id = channel

    def test_a_survey_needs_a_survey_wherever_it_may_be_sent(self):
        plan = self._make_cadence({"name": "Call"})
        alternative = {"alternative_ids": [Command.set(self.survey_channel.ids)]}
        with self.assertRaisesRegex(ValidationError, "Call: choose the survey to send"):
            plan.step_ids.write(alternative)
        plan.step_ids.write({**alternative, "survey_id": self.survey.id})

    def test_a_plan_does_not_run_with_a_survey_that_asks_nothing(self):
        empty = self.env["survey.survey"].create({"title": "Nothing", "access_mode": "token"})
        for survey in (empty, self.survey):
            self.survey.active = survey != self.survey
            with self.subTest(survey.title), self.assertRaises(UserError) as caught:
                self._make_sender(self.survey_channel, survey_id=survey.id)
            self.assertEqual(
                str(caught.exception),
                f"The survey {survey.title} cannot be sent: it is archived or has no question.",
            )

    def test_what_the_addon_needs_cannot_be_deleted(self):
        for name in (
            "ir_cron_plan",
            "ir_cron_send",
            "mail_template_complaint_received",
            "mail_template_invitation",
            "customer_followup_outcome_sent",
            "customer_followup_outcome_bounced",
            "customer_channel_survey",
            "customer_purpose_survey",
        ):
            record = self.env.ref(f"customer_followup.{name}")
            with self.subTest(name), self.assertRaises(UserError) as caught:
                record.with_user(self.admin).sudo().unlink()
            self.assertEqual(
                str(caught.exception),
                f"“{record.display_name}” is needed by Customer Follow-up and cannot be deleted."
                " Change it instead.",
            )
        self.env["mail.template"].create({"name": "Mine"}).unlink()

    def test_of_several_with_a_tag_one_who_can_be_reached_is_contacted(self):
        tag = self.env["res.partner.category"].create({"name": "Fleet manager"})
        firm = self.env["res.partner"].create({"name": "Firm", "is_company": True})
        bob, anna = (
            self._make_customer(name, parent_id=firm.id, category_id=tag.ids, phone=phone)
            for name, phone in (("Bob", "+33612345602"), ("Anna", False))
        )
        step = {"name": "Call", "offset_count": 0, "channel_id": self.phone.id}
        plan = self._make_plan(
            "Fleet", [], step_ids=[Command.create({**step, "role_ids": tag.ids})]
        )
        contact = plan._enroll(firm)
        contact._plan_safely()
        contact = contact.followup_ids
        self.assertEqual((contact.partner_id, contact.state), (bob, "planned"))
        bob._block_contact("Asked")
        contact = plan.copy({"name": "Again"})
        contact.action_run()
        contact = contact._enroll(firm)
        contact._plan_safely()
        contact = contact.followup_ids
        self.assertEqual((contact.partner_id, contact.close_code), (anna, "no_phone"))
