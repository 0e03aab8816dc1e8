from odoo import fields, models


class CustomerHandoverTopic(models.Model):
    """What whoever takes over customers must always know about them."""

    _name = "customer.handover.topic"
    _description = "Topic of Handovers"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, ondelete="cascade", help="Empty: for all companies."
    )
