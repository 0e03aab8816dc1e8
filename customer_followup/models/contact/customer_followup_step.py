from datetime import timedelta

from odoo import models


class CustomerFollowupStep(models.Model):
    """A step that says what its contacts are made of."""

    _inherit = "customer.followup.step"

    def _prepare_followup_vals(self):
        """Return the values that all follow-ups of this step have in common."""
        return {
            "name": self.name,
            "plan_id": self.plan_id.id,
            "step_id": self.id,
            "purpose_id": self._purpose().id,
            "channel_id": self.channel_id.id,
            "priority": self.priority,
        }

    def _expiry(self, deadline):
        """Return when a contact with this deadline expires (both naive UTC), or ``None``."""
        return deadline + timedelta(days=self.expire_days) if self.is_expiring else None

    def _purpose(self):
        """Return what the contacts of the step are for."""
        return self.purpose_id or self.plan_id.purpose_id
