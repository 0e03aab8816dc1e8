from odoo import fields, models


class CustomerComplaintReferral(models.Model):
    """A complaint before somebody outside: a consumers' association, an arbiter, a court."""

    _name = "customer.complaint.referral"
    _description = "Referral to an Outside Body"
    _inherit = ["customer.complaint.part.mixin"]
    _order = "date_referred desc, id desc"
    _rec_name = "body"

    body = fields.Char(required=True)
    reference = fields.Char(string="Their number")
    method = fields.Selection(
        [
            ("facilitative", "Mediation"),
            ("advisory", "Recommendation"),
            ("determinative", "Binding decision"),
        ],
        required=True,
        default="facilitative",
    )
    date_referred = fields.Date(
        string="Referred on", required=True, default=fields.Date.context_today
    )
    date_deadline = fields.Date(string="Answer until")
    outcome = fields.Selection(
        [
            ("settlement", "Settlement"),
            ("recommendation", "Recommendation"),
            ("decision", "Decision"),
            ("refused", "Not accepted by them"),
        ]
    )
    outcome_note = fields.Text(string="What it says")
    date_outcome = fields.Date(string="Decided on")
    date_implemented = fields.Date(string="Carried out on")

    _outcome_dated = models.Constraint(
        "CHECK ((outcome IS NULL) = (date_outcome IS NULL))",
        "An outcome has a date, and a date an outcome.",
    )
    _dates_order = models.Constraint(
        "CHECK (date_outcome IS NULL OR date_outcome >= date_referred)",
        "It cannot be decided before it was referred.",
    )
