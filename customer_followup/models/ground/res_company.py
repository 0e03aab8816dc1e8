from odoo import fields, models

from ...tools import worktime


class ResCompany(models.Model):
    """A company with a time zone and a day of its own."""

    _inherit = "res.company"

    def _customer_zone(self):
        """Return the name of the time zone of the company's working hours."""
        # When a company works is not confidential.
        return self.sudo().resource_calendar_id.tz or "UTC"

    def _customer_day(self, moment=None):
        """Return which day a moment (naive UTC; now) is where the company is."""
        self.ensure_one()
        return worktime.local_day(moment or fields.Datetime.now(), self._customer_zone())
