from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CustomerFollowupStep(models.Model):
    """A step that may send a survey."""

    _inherit = "customer.followup.step"

    survey_id = fields.Many2one(
        "survey.survey",
        ondelete="restrict",
        domain="[('survey_type', '=', 'satisfaction')]",
    )

    @api.constrains("channel_id", "alternative_ids", "survey_id")
    def _check_survey(self):
        for step in self:
            if not step.survey_id and "survey" in step._channels().mapped("kind"):
                raise ValidationError(
                    self.env._("%(step)s: choose the survey to send.", step=step.name)
                )

    def _purpose(self):
        """Return the purpose; a survey in a service plan is one of few that a customer gets."""
        survey = self.env.ref("customer_followup.customer_purpose_survey", raise_if_not_found=False)
        if survey and not self.purpose_id and self.channel_id.kind == "survey":
            return survey
        return super()._purpose()

    def _check_messages(self):
        result = super()._check_messages()
        for step in self:
            if "survey" in step._channels().mapped("kind"):
                step.survey_id._check_can_be_sent()
        return result
