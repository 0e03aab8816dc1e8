from odoo import models


class CustomerAccessLog(models.Model):
    """Log entries about a complaint are hidden from the same users as the complaint."""

    _name = "customer.access.log"
    _inherit = ["customer.access.log", "customer.confidential.mixin"]
    _document_fields = ("res_model", "res_id")
