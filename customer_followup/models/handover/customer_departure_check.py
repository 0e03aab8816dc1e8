from odoo import fields, models


class CustomerDepartureCheck(models.Model):
    """One point of a departure's checklist."""

    _name = "customer.departure.check"
    _description = "Line of a Departure's Checklist"
    _check_company_auto = True
    _order = "sequence, id"

    departure_id = fields.Many2one(
        "customer.departure", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="departure_id.company_id", store=True, index=True, precompute=True
    )
    sequence = fields.Integer(default=10)
    name = fields.Char(string="What", required=True)
    is_done = fields.Boolean(string="Done", copy=False)
