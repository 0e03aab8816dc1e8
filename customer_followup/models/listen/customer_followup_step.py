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

    def _check_messages(self):
        result = super()._check_messages()
        for step in self:
            if "survey" in step._channels().mapped("kind"):
                step.survey_id._check_can_be_sent()
        return result
