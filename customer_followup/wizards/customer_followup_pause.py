from odoo import fields, models

from ..models.plan.customer_followup_enrollment_change import COLLAPSE, SHIFT


class CustomerFollowupPause(models.TransientModel):
    """The dialog that pauses plans of customers."""

    _name = "customer.followup.pause"
    _description = "Pause Plans"
    _inherit = ["customer.dialog.mixin"]

    enrollment_ids = fields.Many2many(
        "customer.followup.enrollment",
        relation="customer_followup_pause_enrollment_rel",
        column1="pause_id",
        column2="enrollment_id",
        required=True,
    )
    note = fields.Char(string="Why", required=True)
    mode = fields.Selection(
        [
            (SHIFT, "Everything comes later by the length of the pause"),
            (COLLAPSE, "What the pause covered is due when it ends"),
        ],
        string="Afterwards",
        required=True,
        default=SHIFT,
    )
    date_resume = fields.Datetime(string="Until", help="Empty: until it is resumed by hand.")
    is_statutory = fields.Boolean(compute="_compute_is_statutory")

    def _compute_is_statutory(self):
        for pause in self:
            steps = pause.enrollment_ids.version_id.step_ids
            pause.is_statutory = any(steps.mapped("is_statutory"))

    def action_pause(self):
        """Pause them."""
        if self._use():
            self.enrollment_ids._pause(self.mode, self.note, self.date_resume or None)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
