from odoo import fields, models


class CustomerComplaintCategory(models.Model):
    """A kind of thing that goes wrong."""

    _name = "customer.complaint.category"
    _description = "Complaint Category"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, ondelete="restrict", help="Empty: shared by all companies."
    )
    team_id = fields.Many2one(
        "customer.team",
        string="Handled by",
        ondelete="restrict",
        help="Gets the complaints of its own company.",
    )
    register = fields.Selection(
        [("quality", "Product quality"), ("attitude", "Attitude")],
        help="The monthly register in which these complaints stand.",
    )
    deadline_hours = fields.Integer(
        string="Solved within hours", default=48, required=True, help="Counted around the clock."
    )

    _deadline_range = models.Constraint(
        "CHECK (deadline_hours > 0 AND deadline_hours <= 87600)",
        "A complaint is solved within one hour to ten years.",
    )
