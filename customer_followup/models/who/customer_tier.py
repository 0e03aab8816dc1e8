from odoo import fields, models


class CustomerTier(models.Model):
    """A level of attention for customers in one scheme."""

    _name = "customer.tier"
    _description = "Customer Tier"
    _order = "scheme_id, sequence, name, id"

    name = fields.Char(required=True, translate=True)
    scheme_id = fields.Many2one(
        "customer.tier.scheme", required=True, index=True, ondelete="restrict"
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    stars = fields.Selection(
        [("0", "None"), ("1", "One"), ("2", "Two"), ("3", "Three")],
        required=True,
        default="0",
        help="How many stars a card shows; more stars come first on the Desk.",
    )
    color = fields.Integer()
