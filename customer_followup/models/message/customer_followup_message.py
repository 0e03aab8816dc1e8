from markupsafe import Markup

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext, is_html_empty

LAYOUT = "customer_followup.mail_layout_message"


class CustomerFollowup(models.Model):
    """What a customer receives: the words, in his language, by Odoo's queues."""

    _inherit = "customer.followup"

    def _send_email(self):
        """Queue the step's template or text as an e-mail in the customer's language."""
        subject, body = self._email_words()
        template = self.step_id.mail_template_id
        self._queue_email(subject, body, attachment_ids=template.attachment_ids.ids)

    def _queue_email(self, subject, body, **values):
        """Queue an e-mail to the customer, and nobody else, with the way out of its purpose."""
        lang = self.partner_id.lang
        company = self.company_id
        self.with_context(lang=lang, mail_notify_force_send=False).message_post(
            subject=subject,
            body=body,
            partner_ids=self.partner_id.ids,
            author_id=company.partner_id.id,
            email_from=company.email_formatted or self.env.user.email_formatted,
            email_layout_xmlid=LAYOUT,
            subtype_xmlid="mail.mt_comment",
            mail_headers=self._way_out_headers(),
            # Followers read it in the chatter: the way out is the customer's alone.
            notify_skip_followers=True,
            force_email_lang=lang,
            **values,
        )

    def _email_words(self):
        """Return the subject and the body in the customer's language."""
        self.step_id._check_gaps()
        template = self.step_id.mail_template_id
        if template:
            return (
                self._rendered(template, "subject") or self._said("name"),
                Markup(self._rendered(template, "body_html", options={"post_process": True})),
            )
        if is_html_empty(self._said("text")):
            raise UserError(self._silence_text())
        return self._said("name"), self._said("text")

    def _send_sms(self):
        """Queue the step's template or text as a text message in the customer's language."""
        self._queue_sms(self._sms_words())

    def _queue_sms(self, text):
        """Queue a text message to the customer."""
        # A note, which followers are not sent; without them Odoo would write him an e-mail.
        self._message_sms(
            text,
            partner_ids=self.partner_id.ids,
            author_id=self.company_id.partner_id.id,
            put_in_queue=True,
        )

    def _sms_words(self):
        """Return the text in the customer's language, with the way out on a line of its own."""
        self.step_id._check_gaps()
        template = self.step_id.sms_template_id
        text = self._rendered(template, "body") if template else html2plaintext(self._said("text"))
        text = (text or "").strip()
        if not text:
            raise UserError(self._silence_text())
        return "\n".join(filter(None, [text, self._sms_way_out()]))

    def _said(self, name):
        """Return what the step says, in the customer's language."""
        return self.step_id.with_context(lang=self.partner_id.lang)[name]

    def _silence_text(self):
        return self.env._(
            "Step %s says nothing: write what to send or choose a template.", self.step_id.name
        )

    def _rendered(self, template, name, **options):
        """Return a field of a template filled in for the customer, in his language.

        :raise UserError: naming step and template, if it cannot be filled in
        """
        try:
            return template._render_field(
                name, self.ids, set_lang=self.partner_id.lang or self.env.lang, **options
            )[self.id]
        except UserError as error:
            raise UserError(
                self.env._(
                    "Step %(step)s: the template %(template)s cannot be filled in. %(reason)s",
                    step=self.step_id.name,
                    template=template.name,
                    reason=error,
                )
            ) from error

    # The way out

    def _way_out_token(self):
        """Return the proof that we wrote to this contact for this purpose."""
        # The key keeps the wishes "do not contact" too; no number or address begins like this.
        digest = self.env["customer.contact.block"]._digest(f"leave:{self.id}:{self.purpose_id.id}")
        return digest[:32]

    def _way_out_url(self):
        """Return the page on which the customer leaves this purpose, or ``None`` if he cannot."""
        if self.purpose_id.is_requested:
            return None
        path = f"/followup/leave/{self.id}/{self.purpose_id.id}/{self._way_out_token()}"
        return f"{self.get_base_url()}{path}"

    def _way_out_headers(self):
        """Return the headers by which mail programs offer to leave, by RFC 8058."""
        url = self._way_out_url()
        if not url:
            return {}
        return {
            "List-Unsubscribe": f"<{url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }

    def _sms_way_out(self):
        url = self._way_out_url()
        text = self.channel_id.with_context(lang=self.partner_id.lang).way_out
        return (text or "{link}").replace("{link}", url) if url else None


class CustomerChannel(models.Model):
    _inherit = "customer.channel"

    way_out = fields.Char(
        string="Way out",
        translate=True,
        default="STOP: {link}",
        help="The last line of text messages the customer did not ask for. {link} is the page on"
        " which he leaves; write “STOP” alone only if your provider hands you the answers.",
    )
