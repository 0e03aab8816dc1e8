from odoo import fields, models

PAUSE, STOP = "pause", "stop"


class CustomerFollowupPlan(models.Model):
    """A plan that says what happens when a customer answers."""

    _inherit = "customer.followup.plan"

    on_reply = fields.Selection(
        [
            ("nothing", "Continues"),
            (PAUSE, "Pauses until an agent has answered"),
            (STOP, "Stops"),
        ],
        string="When the customer replies, the plan",
        required=True,
        default=PAUSE,
    )

    def action_run(self):
        """Check that each step has what it sends, and start the plan."""
        self.step_ids._check_messages()
        return super().action_run()
