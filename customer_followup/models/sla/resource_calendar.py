from odoo import models
from odoo.fields import Domain

from ...tools import sla, worktime


class ResourceCalendar(models.Model):
    _name = "resource.calendar"
    _inherit = ["resource.calendar", "customer.hours.mixin"]
    _hours_names = frozenset({"tz", "schedule_type", "flexible_hours", "two_weeks_calendar"})

    def _promises_domain(self):
        return Domain("calendar_id", "in", self.ids)

    def _sla_hours(self, company):
        """Return the :class:`sla.Hours` of at most one calendar for a company's promises.

        Without a calendar, without hours or with flexible hours, calendar time counts.
        """
        # Working hours are not confidential; the calendar may be restricted by record rules.
        calendar = self.sudo()
        zone = calendar.tz or company.sudo().resource_calendar_id.tz
        zone = zone or company.sudo().partner_id.tz or "UTC"
        workdays = self.env["customer.workday"]._workdays(calendar, company)
        if not calendar or calendar.flexible_hours:
            return sla.Hours(zone, (), workdays)
        return sla.Hours(zone, calendar._sla_fortnight(), workdays, calendar._sla_off(company))

    def _sla_fortnight(self):
        places = [[] for _place in range(worktime.FORTNIGHT)]
        for one in self.attendance_ids:
            is_work = not one.display_type and one.day_period != "lunch"
            if is_work and one.hour_from < one.hour_to:
                for week in (one.week_type,) if one.week_type else ("0", "1"):
                    place = int(one.dayofweek) + 7 * int(week)
                    places[place].append((one.hour_from, one.hour_to))
        return tuple(tuple(sorted(spans)) for spans in places)

    def _sla_off(self, company):
        leaves = self.env["resource.calendar.leaves"].search(
            [
                ("resource_id", "=", False),
                ("time_type", "=", "leave"),
                ("company_id", "in", [False, company.id]),
                ("calendar_id", "in", [False, self.id]),
            ]
        )
        return frozenset((leave.date_from, leave.date_to) for leave in leaves)
