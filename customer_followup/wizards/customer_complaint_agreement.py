from odoo import api, fields, models


class CustomerComplaintAgreement(models.TransientModel):
    """To which other date did the customer agree?"""

    _name = "customer.complaint.agreement"
    _description = "Agree Another Date"
    _inherit = ["customer.complaint.dialog.mixin"]

    promise_id = fields.Many2one(
        "customer.complaint.promise",
        required=True,
        ondelete="cascade",
        domain="[('complaint_id', '=', complaint_id), ('state', 'in', ('open', 'paused')),"
        " ('kind', '!=', 'first_answer')]",
    )
    date_deadline = fields.Datetime(string="New date", required=True)
    how = fields.Char(required=True, help="By phone, in the shop; who it was.")
    why = fields.Text(required=True)

    @api.constrains("promise_id")
    def _check_promise(self):
        # As for the complaint: its name tells the number.
        self.promise_id.sudo(False).check_access("read")

    def action_agree(self):
        """Record it; the promise holds until then."""
        self.ensure_one()
        self.promise_id._agree(self.date_deadline, self.how, self.why)
        return {"type": "ir.actions.act_window_close"}
