from odoo import fields, models


class CustomerTierScheme(models.Model):
    """A classification of customers into tiers."""

    _name = "customer.tier.scheme"
    _description = "Tier Scheme"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
