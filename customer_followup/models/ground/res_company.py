from odoo import api, fields, models
from odoo.fields import Domain

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

    @api.model
    def _all_companies(self):
        """Return all companies, archived ones included, in sudo."""
        # Which day it is where a company works is not confidential.
        return self.sudo().with_context(active_test=False).search(Domain.TRUE)

    @api.model
    def _by_day_domain(self, of_day):
        """Return a domain on records of companies that depends on the company's day.

        :param of_day: the domain for a day, a function
        """
        return Domain.OR(
            Domain("company_id", "in", some.ids) & of_day(day)
            for day, some in self._all_companies().grouped(lambda one: one._customer_day()).items()
        )
