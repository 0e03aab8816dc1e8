from odoo import models


class CustomerWorkday(models.Model):
    """A day off or make-up day; when it changes, promises are recomputed."""

    _name = "customer.workday"
    _inherit = ["customer.workday", "customer.hours.mixin"]
