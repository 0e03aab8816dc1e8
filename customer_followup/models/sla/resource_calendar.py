from odoo import models
from odoo.fields import Domain


class ResourceCalendar(models.Model):
    """Working hours in which promises may count."""

    _name = "resource.calendar"
    _inherit = ["resource.calendar", "customer.hours.mixin"]
    _hours_names = frozenset({"tz", "schedule_type", "flexible_hours", "two_weeks_calendar"})

    def _promises_domain(self):
        return Domain("calendar_id", "in", self.ids)
