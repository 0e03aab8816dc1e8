from odoo import models


class CustomerFollowupStep(models.Model):
    _inherit = "customer.followup.step"

    def _prepare_followup_vals(self, enrollment, planned, deadline):
        """Return the values of the follow-up this step makes for ``enrollment``."""
        return {
            "name": self.name,
            "partner_id": enrollment.partner_id.id,
            "commercial_partner_id": enrollment.commercial_partner_id.id,
            "company_id": enrollment.company_id.id,
            "team_id": enrollment.team_id.id,
            "user_id": enrollment.user_id.id,
            "enrollment_id": enrollment.id,
            "plan_id": self.plan_id.id,
            "step_id": self.id,
            "purpose_id": self.plan_id.purpose_id.id,
            "channel_id": self.channel_id.id,
            "date_planned": planned,
            "date_deadline": deadline,
            "date_original": planned,
        }
