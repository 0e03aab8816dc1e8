from odoo import fields, models


class CustomerDepartureLine(models.Model):
    """What one colleague got of somebody who left."""

    _name = "customer.departure.line"
    _description = "Work of Somebody Who Left"
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


class CustomerDepartureCheck(models.Model):
    """One thing to be seen to when somebody leaves."""

    _name = "customer.departure.check"
    _description = "Line of a Departure's Checklist"
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
