from odoo import fields, models


class CustomerComplaintLiability(models.Model):
    """A party's share of the responsibility for a complaint."""

    _name = "customer.complaint.liability"
    _description = "Responsibility for a Complaint"
    _inherit = ["customer.complaint.part.mixin"]
    _order = "share desc, id"
    _is_checked_together = True
    _check_company_auto = True

    party = fields.Selection(
        [
            ("department", "Department"),
            ("producer", "Producer"),
            ("seller", "Seller"),
            ("carrier", "Carrier"),
            ("customer", "Customer"),
            ("outside", "Other party"),
        ],
        string="Who",
        required=True,
        default="department",
    )
    team_id = fields.Many2one(
        "customer.team", string="Department", ondelete="restrict", check_company=True
    )
    name = fields.Char()
    share = fields.Float(string="Share (%)", required=True, default=100, digits=(5, 2))
    basis = fields.Text(help="For example quality record, sales record, contract or law.")
    lot = fields.Char(string="Batch")
    date_made = fields.Date(string="Production date")
    is_licence_checked = fields.Boolean(string="Licence checked")

    _share_range = models.Constraint(
        "CHECK (share > 0 AND share <= 100)",
        "A share must be above 0 and at most 100 percent.",
    )
    _team_named = models.Constraint(
        "CHECK (party <> 'department' OR team_id IS NOT NULL)", "Choose the department."
    )
