from odoo import fields, models


class CustomerFollowupOverride(models.TransientModel):
    """Why shall a contact be made that the gate withheld?"""

    _name = "customer.followup.override"
    _description = "Overrule the Gate"

    followup_id = fields.Many2one("customer.followup", required=True, ondelete="cascade")
    reason = fields.Selection(related="followup_id.close_code")
    note = fields.Char(string="Why", required=True)

    def action_override(self):
        """Let it be made; who decided it and why is kept."""
        self.followup_id._override(self.note)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
