from odoo import api, models
from odoo.fields import Domain

from .customer_followup_enrollment import OPEN_STATES


class CustomerFollowupEnrollment(models.Model):
    """A plan goes on with its agent while he is away: its contacts are what others do."""

    _name = "customer.followup.enrollment"
    _inherit = ["customer.followup.enrollment", "customer.work.mixin"]

    @api.model
    def _work_label(self):
        return self.env._("running plans")

    @api.model
    def _open_work_domain(self):
        return Domain("state", "in", OPEN_STATES)
