from datetime import timedelta

import pytz

from odoo import models

from ...tools import sla, worktime

# A public holiday longer than that is cut off.
MAX_LEAVE_DAYS = 3660


class ResourceCalendar(models.Model):
    """Working hours, with days off and make-up workdays of a company."""

    _inherit = "resource.calendar"

    def _working_time(self, company):
        """Return when people of a company work by this calendar, as :class:`sla.Hours`.

        The one reader of calendars. Days off are the weekdays without hours, Odoo's public
        holidays that cover a whole day, and our own rows; make-up workdays override all of them.
        Without a calendar, the working days and the zone are those of the company's calendar. No
        calendar and one with flexible hours have no hours, only days.
        """
        # When people work is not confidential; calendars may belong to other users' records.
        calendar = (self or company.resource_calendar_id).sudo()
        leaves = calendar._company_leaves(company)
        holidays, makeup = self.env["customer.workday"]._days_by_kind(calendar, company)
        workdays = worktime.Workdays(
            calendar._working_places(), holidays | calendar._whole_days(leaves), makeup
        )
        zone = calendar.tz or company.sudo()._customer_zone()
        if not self or calendar.flexible_hours:
            return sla.Hours(zone, (), workdays)
        periods = frozenset((leave.date_from, leave.date_to) for leave in leaves)
        return sla.Hours(zone, calendar._fortnight_hours(), workdays, periods)

    def _working_attendances(self):
        return self.attendance_ids.filtered(
            lambda one: not one.display_type and one.day_period != "lunch"
        )

    def _working_places(self):
        """Return the places in the fortnight with hours; all of them where there are no hours."""
        attendances = self._working_attendances()
        if not attendances or self.flexible_hours:
            return worktime.weekly(range(7))
        return frozenset(place for one in attendances for place in one._places())

    def _fortnight_hours(self):
        places = [[] for _place in range(worktime.FORTNIGHT)]
        for one in self._working_attendances():
            if one.hour_from < one.hour_to:
                for place in one._places():
                    places[place].append((one.hour_from, one.hour_to))
        return tuple(tuple(sorted(spans)) for spans in places)

    def _company_leaves(self, company):
        """Return the public holidays of this calendar, and those of all calendars."""
        return self.env["resource.calendar.leaves"].search(
            [
                ("resource_id", "=", False),
                ("time_type", "=", "leave"),
                ("company_id", "in", [False, company.id]),
                ("calendar_id", "in", [False, self.id]),
            ]
        )

    def _whole_days(self, leaves):
        """Return the days on which public holidays leave no working hour."""
        zone = pytz.timezone(self.tz or "UTC")
        attendances = self.attendance_ids.filtered(lambda one: not one.display_type)
        first = min(attendances.mapped("hour_from"), default=0)
        last = max(attendances.mapped("hour_to"), default=24)
        days = set()
        for leave in leaves:
            start, end = (
                pytz.utc.localize(moment).astimezone(zone)
                for moment in (leave.date_from, leave.date_to)
            )
            for number in range(min((end.date() - start.date()).days + 1, MAX_LEAVE_DAYS)):
                day = start.date() + timedelta(days=number)
                covers_start = day > start.date() or start.hour + start.minute / 60 <= first
                covers_end = day < end.date() or end.hour + (end.minute + 1) / 60 >= last
                if covers_start and covers_end:
                    days.add(day)
        return frozenset(days)
