from odoo import fields, models

# After these the customer is no longer contacted, by this channel or at all.
STOPPING = ("wrong_number", "refuse", "stop", "block")


class CustomerFollowupOutcome(models.Model):
    """A result of a contact, and what happens next."""

    _name = "customer.followup.outcome"
    _description = "Outcome of a Contact"
    _inherit = ["customer.needed.mixin"]
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    effect = fields.Selection(
        [
            ("close", "The contact is done"),
            ("retry", "Try again later"),
            ("callback", "Contact again at the time the customer asks for"),
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
        help="Once more on the same day, in other contact hours if there are any; then on the"
        " next working day. Off: after the given hours, as for a busy line.",
    )
    retry_hours = fields.Integer(
        string="Try again after (hours)", default=4, help="Within the contact hours."
    )
    attempts_max = fields.Integer(
        string="Maximum attempts",
        default=3,
        help="After that the contact is closed as not reached, and the next channel of the step is"
        " tried.",
    )
    is_reached = fields.Boolean(string="Customer reached")
    is_manual = fields.Boolean(
        string="Chosen by users",
        default=True,
        help="Off for outcomes that scheduled actions record.",
    )
    icon = fields.Char(default="fa-check", help="Font Awesome name.")

    _retry_range = models.Constraint(
        "CHECK (retry_hours > 0 AND attempts_max > 0)",
        "An outcome allows at least one attempt and waits at least one hour.",
    )

    def _asks(self):
        """Say whether the outcome needs more details, or a confirmation."""
        return self.effect in ("callback", "pass_on", *STOPPING)

    def _consequence(self, refused=None, purpose=None):
        """Return what the outcome stops besides this contact, if anything.

        :param refused: what the customer does not want, and the purpose of the contact
        """
        if self.effect == "refuse":
            return {
                "purpose": self.env._(
                    "The customer is no longer contacted for: %s. Their plans for it stop.",
                    purpose and purpose.name,
                ),
                "all": self.env._(
                    "The customer is no longer contacted for any purpose. All their plans stop;"
                    " the phone number and the e-mail address are never used again."
                ),
            }.get(refused)
        return {
            "wrong_number": self.env._(
                "The number or address is no longer used. Planned contacts by it wait until it is"
                " corrected."
            ),
            "stop": self.env._("The plan of this contact stops; its planned contacts are dropped."),
            "block": self.env._(
                "The phone number and the e-mail address are never used again, for any purpose."
            ),
        }.get(self.effect)

    def _ends(self):
        """Say whether the outcome ends a contact."""
        return self.effect in ("close", "refuse", "stop", "block")
