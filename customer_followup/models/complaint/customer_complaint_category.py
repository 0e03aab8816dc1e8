from odoo import fields, models


class CustomerComplaintCategory(models.Model):
    """A category of complaints."""

    _name = "customer.complaint.category"
    _description = "Complaint Category"
    _inherit = ["customer.shared.mixin"]
    _order = "sequence, name, id"
    _check_company_auto = True

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
        help="Receives the complaints of this category in its own company.",
    )
    register = fields.Selection(
        [("quality", "Product quality"), ("attitude", "Attitude")],
        help="Monthly register that lists these complaints.",
    )
    deadline_hours = fields.Integer(
        string="Resolution time (hours)", default=48, required=True, help="In calendar hours."
    )

    _deadline_range = models.Constraint(
        "CHECK (deadline_hours > 0 AND deadline_hours <= 87600)",
        "The resolution time must be between one hour and ten years.",
    )
