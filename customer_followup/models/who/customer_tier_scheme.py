from odoo import fields, models


class CustomerTierScheme(models.Model):
    """One way to sort customers by how much attention they deserve."""

    _name = "customer.tier.scheme"
    _description = "Tier Scheme"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    tier_ids = fields.One2many("customer.tier", "scheme_id", string="Tiers")
