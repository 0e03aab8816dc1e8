from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

# What a template of the gallery leaves to be filled in.
GAP = "[…]"


class CustomerFollowupPlan(models.Model):
    _inherit = "customer.followup.plan"

    def action_run(self):
        """Let customers be enrolled, unless they would be sent words that are not filled in."""
        self.step_ids._check_gaps()
        return super().action_run()


class CustomerFollowupStep(models.Model):
    """The templates a step sends."""

    _inherit = "customer.followup.step"

    mail_template_id = fields.Many2one(
        "mail.template",
        string="E-mail",
        ondelete="restrict",
        domain="[('model', '=', 'customer.followup')]",
        help="Empty: what to say, as it stands here.",
    )
    sms_template_id = fields.Many2one(
        "sms.template",
        string="Text message",
        ondelete="restrict",
        domain="[('model', '=', 'customer.followup')]",
        help="Empty: what to say, as it stands here, as plain text.",
    )

    @api.constrains("mail_template_id", "sms_template_id")
    def _check_templates(self):
        # Any contact will do to try the template on; no value of it leaves.
        sample = self.env["customer.followup"].sudo().search([], limit=1)
        for step in self:
            for template, names in (
                (step.mail_template_id, ("subject", "body_html")),
                (step.sms_template_id, ("body",)),
            ):
                if template:
                    step._check_template(template, names, sample)

    def _check_template(self, template, names, sample):
        """Raise if a template is one of other records, or cannot be filled in for ``sample``."""
        if template.model != "customer.followup":
            raise ValidationError(
                self.env._(
                    "Step %(step)s: the template %(template)s is not one for follow-ups.",
                    step=self.name,
                    template=template.name,
                )
            )
        try:
            for name in names if sample else ():
                # The scheduled action fills it in for the system; so does the trial.
                template.sudo()._render_field(name, sample.ids)
        except UserError as error:
            raise ValidationError(
                self.env._(
                    "Step %(step)s: the template %(template)s cannot be filled in. %(reason)s",
                    step=self.name,
                    template=template.name,
                    reason=error,
                )
            ) from error

    def _check_gaps(self):
        """Raise if a step would send customers a text with a gap."""
        for step in self:
            channels = step.channel_id | step.alternative_ids
            if any(channels.mapped("is_automatic")) and GAP in (step.text or ""):
                raise UserError(
                    self.env._(
                        "%(plan)s: the text of %(step)s goes to customers; fill in “%(gap)s”"
                        " first.",
                        plan=step.plan_id.name,
                        step=step.name,
                        gap=GAP,
                    )
                )
