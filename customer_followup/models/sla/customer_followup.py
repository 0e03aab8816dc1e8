from odoo import models
from odoo.fields import Domain

from ..contact.customer_followup import DONE
from .customer_sla_target import SURVEY


class CustomerFollowup(models.Model):
    """A follow-up about a complaint, which meets promises if it reached the customer."""

    _inherit = "customer.followup"

    def _ended(self):
        result = super()._ended()
        self._keep_promises()
        return result

    def _keep_promises(self):
        # The user who closes the follow-up may not be allowed to read its complaint.
        about = self.sudo().filtered(
            lambda one: one.state == DONE and one.enrollment_id.res_model == "customer.complaint"
        )
        survey = self.env.ref("customer_followup.customer_channel_survey", raise_if_not_found=False)
        for contact in about:
            complaint = self.env["customer.complaint"].sudo().browse(contact.enrollment_id.res_id)
            if contact.channel_id == survey:
                complaint._fulfil(SURVEY)
            elif contact.channel_id.is_automatic:
                complaint._contacted(is_automatic=True)
            elif contact.outcome_id.is_reached:
                complaint._customer_informed(contact.channel_id.name)

    def _undo_scope(self):
        """Include the promises of the complaint that the follow-up is about."""
        part = Domain("complaint_id", "in", self._complaints().ids)
        parts = ("customer.complaint.promise", "customer.complaint.clock")
        return {
            **super()._undo_scope(),
            **dict.fromkeys((*parts, "customer.complaint.notice"), part),
        }

    def _undo_parts(self):
        return (*super()._undo_parts(), "customer.complaint.promise")
