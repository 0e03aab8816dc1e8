from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.contact import customer_followup as sending
from ..common import EMAIL, PHONE, FollowupCommon


class MessageCommon(FollowupCommon):
    """Plans that send one message."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.by_mail = cls.env.ref("customer_followup.customer_channel_email")
        cls.by_sms = cls.env.ref("customer_followup.customer_channel_sms")
        cls.company.email = "garage@example.com"

    @classmethod
    def _make_sender(cls, channel, **vals):
        values = {"name": "How are you?", "offset_count": 0, "message": "<p>How is the car?</p>"}
        step = {**values, "channel_id": channel.id, **vals}
        return cls._make_plan(channel.name, [], step_ids=[Command.create(step)])

    @classmethod
    def _make_mail_template(cls, **vals):
        model = cls.env["ir.model"]._get("customer.followup")
        values = {
            "name": "Greeting",
            "model_id": model.id,
            "subject": "For {{ object.partner_id.name }}",
            "body_html": '<p>Good day, <t t-out="object.partner_id.name" />.</p>',
        }
        return cls.env["mail.template"].create({**values, **vals})

    def _queued(self, plan, *people):
        """Enroll people, queue what is due, and return their contacts."""
        people = self.env["res.partner"].union(*(people or [self.customer]))
        enrollments = plan._enroll(people)
        self._run_cron("ir_cron_plan")
        self._run_cron("ir_cron_send")
        return enrollments.followup_ids

    def _sent(self, plan, *people):
        """Enroll people, send what is due, and return their contacts."""
        contacts = self._queued(plan, *people)
        self._empty_queues()
        return contacts

    def _mails(self, contacts):
        domain = [("model", "=", contacts._name), ("res_id", "in", contacts.ids)]
        return self.env["mail.mail"].search(domain)

    def _texts(self, contacts):
        return self.env["sms.sms"].search(
            [
                ("mail_message_id.model", "=", contacts._name),
                ("mail_message_id.res_id", "in", contacts.ids),
            ]
        )


@tagged("post_install", "-at_install")
@freeze_time("2026-03-05 10:00")
class TestMessageSending(MessageCommon):
    """E-mails and text messages: content, unsubscribe link, and masking."""

    def test_a_template_is_filled_in_for_the_customer(self):
        contact = self._queued(
            self._make_sender(self.by_mail, mail_template_id=self._make_mail_template().id)
        )
        mail = self._mails(contact)
        self.assertEqual((contact.state, contact.is_queued), ("planned", True))
        self.assertEqual(mail.subject, "For Li Na")
        self.assertIn("Good day, Li Na.", mail.body_html)
        self.assertIn("garage@example.com", mail.email_from)
        self.assertEqual(mail.recipient_ids, self.customer)
        self.assertNotIn("How are you?", mail.body_html, "The occasion is our own matter.")

    def test_a_message_is_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        template = self._make_mail_template()
        template.with_context(lang="fr_FR").body_html = "<p>Bonjour</p>"
        template.with_context(lang="fr_FR").subject = "Votre voiture"
        texts = self.env["sms.template"].create(
            {"name": "Text", "model_id": template.model_id.id, "body": "Hello"}
        )
        texts.with_context(lang="fr_FR").body = "Bonjour à vous"
        contact = self._queued(self._make_sender(self.by_mail, mail_template_id=template.id))
        self.assertIn("Bonjour", self._mails(contact).body_html)
        self.assertEqual(self._mails(contact).subject, "Votre voiture")
        contact = self._queued(self._make_sender(self.by_sms, sms_template_id=texts.id))
        self.assertTrue(self._texts(contact).body.startswith("Bonjour à vous\n"))

    def test_a_text_message_is_queued_once(self):
        contact = self._queued(self._make_sender(self.by_sms))
        self._run_cron("ir_cron_send")
        text = self._texts(contact)
        self.assertEqual((contact.is_queued, text.state), (True, "outgoing"))
        self.assertEqual(text.number, PHONE.replace(" ", ""))
        self.assertEqual(text.body, f"How is the car?\nSTOP: {contact._unsubscribe_url()}")

    def test_a_crash_half_way_sends_nothing_twice(self):
        people = [self._make_customer(f"P{n}", email=f"p{n}@example.com") for n in range(3)]
        plan = self._make_sender(self.by_mail)
        contacts = plan._enroll(self.env["res.partner"].union(*people))
        self._run_cron("ir_cron_plan")
        with self._dying_before_commit(3):
            self._run_cron("ir_cron_send")
        self._run_cron("ir_cron_send")
        contacts = contacts.followup_ids
        self.assertEqual(contacts.mapped("is_queued"), [True] * 3)
        self.assertEqual(self._mails(contacts).mapped("res_id"), contacts.ids[::-1])

    def test_followers_get_no_copy(self):
        plan = self._make_sender(self.by_mail)
        enrollment = plan._enroll(self.customer)
        self._run_cron("ir_cron_plan")
        enrollment.followup_ids.message_subscribe(self.leader.partner_id.ids)
        self._run_cron("ir_cron_send")
        self.assertEqual(self._mails(enrollment.followup_ids).recipient_ids, self.customer)

    def test_the_unsubscribe_link_depends_on_the_purpose(self):
        contact = self._queued(self._make_sender(self.by_mail))
        mail, url = self._mails(contact), contact._unsubscribe_url()
        self.assertIn(url, mail.body_html)
        self.assertIn(f"'List-Unsubscribe': '<{url}>'", mail.headers)
        self.assertIn("'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click'", mail.headers)
        self.assertNotIn(url, contact.message_ids[:1].body)
        self.service.is_requested = True
        other = self._make_customer("Other", email="other@example.com", phone=PHONE)
        for channel in (self.by_mail, self.by_sms):
            contact = self._queued(self._make_sender(channel), other)
            for words in self._mails(contact).mapped("body_html") + self._texts(contact).mapped(
                "body"
            ):
                self.assertNotIn("/followup/leave", words)
            self.assertNotIn("Unsubscribe", "".join(self._mails(contact).mapped("headers")))

    def test_a_survey_has_the_unsubscribe_link(self):
        survey = self.env.ref("customer_followup.survey_after_delivery")
        contact = self._queued(self._make_sender(self.survey_channel, survey_id=survey.id))
        mail = self.env["mail.mail"].search([("recipient_ids", "in", self.customer.ids)])
        self.assertIn(contact._unsubscribe_url(), mail.body_html)
        self.assertIn(contact._unsubscribe_url(), mail.headers)
        self.assertIn(contact.invitation_ids._url(), mail.body_html)
        self.assertNotIn("survey/start", contact.own_message_id.body)

    def test_a_template_that_cannot_be_filled_in_is_named(self):
        template = self._make_mail_template()
        plan = self._make_sender(self.by_mail, mail_template_id=template.id)
        people = [self._make_customer(f"P{n}", email=f"p{n}@example.com") for n in range(3)]
        poison = people[1].name
        bad = f"{{{{ object.partner_id.name == '{poison}' and 1 / 0 or 'Hello' }}}}"
        template.subject = bad
        with mute_logger(sending.__name__, "odoo.addons.mail.models.mail_render_mixin"):
            contacts = self._queued(plan, *people)
        failed = contacts.filtered("error")
        self.assertEqual(failed.partner_id, people[1])
        self.assertIn("Step How are you?: the template Greeting cannot", failed.error)
        self.assertFalse(self._mails(failed))
        self.assertEqual((contacts - failed).mapped("is_queued"), [True, True])
        self.assertEqual(len(self._mails(contacts)), 2)

    def test_a_step_takes_no_template_that_cannot_be_filled_in(self):
        self._make_followup()
        step = self._make_sender(self.by_mail).step_ids
        broken = self._make_mail_template()
        # Odoo tries a template when it is saved, on a record if there is one by then.
        self.env.cr.execute(
            "UPDATE mail_template SET subject = %s WHERE id = %s",
            ['{"en_US": "{{ 1 / 0 }}"}', broken.id],
        )
        self.env.invalidate_all()
        with (
            self.assertRaisesRegex(ValidationError, "How are you.: the template Greeting cannot"),
            mute_logger("odoo.addons.mail.models.mail_render_mixin"),
        ):
            step.mail_template_id = broken
        partners = self.env["ir.model"]._get("res.partner").id
        other = self._make_mail_template(
            model_id=partners, subject="Hello", body_html="<p>Hello</p>"
        )
        with self.assertRaisesRegex(ValidationError, "not for follow-ups"):
            step.mail_template_id = other

    def test_a_step_without_text_is_not_sent(self):
        plan = self._make_sender(self.by_mail)
        plan.step_ids.message = False
        with mute_logger(sending.__name__):
            contact = self._queued(plan)
        self.assertEqual(
            contact.error,
            "Step How are you? has no message: write what to send or choose a template.",
        )
        self.assertFalse(self._mails(contact))
        with self.assertRaisesRegex(UserError, "How are you. has no message to the customer"):
            plan.copy().action_run()

    def test_no_message_without_an_address(self):
        nowhere = self._make_customer("Nowhere", email="not an address")
        for channel, code in ((self.by_mail, "no_email"), (self.by_sms, "no_phone")):
            contact = self._queued(self._make_sender(channel), nowhere)
            self.assertEqual((contact.state, contact.close_code), ("withheld", code))
            self.assertFalse([*self._mails(contact), *self._texts(contact)])

    def test_masked_agents_read_no_address_of_what_was_sent(self):
        for channel in (self.by_mail, self.by_sms):
            contact = self._queued(self._make_sender(channel))
            contact.user_id = self.agent
            messages = contact.with_user(self.agent).message_ids
            shown = str(messages.read(["body", "subject", "author_id", "preview"]))
            rows = messages.sudo().notification_ids.with_user(self.agent)
            for secret in (EMAIL, PHONE, PHONE.replace(" ", "")):
                self.assertNotIn(secret, shown)
            for name in ("mail_email_address", "sms_number", "failure_reason"):
                with self.subTest(name), self.assertRaises(AccessError):
                    rows.read([name])

    def test_masked_agents_get_no_number_from_the_text_message_dialog(self):
        contact = self._make_followup()
        context = {"default_res_model": contact._name, "default_res_id": contact.id}
        composer = self.env["sms.composer"].with_user(self.agent).with_context(**context)
        shown = str(composer.create({"body": "Hello"}).read())
        for secret in (PHONE, PHONE.replace(" ", ""), EMAIL):
            self.assertNotIn(secret, shown)

    def test_a_message_takes_a_fixed_number_of_queries(self):
        people = self.env["res.partner"].create(
            [
                {"name": f"P{n}", "email": f"p{n}@example.com", "phone": f"{PHONE[:-1]}{n}"}
                for n in range(3)
            ]
        )
        # Lock, gate, message, notification, queue, attempt, state and the plan that goes on.
        for channel, most in ((self.by_mail, 34), (self.by_sms, 33)):
            plan = self._make_sender(channel)
            plan._enroll(people)
            self._run_cron("ir_cron_plan")
            first, second, _third = self.env["customer.followup"].search(
                [("plan_id", "=", plan.id)]
            )
            first._send_if_free()
            self.env.flush_all()
            with self.subTest(channel.name), self.assertQueryCount(most):
                second._send_if_free()
                self.env.flush_all()
            self.assertTrue(second.is_queued)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 10:00")
class TestInWriting(MessageCommon):
    """Key points of a call, sent as a written copy."""

    def _talk(self, **vals):
        self.customer.write(vals)
        plan = self._make_cadence({"name": "Result", "is_copied": True})
        enrollment = plan._enroll(self.customer)
        enrollment._plan_safely()
        call = enrollment.followup_ids
        call.user_id = self.agent
        call.with_user(self.agent)._record_outcome(
            self._ending("reached"), "It is <free>\nof charge"
        )
        return call, self.env["customer.followup"].search([("copy_of_id", "=", call.id)])

    def test_a_text_message_follows_the_call_and_an_e_mail_where_there_is_no_consent(self):
        call, copy = self._talk()
        self.assertEqual((call.state, copy.channel_id), ("done", self.by_sms))
        self.customer._note_consent(self.service, "withdrawn", "spoken", channel=self.by_sms)
        _call, copy = self._talk()
        self.assertEqual((copy.channel_id, copy.state), (self.by_mail, "planned"))
        self._send_due()
        self.assertEqual(copy.state, "done")
        self.assertIn("It is &lt;free&gt;<br>of charge", copy.message_ids[0].body)

    def test_a_copy_without_a_channel_is_withheld(self):
        call, copy = self._talk(email=False)
        self.assertEqual(copy.state, "planned")
        self.customer._note_consent(self.service, "withdrawn", "spoken", channel=self.by_sms)
        call, copy = self._talk(email=False)
        self.assertEqual(
            (call.state, copy.state, copy.close_code), ("done", "withheld", "withdrawn")
        )

    def test_without_key_points_nothing_is_sent(self):
        plan = self._make_cadence({"is_copied": True})
        enrollment = plan._enroll(self.customer)
        enrollment._plan_safely()
        enrollment.followup_ids._record_outcome(self._ending("reached"))
        self.assertFalse(self.env["customer.followup"].search([("copy_of_id", "!=", False)]))
