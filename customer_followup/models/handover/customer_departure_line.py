from odoo import fields, models


class CustomerDepartureLine(models.Model):
    """What one user received from a departure."""

    _name = "customer.departure.line"
    _description = "Work Passed on at a Departure"
    _check_company_auto = True
    _order = "id"

    departure_id = fields.Many2one(
        "customer.departure", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="departure_id.company_id", store=True, index=True, precompute=True
    )
    user_id = fields.Many2one("res.users", string="Goes to", required=True, ondelete="restrict")
    name = fields.Char(string="What", required=True)
    count = fields.Integer(string="How many")
