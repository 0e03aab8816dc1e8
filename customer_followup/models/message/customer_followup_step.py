from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

# A gap that a template of the gallery leaves for the user to fill in.
GAP = "[…]"


class CustomerFollowupStep(models.Model):
    """A step of a plan, with the templates it sends."""

    _inherit = "customer.followup.step"

    mail_template_id = fields.Many2one(
        "mail.template",
        string="E-mail",
        ondelete="restrict",
        domain="[('model', '=', 'customer.followup')]",
        help="Empty: the text of the step.",
    )
    sms_template_id = fields.Many2one(
        "sms.template",
        string="Text message",
        ondelete="restrict",
        domain="[('model', '=', 'customer.followup')]",
        help="Empty: the text of the step, as plain text.",
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

    def _check_gaps(self):
        """Raise if a step would send a text with a gap."""
        for step in self:
            channels = step.channel_id | step.alternative_ids
            if any(channels.mapped("is_automatic")) and GAP in (step.text or ""):
                raise UserError(
                    self.env._(
                        "%(plan)s: the text of %(step)s is sent to customers. Fill in “%(gap)s”"
                        " first.",
                        plan=step.plan_id.name,
                        step=step.name,
                        gap=GAP,
                    )
                )
