from odoo import models


class ResourceCalendarAttendance(models.Model):
    """Hours of a calendar: promises that count in them follow."""

    _name = "resource.calendar.attendance"
    _inherit = ["resource.calendar.attendance", "customer.hours.mixin"]

    def _promises_domain(self):
        return self.calendar_id._promises_domain()

    def _rows_domain(self):
        return self.calendar_id._rows_domain()
