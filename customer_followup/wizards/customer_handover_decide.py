from odoo import fields, models


class CustomerHandoverDecide(models.TransientModel):
    """The dialog that asks for the reason of a decision on handovers."""

    _name = "customer.handover.decide"
    _description = "Decide on a Handover"
    _inherit = ["customer.dialog.mixin"]

    handover_ids = fields.Many2many(
        "customer.handover",
        relation="customer_handover_decide_rel",
        column1="decide_id",
        column2="handover_id",
        required=True,
    )
    decision = fields.Selection([("accept", "Accept"), ("decline", "Decline")], required=True)
    needs_receiver = fields.Boolean(compute="_compute_needs_receiver")
    user_id = fields.Many2one(
        "res.users", string="Receiver", ondelete="cascade", domain="[('share', '=', False)]"
    )
    note = fields.Char(string="Why", required=True)

    def _compute_needs_receiver(self):
        for wizard in self:
            wizard.needs_receiver = wizard.decision == "accept" and not all(
                handover.user_to_id for handover in wizard.handover_ids
            )

    def action_decide(self):
        """Decide."""
        if not self._use():
            return {"type": "ir.actions.act_window_close"}
        if self.decision == "accept":
            self.handover_ids._accept_for(self.user_id, self.note)
        else:
            self.handover_ids._decline(self.note)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
