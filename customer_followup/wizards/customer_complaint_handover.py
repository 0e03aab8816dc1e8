from odoo import fields, models
from odoo.exceptions import UserError


class CustomerComplaintHandover(models.TransientModel):
    """Offers a complaint to another user or team."""

    _name = "customer.complaint.handover"
    _description = "Hand Over a Complaint"
    _inherit = ["customer.complaint.dialog.mixin"]

    user_id = fields.Many2one(
        "res.users", string="To", domain="[('share', '=', False)]", ondelete="cascade"
    )
    team_id = fields.Many2one("customer.team", string="Or to team", ondelete="cascade")
    reason = fields.Char(required=True)

    def action_hand_over(self):
        """Offer the complaint; it stays assigned until the offer is accepted."""
        self.ensure_one()
        if not self.user_id and not self.team_id:
            raise UserError(
                self.env._("Choose the user or team to hand %s over to.", self.complaint_id.name)
            )
        self.complaint_id._hand_over(self.reason, self.user_id, self.team_id)
        return {"type": "ir.actions.act_window_close"}
