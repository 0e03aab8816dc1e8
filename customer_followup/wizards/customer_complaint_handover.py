from odoo import fields, models
from odoo.exceptions import UserError


class CustomerComplaintHandover(models.TransientModel):
    """Who shall go on with a complaint, and why?"""

    _name = "customer.complaint.handover"
    _description = "Hand Over a Complaint"
    _inherit = ["customer.complaint.dialog.mixin"]

    user_id = fields.Many2one(
        "res.users", string="To", domain="[('share', '=', False)]", ondelete="cascade"
    )
    team_id = fields.Many2one("customer.team", string="Or to the team", ondelete="cascade")
    reason = fields.Char(required=True)

    def action_hand_over(self):
        """Offer it; it stays where it is until somebody accepts."""
        self.ensure_one()
        if not self.user_id and not self.team_id:
            raise UserError(self.env._("Say to whom you hand %s over.", self.complaint_id.name))
        self.complaint_id._hand_over(self.reason, self.user_id, self.team_id)
        return {"type": "ir.actions.act_window_close"}
