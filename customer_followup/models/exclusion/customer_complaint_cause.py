from odoo import models


class CustomerComplaintCause(models.Model):
    """A cause lists only the complaints that the user may know of."""

    _name = "customer.complaint.cause"
    _inherit = ["customer.complaint.cause", "customer.confidential.mixin"]
