from odoo import models
from odoo.fields import Domain

COMPLAINT = "customer.complaint"


class CustomerFollowupEnrollment(models.Model):
    """A plan that runs for a complaint is kept from whom that is kept from."""

    _name = "customer.followup.enrollment"
    _inherit = ["customer.followup.enrollment", "customer.confidential.mixin"]

    # What some must not know of, among the sources of plans.
    _complaint_idx = models.Index("(res_id) WHERE res_model = 'customer.complaint'")

    def _hidden_domain(self):
        return Domain("res_model", "=", COMPLAINT) & Domain(
            "res_id", "in", self.env[COMPLAINT]._hidden_query()
        )

    def _complaints(self):
        """Return the complaints these run for."""
        # Which complaint it is, is no secret from whoever sees the plan.
        about = self.sudo().filtered(lambda one: one.res_model == COMPLAINT)
        return self.env[COMPLAINT].sudo().browse(about.mapped("res_id"))

    def _excluded_users(self):
        return self._complaints()._excluded_users()
