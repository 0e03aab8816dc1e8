from odoo import fields, models


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
