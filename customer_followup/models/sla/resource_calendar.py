from odoo import models
from odoo.fields import Domain


class ResourceCalendar(models.Model):
    """Working hours in which promises may count."""

    _name = "resource.calendar"
    _inherit = ["resource.calendar", "customer.hours.mixin"]
    _hours_names = frozenset({"tz", "schedule_type", "flexible_hours", "two_weeks_calendar"})

    def _promises_domain(self):
        return Domain("calendar_id", "in", self.ids)

    def _rows_domain(self):
        return self._used_by_rows_domain()

    def _used_by_rows_domain(self):
        """Return the domain of customers on plans of teams that work by these hours."""
        company = Domain("company_id.resource_calendar_id", "in", self.ids)
        own = Domain("team_id.calendar_id", "in", self.ids)
        return own | (Domain("team_id.calendar_id", "=", False) & company)
