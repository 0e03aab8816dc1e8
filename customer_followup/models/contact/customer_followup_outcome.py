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
            ("pass_on", "A colleague takes over"),
            ("wrong_number", "Correct the number or address"),
            ("refuse", "Ask what the customer does not want"),
            ("stop", "The contact is done, and its plan stops"),
            ("block", "Never use this number or address again"),
        ],
        required=True,
        default="close",
    )
    is_other_time = fields.Boolean(
        string="At another time of day",
        default=True,
        help="Once later on the same day, in other contact hours if there are any; then on the"
        " next working day. Off: after the hours given, as for a busy line.",
    )
    retry_hours = fields.Integer(
        string="Try again after hours", default=4, help="The contact hours are kept."
    )
    attempts_max = fields.Integer(
        string="Tries at most",
        default=3,
        help="After that the customer counts as unreachable, and the next way of the step is"
        " taken.",
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

    def _asks(self):
        """Say whether something must be known besides the outcome."""
        return self.effect in ("callback", "pass_on", "refuse", "stop")

    def _ends(self):
        """Say whether a contact is done with it."""
        return self.effect in ("close", "refuse", "stop", "block")
