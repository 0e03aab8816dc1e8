from odoo import api, models
from odoo.fields import Domain

from .customer_followup import OPEN_STATES


class CustomerFollowup(models.Model):
    _name = "customer.followup"
    _inherit = ["customer.followup", "customer.work.mixin"]

    @api.model
    def _work_label(self):
        return self.env._("contacts")

    @api.model
    def _open_work_domain(self):
        return Domain("state", "in", OPEN_STATES)

    @api.model
    def _due_work_domain(self, until):
        by_hand = Domain("channel_id.is_automatic", "=", False)
        return by_hand & Domain("date_deadline", "<=", until)
