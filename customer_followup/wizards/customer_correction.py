from odoo import fields, models


class CustomerCorrection(models.TransientModel):
    """The right number or address of a customer, entered without seeing the wrong one."""

    _name = "customer.correction"
    _description = "Correction of a Number or Address"
    _inherit = ["customer.dialog.mixin"]

    followup_id = fields.Many2one("customer.followup", required=True, ondelete="cascade")
    needed = fields.Char(compute="_compute_needed")
    phone = fields.Char()
    email = fields.Char(string="E-mail")
    street = fields.Char()
    zip = fields.Char()
    city = fields.Char()

    def _compute_needed(self):
        for dialog in self:
            dialog.needed = dialog.followup_id.channel_id._needed() or "street"

    def action_correct(self):
        """Write what was entered to the contact; it is planned again."""
        if not self._use():
            return {"type": "ir.actions.act_window_close"}
        names = {"street": ("street", "zip", "city")}.get(self.needed, (self.needed,))
        self.followup_id._correct({name: self[name] for name in names if self[name]})
        return {"type": "ir.actions.client", "tag": "soft_reload"}
