from datetime import timedelta

from odoo import models

from ...tools import gate


class CustomerFollowupPlan(models.Model):
    """A plan that says what its contacts ask of the gate."""

    _inherit = "customer.followup.plan"

    def _gate_request(self, purpose, channel, team, company):
        """Return what contacts of the plan, or of no plan, ask of the gate."""
        workdays = None
        if self.is_workdays_only:
            workdays = team.calendar_id._working_time(company).workdays
        return gate.prepare_request(
            purpose,
            channel,
            # What is based on consent needs it, whatever its purpose.
            needs_consent=self.lawful_basis == "consent",
            windows=self.window_ids._spans(),
            workdays=workdays,
        )

    def _earliest(self, anchor):
        """Return the end of the cooling-off time after a start (naive UTC), or ``None``."""
        hours = self.cooling_off_hours
        return anchor + timedelta(hours=hours) if hours else None
