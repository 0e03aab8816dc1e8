from markupsafe import Markup, escape

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_date, html2plaintext, is_html_empty


class CustomerFollowup(models.Model):
    """What the message of a contact says to the customer, in the customer's language."""

    _inherit = "customer.followup"

    def _email_content(self):
        """Return the subject and the body of the e-mail.

        The name and the text of a step are for agents: nothing of them is sent.

        :raise UserError: naming the step, if there is nothing to send
        """
        template = self.step_id.mail_template_id
        if template and not self._has_standard_words():
            return (
                self._rendered(template, "subject") or self._subject(),
                Markup(self._rendered(template, "body_html", options={"post_process": True})),
            )
        return self._subject(), self._message()

    def _sms_content(self):
        """Return the text message, with the unsubscribe text as last line."""
        template = self.step_id.sms_template_id
        if template and not self._has_standard_words():
            text = self._rendered(template, "body")
        else:
            text = html2plaintext(self._message())
        text = (text or "").strip()
        if not text:
            raise UserError(self._no_message_error())
        return "\n".join(filter(None, [text, self._sms_unsubscribe_text()]))

    def _has_standard_words(self):
        """Say whether the message is a written copy or follows attempts that failed."""
        return bool(self.copy_of_id or self.fallback_of_id)

    def _subject(self):
        """Return the subject: that of the step, else one that is true of each message."""
        localized = self.with_context(lang=self.partner_id.lang)
        if self.copy_of_id:
            return localized.env._(
                "Our conversation of %s", format_date(localized.env, self.copy_of_id.date_done)
            )
        return localized.step_id.subject or localized.env._(
            "A message from %s", self.company_id.name
        )

    def _message(self):
        """Return the text as HTML.

        A written copy has the key points of its contact. Where an agent was to talk to the
        customer, the message asks for a reply, as what an agent says does not fit.
        """
        step, localized = self.step_id, self.with_context(lang=self.partner_id.lang)
        if self.copy_of_id:
            lines = (self.copy_of_id.summary or "").splitlines()
            return Markup("<p>%s</p>") % Markup("<br>").join(map(escape, lines))
        step._check_gaps()
        if self.fallback_of_id:
            return Markup("<p>%s</p>") % localized.env._(
                "%s tried to reach you. When does it suit you? Answer this message, or call us.",
                self.company_id.name,
            )
        if not is_html_empty(step.message):
            return localized.step_id.message
        if step and not step.channel_id.is_automatic:
            return Markup("<p>%s</p>") % localized.env._(
                "%s would like to talk to you. When does it suit you? Answer this message, or"
                " call us.",
                self.company_id.name,
            )
        raise UserError(self._no_message_error())

    def _no_message_error(self):
        if not self.step_id:
            return self.env._(
                "%s has no step, which would say what to send. Contact the customer in another"
                " way.",
                self.name,
            )
        return self.env._(
            "Step %s has no message: write what to send or choose a template.", self.step_id.name
        )

    def _rendered(self, template, name, **options):
        """Return a field of a template rendered for the customer, in their language.

        :raise UserError: naming step and template, if it cannot be rendered
        """
        try:
            return template._render_field(
                name, self.ids, set_lang=self.partner_id.lang or self.env.lang, **options
            )[self.id]
        except UserError as error:
            raise UserError(self.step_id._template_error(template, error)) from error

    def _unsubscribe_token(self, purpose_id):
        """Return the proof that the link for this contact and purpose is ours."""
        # The key also protects do-not-contact blocks; no number or address begins like this.
        digest = self.env["customer.contact.block"]._digest(f"leave:{self.id}:{purpose_id}")
        return digest[:32]

    def _unsubscribe_url(self):
        """Return the page to unsubscribe from this purpose; ``None`` for requested messages."""
        if self.purpose_id.is_requested:
            return None
        token = self._unsubscribe_token(self.purpose_id.id)
        return f"{self.get_base_url()}/followup/leave/{self.id}/{self.purpose_id.id}/{token}"

    def _unsubscribe_headers(self):
        """Return the headers by which mail programs offer to unsubscribe, by RFC 8058."""
        url = self._unsubscribe_url()
        if not url:
            return {}
        return {
            "List-Unsubscribe": f"<{url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }

    def _sms_unsubscribe_text(self):
        url = self._unsubscribe_url()
        text = self.channel_id.with_context(lang=self.partner_id.lang).unsubscribe_text
        return (text or "{link}").replace("{link}", url) if url else None
