from odoo import fields, models


class CustomerFollowupOverride(models.TransientModel):
    """The reason to make a contact that the gate withheld."""

    _name = "customer.followup.override"
    _description = "Override of the Gate"
    _inherit = ["customer.dialog.mixin"]

    followup_id = fields.Many2one("customer.followup", required=True, ondelete="cascade")
    reason = fields.Selection(related="followup_id.close_code")
    note = fields.Char(string="Reason", required=True)

    def action_override(self):
        """Reopen the contact; the user and the reason are recorded."""
        if self._use():
            self.followup_id._override(self.note)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
