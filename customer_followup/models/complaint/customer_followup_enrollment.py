from odoo import models

COMPLAINT = "customer.complaint"


class CustomerFollowupEnrollment(models.Model):
    """A plan may run for a complaint."""

    _inherit = "customer.followup.enrollment"

    # Which plans run for complaints, among all sources of plans.
    _complaint_idx = models.Index("(res_id) WHERE res_model = 'customer.complaint'")

    def _complaints(self):
        """Return the complaints these run for."""
        # Which complaint it is, is no secret from who may read the plan.
        about = self.sudo().filtered(lambda one: one.res_model == COMPLAINT)
        return self.env[COMPLAINT].sudo().browse(about.mapped("res_id"))
