from odoo import models
from odoo.fields import Domain

COMPLAINT = "customer.complaint"


class CustomerFollowupEnrollment(models.Model):
    """A plan for a complaint, hidden from the same users as the complaint."""

    _name = "customer.followup.enrollment"
    _inherit = ["customer.followup.enrollment", "customer.confidential.mixin"]

    def _hidden_domain(self):
        return Domain("res_model", "=", COMPLAINT) & Domain(
            "res_id", "in", self.env[COMPLAINT]._hidden_query()
        )

    def _maybe_hidden(self):
        return self.filtered(lambda one: one.res_model == COMPLAINT)
