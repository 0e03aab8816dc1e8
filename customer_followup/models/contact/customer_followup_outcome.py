from odoo import fields, models


class CustomerFollowupOutcome(models.Model):
    """How a contact ended, and what happens next."""

    _name = "customer.followup.outcome"
    _description = "Outcome of a Contact"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    effect = fields.Selection(
        [
            ("close", "The contact is done"),
            ("retry", "Try again later"),
            ("callback", "Contact again when the customer wishes"),
            ("wrong_number", "Correct the number"),
            ("block", "Never use this number or address again"),
        ],
        required=True,
        default="close",
    )
    retry_hours = fields.Integer(
        string="Try again after hours", default=4, help="The contact hours are kept."
    )
    attempts_max = fields.Integer(
        string="Tries at most", default=3, help="After that the customer counts as unreachable."
    )
    is_reached = fields.Boolean(string="Customer reached")
    is_manual = fields.Boolean(
        string="Chosen by people", default=True, help="Off for what scheduled actions record."
    )
    icon = fields.Char(default="fa-check", help="Font Awesome name.")

    _retry_range = models.Constraint(
        "CHECK (retry_hours > 0 AND attempts_max > 0)",
        "An outcome allows at least one try and waits at least one hour.",
    )
