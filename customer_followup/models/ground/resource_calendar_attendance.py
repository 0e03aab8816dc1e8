from odoo import models


class ResourceCalendarAttendance(models.Model):
    """Working hours on one weekday of a fortnight."""

    _inherit = "resource.calendar.attendance"

    def _places(self):
        """Return the places in the fortnight at which these hours are worked, 0 for a Monday."""
        weeks = (int(self.week_type),) if self.week_type else (0, 1)
        return [int(self.dayofweek) + 7 * week for week in weeks]
