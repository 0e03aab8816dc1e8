from odoo import models


class CustomerWorkday(models.Model):
    """Promises follow days off, and days worked all the same."""

    _name = "customer.workday"
    _inherit = ["customer.workday", "customer.hours.mixin"]
