from odoo import fields, models


class CustomerComplaintStage(models.Model):
    """How far we are with a complaint, and what must be known by then."""

    _name = "customer.complaint.stage"
    _description = "Complaint Stage"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    fold = fields.Boolean(string="Folded on the board")
    meaning = fields.Selection(
        [
            ("new", "New"),
            ("assessing", "Being assessed"),
            ("solving", "Being solved"),
            ("awaiting", "Waiting for the customer"),
            ("external", "With an outside body"),
            ("closed", "Closed"),
        ],
        required=True,
        default="solving",
        help="What the stage means to deadlines, counters and reports, whatever it is called.",
    )
    is_cause_needed = fields.Boolean(string="Cause must be known")
    is_solution_needed = fields.Boolean(string="Solution must be known")
