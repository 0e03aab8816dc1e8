from odoo import api, models

from ..plan.customer_followup_enrollment import OPEN_STATES

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

    @api.model
    def _stop_about(self, complaints):
        """Stop the plans that run for complaints, which now have another customer or company."""
        about = [
            ("res_model", "=", COMPLAINT),
            ("res_id", "in", complaints.ids),
            ("state", "in", OPEN_STATES),
        ]
        # A handler who corrects the customer need not be allowed to change plans.
        rows = self.sudo().search(about) if complaints else self.sudo()
        rows.action_stop(code="customer")
