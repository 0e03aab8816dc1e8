from odoo import models


class ResourceCalendarLeaves(models.Model):
    """Days off of a calendar: promises that count in it follow."""

    _name = "resource.calendar.leaves"
    _inherit = ["resource.calendar.leaves", "customer.hours.mixin"]

    def _promises_domain(self):
        # The time off of one employee does not pause clocks.
        shared = self.filtered(lambda leave: not leave.resource_id)
        return super(ResourceCalendarLeaves, shared)._promises_domain()

    def _rows_domain(self):
        shared = self.filtered(lambda leave: not leave.resource_id)
        return super(ResourceCalendarLeaves, shared)._rows_domain()
