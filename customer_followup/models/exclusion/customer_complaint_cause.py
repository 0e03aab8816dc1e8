from odoo import models


class CustomerComplaintCause(models.Model):
    """A cause, which lists only complaints from which the user is not excluded."""

    _name = "customer.complaint.cause"
    _inherit = ["customer.complaint.cause", "customer.confidential.mixin"]
