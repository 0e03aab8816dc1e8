from odoo import api, fields, models
from odoo.exceptions import ValidationError

# The types of questions that are answered by one number.
MEASURING = ("scale", "numerical_box", "simple_choice")


class SurveyQuestion(models.Model):
    """A question whose answers may become scores of a metric."""

    _inherit = "survey.question"

    customer_metric_id = fields.Many2one(
        "customer.satisfaction.metric",
        string="Measures",
        ondelete="restrict",
        index="btree_not_null",
        help="The answer becomes a satisfaction score of this metric.",
    )

    @api.constrains("question_type", "customer_metric_id")
    def _check_customer_metric(self):
        for question in self.filtered("customer_metric_id"):
            if question.question_type not in MEASURING:
                raise ValidationError(
                    self.env._(
                        "%(question)s: only a scale, a number or a choice of one answer can"
                        " measure %(metric)s.",
                        question=question.title,
                        metric=question.customer_metric_id.name,
                    )
                )

    @api.onchange("question_type")
    def _onchange_customer_question_type(self):
        if self.question_type not in MEASURING:
            self.customer_metric_id = False

    def _customer_scale(self):
        """Return the lowest and the highest answer: those of the scale shown, else the metric's."""
        if self.question_type == "scale":
            return self.scale_min, self.scale_max
        return self.customer_metric_id._scale()
