from odoo import api, fields, models


class CustomerComplaintDialogMixin(models.AbstractModel):
    """A dialog about one complaint, for users who may read the complaint."""

    _name = "customer.complaint.dialog.mixin"
    _description = "Dialog about a Complaint"
    _inherit = ["customer.once.mixin"]

    complaint_id = fields.Many2one("customer.complaint", required=True, ondelete="cascade")

    @api.constrains("complaint_id")
    def _check_complaint(self):
        # Odoo runs constraints with sudo; the dialog would show the number.
        self.complaint_id.sudo(False).check_access("read")
