from odoo import models

from .customer_followup import OPEN_STATES


class CustomerFollowup(models.Model):
    """Contacts that are planned while their agent is away."""

    _inherit = "customer.followup"

    def _stand_in(self):
        """Let others make those of new contacts that come due while their agent is away."""
        absences = self.env["customer.absence"]._open_now().grouped("user_id")
        if not absences:
            return
        until = {user: max(one._last_moment() for one in some) for user, some in absences.items()}
        due = self.filtered(
            lambda one: (
                one.user_id in until
                and one.state in OPEN_STATES
                and one.date_deadline <= until[one.user_id]
                and not one.channel_id.is_automatic
            )
        )
        stand_ins = {user: some.stand_in_id[:1] for user, some in absences.items()}
        away = self.env["res.users"].union(*absences)
        due._give(due._substitutes(stand_ins, away), is_meanwhile=True)
