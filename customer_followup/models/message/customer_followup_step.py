from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import is_html_empty

from .customer_channel import WRITTEN

# A gap that a template of the gallery leaves for the user to fill in.
GAP = "[…]"


class CustomerFollowupStep(models.Model):
    """A step of a plan, with the templates it sends."""

    _inherit = "customer.followup.step"

    subject = fields.Char(
        translate=True,
        help="The subject of the e-mail. Empty: “A message from” and the name of your company.",
    )
    message = fields.Html(
        string="Message to the customer",
        translate=True,
        help="Sent by e-mail, or as plain text in a text message. Of a step for agents: sent"
        " where only an e-mail or a text message reaches the customer; empty: a request to call.",
    )
    mail_template_id = fields.Many2one(
        "mail.template",
        string="E-mail",
        ondelete="restrict",
        domain="[('model', '=', 'customer.followup')]",
        help="Empty: the message of the step.",
    )
    sms_template_id = fields.Many2one(
        "sms.template",
        string="Text message",
        ondelete="restrict",
        domain="[('model', '=', 'customer.followup')]",
        help="Empty: the message of the step, as plain text.",
    )
    is_copied = fields.Boolean(
        string="Send a written copy",
        help="The key points of the contact are sent to the customer as a text message, or as an"
        " e-mail if there is no number.",
    )

    @api.constrains("mail_template_id", "sms_template_id")
    def _check_templates(self):
        # The template is tried with any contact; the result is dropped.
        sample = self.env["customer.followup"].sudo().search([], limit=1)
        for step in self:
            for template, names in (
                (step.mail_template_id, ("subject", "body_html")),
                (step.sms_template_id, ("body",)),
            ):
                if template:
                    step._check_template(template, names, sample)

    def _check_template(self, template, names, sample):
        """Raise if a template is for other models, or cannot be rendered for ``sample``."""
        if template.model != "customer.followup":
            raise ValidationError(
                self.env._(
                    "Step %(step)s: the template %(template)s is not for follow-ups.",
                    step=self.name,
                    template=template.name,
                )
            )
        try:
            for name in names if sample else ():
                # As the scheduled action will render it.
                template.sudo()._render_field(name, sample.ids)
        except UserError as error:
            raise ValidationError(self._template_error(template, error)) from error

    def _template_error(self, template, error):
        return self.env._(
            "Step %(step)s: the template %(template)s cannot be filled in. %(reason)s",
            step=self.name,
            template=template.name,
            reason=error,
        )

    def _channels(self):
        """Return all channels by which the contacts of these steps may be made."""
        return self.channel_id | self.alternative_ids

    @api.model
    def _correctable_fields(self):
        return super()._correctable_fields() | {"subject", "message"}

    def _check_messages(self):
        """Raise if a step would send nothing, or a text with a gap."""
        self._check_gaps()
        for step in self.filtered(lambda one: one.channel_id.kind in WRITTEN):
            words = {"email": step.mail_template_id.body_html, "sms": step.sms_template_id.body}
            template = {"email": step.mail_template_id, "sms": step.sms_template_id}
            kind = step.channel_id.kind
            if is_html_empty(words[kind] if template[kind] else step.message):
                raise UserError(
                    self.env._(
                        "%(plan)s: %(step)s has no message to the customer. Write it, or choose a"
                        " template.",
                        plan=step.plan_id.name,
                        step=step.name,
                    )
                )

    def _check_gaps(self):
        """Raise if a step would send a text with a gap."""
        for step in self:
            texts = f"{step.subject or ''} {step.message or ''}"
            if any(step._channels().mapped("is_automatic")) and GAP in texts:
                raise UserError(
                    self.env._(
                        "%(plan)s: the message of %(step)s is sent to customers. Fill in “%(gap)s”"
                        " first.",
                        plan=step.plan_id.name,
                        step=step.name,
                        gap=GAP,
                    )
                )
