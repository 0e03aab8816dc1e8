from odoo import fields, models


class CustomerComplaintLiability(models.Model):
    """A share of the responsibility for what went wrong."""

    _name = "customer.complaint.liability"
    _description = "Responsibility for a Complaint"
    _inherit = ["customer.complaint.part.mixin"]
    _order = "share desc, id"
    _check_company_auto = True

    party = fields.Selection(
        [
            ("department", "Department"),
            ("producer", "Producer"),
            ("seller", "Seller"),
            ("carrier", "Carrier"),
            ("customer", "Customer"),
            ("outside", "Somebody else"),
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
    basis = fields.Text(help="Quality record, sales record, contract, law.")
    lot = fields.Char(string="Batch")
    date_made = fields.Date(string="Made on")
    is_licence_checked = fields.Boolean(string="Licence checked")

    _share_range = models.Constraint(
        "CHECK (share > 0 AND share <= 100)", "A share lies between 0 and 100 percent."
    )
    _team_named = models.Constraint(
        "CHECK (party <> 'department' OR team_id IS NOT NULL)", "Say which department it is."
    )
