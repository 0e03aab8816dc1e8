from odoo import fields, models


class CustomerComplaintDialogMixin(models.AbstractModel):
    """A dialog about one complaint, for users who may read the complaint."""

    _name = "customer.complaint.dialog.mixin"
    _description = "Dialog about a Complaint"
    _inherit = ["customer.dialog.mixin"]

    complaint_id = fields.Many2one("customer.complaint", required=True, ondelete="cascade")
