from odoo import models
from odoo.fields import Domain

from ..contact.customer_followup import DONE
from .customer_sla_target import SURVEY


class CustomerFollowup(models.Model):
    """A contact about a complaint that reached the customer keeps what was promised."""

    _inherit = "customer.followup"

    def _ended(self):
        result = super()._ended()
        self._keep_promises()
        return result

    def _keep_promises(self):
        # The user who ends a contact may not be allowed to read the complaint it is about.
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
                complaint._customer_told(contact.channel_id.name)

    def _undo_scope(self):
        """Include the promises of the complaint the contact is about."""
        part = Domain("complaint_id", "in", self._complaints().ids)
        parts = ("customer.complaint.promise", "customer.complaint.clock")
        return {
            **super()._undo_scope(),
            **dict.fromkeys((*parts, "customer.complaint.notice"), part),
        }

    def _undo_parts(self):
        return (*super()._undo_parts(), "customer.complaint.promise")
