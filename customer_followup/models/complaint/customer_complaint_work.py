from odoo import api, models
from odoo.fields import Domain

from .customer_complaint import CLOSED


class CustomerComplaint(models.Model):
    _name = "customer.complaint"
    _inherit = ["customer.complaint", "customer.work.mixin"]

    @api.model
    def _work_label(self):
        return self.env._("complaints")

    @api.model
    def _open_work_domain(self):
        return Domain("state", "!=", CLOSED)

    @api.model
    def _due_work_domain(self, until):
        # One without a deadline must not lie either.
        closing = Domain("date_deadline", "<=", until) | Domain("date_deadline", "=", False)
        # A first answer is due long before all is solved.
        return closing | Domain("date_next", "<=", until)
