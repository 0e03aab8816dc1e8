from odoo import models


class CustomerWorkday(models.Model):
    _name = "customer.workday"
    _inherit = ["customer.workday", "customer.hours.mixin"]

    def _promises_domain(self):
        return self._promises_of_days()
