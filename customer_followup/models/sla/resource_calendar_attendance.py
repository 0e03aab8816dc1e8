from odoo import models


class ResourceCalendarAttendance(models.Model):
    _name = "resource.calendar.attendance"
    _inherit = ["resource.calendar.attendance", "customer.hours.mixin"]

    def _promises_domain(self):
        return self.calendar_id._promises_domain()
