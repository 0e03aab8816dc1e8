from odoo import fields, models

_NUMBER_OF = {
    "scale": "value_scale",
    "numerical_box": "value_numerical_box",
}


class SurveyUserInputLine(models.Model):
    """One answer of a customer to a survey."""

    _inherit = "survey.user_input.line"
    _check_company_auto = True

    company_id = fields.Many2one(related="survey_id.company_id", store=True, index="btree_not_null")

    def _customer_number(self):
        """Return the number this line answers with, or ``None``."""
        if self.answer_type == "suggestion":
            return self.suggested_answer_id.answer_score
        column = _NUMBER_OF.get(self.answer_type)
        return self[column] if column else None
