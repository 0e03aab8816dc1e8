from odoo import fields, models

from ..models.plan.customer_followup_enrollment import STOP_CODES


class CustomerFollowupStop(models.TransientModel):
    """The dialog that stops plans of customers."""

    _name = "customer.followup.stop"
    _description = "Stop Plans"
    _inherit = ["customer.dialog.mixin"]

    enrollment_ids = fields.Many2many(
        "customer.followup.enrollment",
        relation="customer_followup_stop_enrollment_rel",
        column1="stop_id",
        column2="enrollment_id",
        required=True,
    )
    code = fields.Selection(STOP_CODES[:3], string="Why", required=True, default="hand")
    note = fields.Char(required=True)

    def action_stop(self):
        """Stop them."""
        if self._use():
            self.enrollment_ids.action_stop(self.note, self.code)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
