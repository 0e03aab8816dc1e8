from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.contact import customer_followup as sending
from ..common import PHONE
from .test_message_sending import MessageCommon

MAILS = "odoo.addons.mail.models.mail_mail"


@tagged("post_install", "-at_install")
@freeze_time("2026-03-05 10:00")
class TestMessageDelivery(MessageCommon):
    """A contact is done when its message has left; until then the gate may keep it back."""

    def _state(self, contact):
        return contact.state, contact.close_code or None, contact.is_queued

    def test_what_happens_while_a_message_is_queued_keeps_it_back(self):
        cases = {
            "left": (lambda one: one._leave("page"), ("cancelled", "stopped")),
            "refused": (
                lambda one: one.partner_id._note_consent(self.service, "withdrawn", "spoken"),
                ("withheld", "withdrawn"),
            ),
            "blocked": (
                lambda one: one.partner_id._block_contact("Asked"),
                ("withheld", "blocked"),
            ),
            "archived": (
                lambda one: one.partner_id.write({"active": False}),
                ("withheld", "archived"),
            ),
            "blacklisted": (
                lambda one: self.env["mail.blacklist"]._add(one.partner_id.email),
                ("withheld", "blacklisted"),
            ),
            "stopped": (lambda one: one.enrollment_id.action_stop(), ("cancelled", "stopped")),
            "cancelled": (lambda one: one._cancel("Not needed"), ("cancelled", "hand")),
        }
        for name, (change, expected) in cases.items():
            with self.subTest(name):
                person = self._make_customer(name, email=f"{name}@example.com", phone=PHONE)
                contact = self._queued(self._make_sender(self.by_mail), person)
                self.assertEqual(self._state(contact), ("planned", None, True))
                mail = self._mails(contact)
                change(contact)
                self.env.cr.precommit.run()
                self.assertEqual(self._empty_queues(), [])
                self.assertEqual(self._state(contact), (*expected, False))
                self.assertEqual(mail.state, "cancel")
                rows = mail.mail_message_id.notification_ids
                self.assertEqual(rows.mapped("notification_status"), ["canceled"])

    def test_a_night_a_pause_or_a_hold_puts_a_queued_message_off(self):
        contact = self._queued(self._make_sender(self.by_mail))
        with freeze_time("2026-03-05 23:00"):
            self.assertEqual(self._empty_queues(), [])
            self.assertEqual(self._state(contact), ("planned", None, False))
            self.assertEqual(str(contact.date_planned), "2026-03-06 08:00:00")
        with freeze_time("2026-03-06 08:05"):
            self._run_cron("ir_cron_send")
            contact.enrollment_id._pause(note="Asked")
            self.assertEqual(self._empty_queues(), [])
            self.assertEqual(self._state(contact), ("planned", None, False))
            contact.enrollment_id.action_resume()
            self._run_cron("ir_cron_send")
            self.assertEqual(len(self._empty_queues()), 1)
        self.assertEqual(self._state(contact), ("done", None, False))

    def test_an_expired_message_does_not_leave(self):
        contact = self._queued(self._make_sender(self.by_mail, is_expiring=True))
        with freeze_time("2026-03-07 10:00"):
            self.assertEqual(self._empty_queues(), [])
        self.assertEqual(self._state(contact), ("missed", "expired", False))

    def test_a_text_message_takes_the_number_of_when_it_leaves(self):
        contact = self._queued(self._make_sender(self.by_sms))
        self.customer.phone = "+33 6 99 88 77 66"
        text = self._texts(contact)
        self._empty_queues()
        self.assertEqual((text.number, contact.state), ("+33699887766", "done"))
        contact = self._queued(self._make_sender(self.by_sms))
        contact._leave("page")
        text = self._texts(contact)
        self._empty_queues()
        self.assertEqual((text.state, contact.state), ("canceled", "cancelled"))

    def test_a_failure_on_our_side_is_shown_and_can_be_tried_again(self):
        for channel, failure in (
            (self.by_mail, {"smtp_error": OSError("No route")}),
            (self.by_sms, {"sms_state": "insufficient_credit"}),
        ):
            with self.subTest(channel.name):
                person = self._make_customer("P", email="p@example.com", phone=PHONE)
                contact = self._queued(self._make_sender(channel), person)
                with mute_logger(MAILS):
                    self._empty_queues(**failure)
                self.assertEqual(self._state(contact), ("planned", None, False))
                self.assertTrue(contact.error)
                self._run_cron("ir_cron_send")
                self.assertFalse(contact.is_queued)
                contact.action_send_again()
                self._run_cron("ir_cron_send")
                self.assertEqual(self._state(contact), ("planned", None, True))
                self._empty_queues()
                self.assertEqual((contact.state, contact.error), ("done", False))
                self.assertEqual(len(contact.attempt_ids), 1)

    def test_a_number_that_cannot_be_used_is_to_be_corrected(self):
        contact = self._queued(self._make_sender(self.by_sms))
        self._empty_queues(sms_state="wrong_number_format")
        self.assertEqual(self._state(contact), ("missed", "undelivered", False))
        action = self.env["customer.action"].search([("res_id", "=", contact.id)])
        self.assertEqual(action.name, "Correct the number of Li Na")

    def test_a_message_deleted_or_cancelled_in_the_queue_is_shown(self):
        for channel, tables in ((self.by_mail, self._mails), (self.by_sms, self._texts)):
            for verb in ("unlink", "cancel"):
                with self.subTest(f"{channel.name} {verb}"):
                    person = self._make_customer("P", email="p@example.com", phone=PHONE)
                    contact = self._queued(self._make_sender(channel), person)
                    queued = tables(contact)
                    if verb == "cancel" and queued._name == "sms.sms":
                        queued.action_set_canceled()
                    else:
                        getattr(queued, verb)()
                    with mute_logger(sending.__name__):
                        self._run_cron("ir_cron_send")
                    self.assertEqual(self._state(contact), ("planned", None, False))
                    self.assertTrue(contact.error)

    def test_only_the_contacts_own_message_counts_for_it(self):
        """A confirmation that comes back does not turn what the contact was."""
        contact = self._sent(self._make_sender(self.by_mail))
        contact._process_reply("STOP")
        other = contact.message_ids.filtered(lambda one: one.message_type == "auto_comment")
        other.notification_ids.write(
            {"notification_status": "bounce", "failure_type": "mail_bounce"}
        )
        self.assertEqual(contact.state, "done")
        own = contact.own_message_id
        own.notification_ids.write({"notification_status": "bounce", "failure_type": "mail_bounce"})
        self.assertEqual((contact.state, contact.close_code), ("missed", "undelivered"))

    def test_a_confirmation_leaves_though_the_customer_has_left(self):
        contact = self._sent(self._make_sender(self.by_mail))
        contact._process_reply("STOP")
        [confirmation] = self._empty_queues()
        self.assertEqual(confirmation["Subject"], "You are unsubscribed")

    def test_an_invitation_follows_its_message(self):
        survey = self.env.ref("customer_followup.survey_after_delivery")
        plan = self._make_sender(self.survey_channel, survey_id=survey.id)
        contact = self._sent(plan)
        self.assertEqual(contact.invitation_ids.state, "sent")
        rows = contact.own_message_id.notification_ids
        rows.write({"notification_status": "bounce", "failure_type": "mail_bounce"})
        self.assertEqual(
            (contact.state, contact.close_code, contact.invitation_ids.state),
            ("missed", "undelivered", "bounced"),
        )
        other = self._make_customer("Other", email="other@example.com")
        contact = self._queued(plan, other)
        contact._leave("page")
        self._empty_queues()
        self.assertEqual((contact.state, contact.invitation_ids.state), ("cancelled", "withheld"))

    def test_the_same_message_goes_to_one_mailbox_once_a_day(self):
        couple = [
            self._make_customer(name, email="gao@example.com") for name in ("Gao Jun", "Gao Yun")
        ]
        plan = self._make_sender(self.by_mail)
        contacts = self._sent(plan, *couple).sorted("id")
        self._send_due()
        self.assertEqual(sorted(contacts.mapped("state")), ["done", "not_applicable"])
        self.assertEqual(contacts.filtered(lambda one: one.state != "done").close_code, "satisfied")
        personal = self._make_sender(
            self.by_mail, mail_template_id=self._make_mail_template().id, message=False
        )
        contacts = self._sent(personal, *couple)
        self.assertEqual(contacts.mapped("state"), ["done", "done"], "Each is greeted by name.")
        with freeze_time("2026-03-06 10:00"):
            contacts = self._sent(self._make_sender(self.by_mail), couple[1])
            self.assertEqual(contacts.state, "done")

    def test_a_script_for_agents_is_never_sent(self):
        """Where only a message reaches the customer, it has words of its own."""
        script = "<p>If they complain: offer no discount.</p>"
        step = {
            "name": "2-3 days: how is the wound?",
            "offset_count": 0,
            "text": script,
            "channel_id": self.phone.id,
            "alternative_ids": [Command.set((self.by_mail | self.by_sms).ids)],
        }
        plan = self._make_plan("Calls", [], step_ids=[Command.create(step)])
        no_phone = self._make_customer("No phone", email="no@example.com")
        contact = self._queued(plan, no_phone)
        self.assertEqual(contact.channel_id, self.by_mail)
        company = self.company.name
        self.assertEqual(
            (self._mails(contact).subject, str(contact.own_message_id.body)),
            (
                f"A message from {company}",
                f"<p>{company} would like to talk to you. When does it suit you? Answer this"
                " message, or call us.</p>",
            ),
        )
        plan.step_ids.write({"subject": "Your visit", "message": "<p>How are you?</p>"})
        contact = self._queued(plan, self._make_customer("Other", email="other@example.com"))
        self.assertEqual(
            (self._mails(contact).subject, str(contact.own_message_id.body)),
            ("Your visit", "<p>How are you?</p>"),
        )

    def test_a_call_turned_into_a_message_does_not_send_its_script(self):
        plan = self._make_cadence({"name": "Call", "text": "<p>Offer no discount.</p>"})
        contact = plan._enroll(self.customer)
        contact._plan_safely()
        contact = contact.followup_ids
        contact.channel_id = self.by_mail
        contact._send_if_free()
        self.assertNotIn("discount", contact.own_message_id.body)

    def test_a_message_by_hand_asks_the_gate(self):
        contact = self._make_followup()
        post = {"body": "Hello", "partner_ids": self.customer.ids, "message_type": "comment"}
        self._show_details(self.agent)
        for user in (self.agent, self.manager):
            contact.with_user(user).message_post(
                body="Dear colleague",
                partner_ids=self.leader.partner_id.ids,
                message_type="comment",
            )
        contact.with_user(self.manager).message_post(**post)
        self.customer._note_consent(self.service, "withdrawn", "spoken")
        for user in (self.agent, self.manager):
            with self.subTest(user.login), self.assertRaises(UserError) as caught:
                contact.with_user(user).message_post(**post)
            self.assertEqual(
                str(caught.exception),
                f"{contact.display_name}: do not contact. The customer has refused it.",
            )
            with self.subTest(user.login), self.assertRaises(UserError):
                contact.with_user(user)._message_sms("Hello", partner_ids=self.customer.ids)
            with self.subTest(user.login), self.assertRaises(UserError):
                contact.with_user(user)._message_sms("Hello", sms_numbers=[PHONE])
        contact.with_user(self.manager).message_post(
            body="Dear colleague", partner_ids=self.leader.partner_id.ids, message_type="comment"
        )

    def test_an_agent_writes_to_the_customer(self):
        contact = self._make_followup().with_user(self.agent)
        action = contact.action_write()
        self.assertEqual(
            action["context"]["default_subject"], f"A message from {self.company.name}"
        )
        letter = (
            self.env["customer.followup.letter"]
            .with_user(self.agent)
            .with_context(**action["context"], mail_notify_force_send=False)
            .create({"text": "Good day\nWhen do you come?"})
        )
        self.assertEqual(letter.customer, self.customer.name)
        letter.action_send()
        letter.action_send()
        [mail] = self._mails(contact)
        self.assertEqual(mail.recipient_ids, self.customer)
        message = mail.mail_message_id
        self.assertEqual(
            (message.author_id, message.message_type, message.subject, str(message.body)),
            (
                self.agent.partner_id,
                "comment",
                f"A message from {self.company.name}",
                "<p>Good day<br>When do you come?</p>",
            ),
        )
        self.assertEqual(len(self._empty_queues()), 1)
        self.customer._note_consent(self.service, "withdrawn", "spoken")
        with self.assertRaisesRegex(UserError, "The customer has refused it"):
            contact.action_write()
        vals = {"followup_id": contact.id, "subject": "Hello", "text": "Hello"}
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            self.env["customer.followup.letter"].with_user(self.colleague).create(vals)

    def test_each_receiver_of_a_message_by_hand_is_asked_about_in_the_queue(self):
        """What a colleague gets, and what another customer gets, does not depend on this one."""
        other = self._make_customer("Other", email="other@example.com", phone=PHONE)
        contact = self._make_followup().with_context(mail_notify_force_send=False)
        people = (self.customer | other | self.leader.partner_id).ids
        self.leader.notification_type = "email"
        contact.message_post(body="Hello", partner_ids=people, message_type="comment")
        self.customer._note_consent(self.service, "withdrawn", "spoken")
        left = self._empty_queues()
        self.assertEqual([one["To"] for one in left], [self.leader.partner_id.email_formatted])
        contact.message_post(
            body="Hello", partner_ids=(other | self.leader.partner_id).ids, message_type="comment"
        )
        self.assertEqual(len(self._empty_queues()), 2)

    def test_a_message_by_hand_waits_for_the_morning(self):
        contact = self._make_followup().with_context(mail_notify_force_send=False)
        contact.message_post(body="Hello", partner_ids=self.customer.ids, message_type="comment")
        [mail] = self._mails(contact)
        with freeze_time("2026-03-05 23:30"):
            self.assertEqual(self._empty_queues(), [])
        self.assertEqual(
            (mail.state, str(mail.scheduled_date)), ("outgoing", "2026-03-06 08:00:00")
        )
        with freeze_time("2026-03-06 08:05"):
            self.assertEqual(len(self._empty_queues()), 1)

    def test_no_template_or_composer_goes_round_the_gate(self):
        contact = self._make_followup()
        self.customer._block_contact("Asked")
        template = self._make_mail_template(partner_to=str(self.customer.id))
        template.with_user(self.manager).send_mail(contact.id)
        self.env["mail.compose.message"].with_user(self.manager).create(
            {
                "model": contact._name,
                "res_ids": str(contact.ids),
                "composition_mode": "mass_mail",
                "body": "<p>Hello</p>",
                "subject": "Hello",
                "partner_ids": [Command.set(self.customer.ids)],
                "auto_delete": True,
                "auto_delete_keep_log": False,
            }
        )._action_send_mail()
        self.assertEqual(self._empty_queues(), [])

    def test_an_action_about_a_contact_asks_the_gate_too(self):
        contact = self._make_followup()
        action = self.env["customer.action"].create(
            {
                "name": "Answer",
                "user_id": self.agent.id,
                "res_model": contact._name,
                "res_id": contact.id,
            }
        )
        post = {"body": "Hello", "partner_ids": self.customer.ids, "message_type": "comment"}
        self._show_details(self.agent)
        action.with_user(self.agent).message_post(**post)
        self.customer._block_contact("Asked")
        with self.assertRaisesRegex(UserError, "do not contact"):
            action.with_user(self.agent).message_post(**post)
        with self.assertRaisesRegex(UserError, "do not contact"):
            contact.with_user(self.agent).message_post(
                body="Hello", message_type="notification", sms_numbers=[PHONE]
            )

    def test_a_failed_message_is_not_sent_twice(self):
        contact = self._queued(self._make_sender(self.by_mail))
        mail = self._mails(contact)
        with mute_logger(MAILS):
            self._empty_queues(smtp_error=OSError("No route"))
        mail.mark_outgoing()
        self.assertEqual(self._empty_queues(), [])
        contact.action_send_again()
        self._run_cron("ir_cron_send")
        self.assertEqual(len(self._empty_queues()), 1)

    def test_the_second_message_to_a_mailbox_waits_for_the_first(self):
        couple = [self._make_customer(name, email="gao@example.com") for name in ("Jun", "Yun")]
        contacts = self._queued(self._make_sender(self.by_mail), *couple).sorted("id")
        first = contacts.filtered("is_queued")
        first.partner_id._block_contact("Asked", needs=())
        first.partner_id._note_consent(self.service, "withdrawn", "spoken")
        self._empty_queues()
        self._send_due()
        self.assertEqual((contacts - first).state, "done")

    def test_messages_of_masked_agents_hold_up_no_queue(self):
        contact = self._make_followup().with_context(mail_notify_force_send=False)
        self.colleague.notification_type = "email"
        mine = contact.with_user(self.agent)
        mine.message_post(
            body="Hello", partner_ids=self.colleague.partner_id.ids, message_type="comment"
        )
        mine._write_to_customer("Hello", self.env["ir.attachment"], "Hello")
        with mute_logger(MAILS):
            self._empty_queues(smtp_error=OSError("No route"))
        contact.with_user(self.agent)._message_sms(
            "Hello", partner_ids=self.colleague.partner_id.ids, put_in_queue=True
        )
        self._empty_queues()

    def test_what_the_system_notes_reaches_no_customer_who_follows(self):
        contact = self._make_followup()
        contact.message_subscribe(self.customer.ids)
        note = contact.message_post(body="Moved", subtype_xmlid="mail.mt_comment")
        self.assertFalse(note.notification_ids.res_partner_id & self.customer)
