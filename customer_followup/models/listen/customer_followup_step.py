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

    @api.constrains("channel_id", "survey_id")
    def _check_survey(self):
        for step in self.filtered(lambda step: step.channel_id.kind == "survey"):
            if not step.survey_id:
                raise ValidationError(
                    self.env._("%(step)s: choose the survey to send.", step=step.name)
                )
