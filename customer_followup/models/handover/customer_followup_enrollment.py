from odoo import api, models
from odoo.fields import Domain

from .forecast import Forecast

# Of more customers on plans, a forecast takes those who are due first.
MAX_FORECAST = 2000


class CustomerFollowupEnrollment(models.Model):
    """An enrollment whose next contacts count in the workload."""

    _inherit = "customer.followup.enrollment"

    @api.model
    def _forecast(self, users, last):
        """Return the values of contacts the planner will create for agents until a moment."""
        # The planner runs with all rights; only counts leave here.
        rows = self.sudo().search(
            Domain("user_id", "in", users.ids)
            & Domain("state", "in", ("active", "paused"))
            & Domain("date_next", "<=", last),
            order="date_next, id",
            limit=MAX_FORECAST,
        )
        if not rows:
            return []
        facts = rows._facts()
        due = Forecast(rows, facts, last).all_due()
        return self.env["customer.followup"]._due_vals(due, facts) if due else []
