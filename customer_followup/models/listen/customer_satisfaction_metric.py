from odoo import fields, models


class CustomerSatisfactionMetric(models.Model):
    """A question asked in numbers, with its scale."""

    _name = "customer.satisfaction.metric"
    _description = "Satisfaction Metric"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [
            ("nps", "Net Promoter Score"),
            ("csat", "Customer satisfaction"),
            ("ces", "Customer effort"),
            ("dimension", "Dimension"),
        ],
        required=True,
        default="dimension",
    )
    question = fields.Char(translate=True, help="As an agent asks it.")
    scale_min = fields.Integer(
        string="Scale from",
        required=True,
        help="Scores keep the scale they were given on when this one changes.",
    )
    scale_max = fields.Integer(string="to", required=True, default=10)

    opens_complaint = fields.Boolean(
        string="Low scores open a complaint",
        help="The customer's owner handles it, or the member of the team with the least work.",
    )
    complaint_value = fields.Integer(string="Low is at most")

    _scale_range = models.Constraint(
        "CHECK (scale_min >= 0 AND scale_min < scale_max AND scale_max <= 100)",
        "A scale runs from a lower to a higher number, between 0 and 100.",
    )

    def _scale(self):
        """Return the lowest and the highest number an answer may have now."""
        return self.scale_min, self.scale_max
