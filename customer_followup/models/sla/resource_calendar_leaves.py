from odoo import models


class ResourceCalendarLeaves(models.Model):
    """Days off of a calendar: promises that count in it follow."""

    _name = "resource.calendar.leaves"
    _inherit = ["resource.calendar.leaves", "customer.hours.mixin"]

    def _promises_domain(self):
        # One person's time off stops no clock.
        everybodys = self.filtered(lambda leave: not leave.resource_id)
        return super(ResourceCalendarLeaves, everybodys)._promises_domain()
