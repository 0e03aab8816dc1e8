from odoo import models

COMPLAINT = "customer.complaint"


class CustomerFollowupEnrollment(models.Model):
    """A plan that may run for a complaint."""

    _inherit = "customer.followup.enrollment"

    # Finds the plans that run for complaints.
    _complaint_idx = models.Index("(res_id) WHERE res_model = 'customer.complaint'")

    def _complaints(self):
        """Return the complaints that these plans run for."""
        # Users who may read the plan may know its complaint.
        about = self.sudo().filtered(lambda one: one.res_model == COMPLAINT)
        return self.env[COMPLAINT].sudo().browse(about.mapped("res_id"))
