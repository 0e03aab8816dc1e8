from odoo import api, fields, models


class CustomerComplaintAgreement(models.TransientModel):
    """Records another deadline agreed with the customer."""

    _name = "customer.complaint.agreement"
    _description = "Agree on Another Date"
    _inherit = ["customer.complaint.dialog.mixin"]

    promise_id = fields.Many2one(
        "customer.complaint.promise",
        required=True,
        ondelete="cascade",
        domain="[('complaint_id', '=', complaint_id), ('state', 'in', ('open', 'paused')),"
        " ('kind', '!=', 'first_answer')]",
    )
    date_deadline = fields.Datetime(string="New date", required=True)
    how = fields.Char(required=True, help="Channel and contact person.")
    why = fields.Text(required=True)

    @api.constrains("promise_id")
    def _check_promise(self):
        # Odoo runs constraints with sudo; the display name would show the number.
        self.promise_id.sudo(False).check_access("read")

    def action_agree(self):
        """Set the agreed deadline of the promise."""
        self.ensure_one()
        if self._use():
            self.promise_id._agree(self.date_deadline, self.how, self.why)
        return {"type": "ir.actions.act_window_close"}
