from datetime import timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools import worktime

LONGEST = 366


class CustomerWorkday(models.Model):
    """Days off that working hours do not know, or days worked to make up for days off."""

    _name = "customer.workday"
    _description = "Holiday or Make-up Workday"
    _order = "date_from desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    kind = fields.Selection(
        [("holiday", "Day off"), ("workday", "Worked all the same")],
        required=True,
        default="holiday",
        help="A day worked all the same, such as a make-up Saturday, wins over days off.",
    )
    date_from = fields.Date(string="From", required=True, default=fields.Date.context_today)
    date_to = fields.Date(string="To", required=True, default=fields.Date.context_today)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
        help="Empty: for all companies.",
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working hours",
        ondelete="cascade",
        check_company=True,
        help="Empty: for all working hours.",
    )

    @api.constrains("date_from", "date_to")
    def _check_days(self):
        for row in self:
            if not row.date_from <= row.date_to < row.date_from + timedelta(days=LONGEST):
                raise ValidationError(
                    self.env._(
                        "%(name)s: the last day is the first or comes within a year of it.",
                        name=row.name,
                    )
                )

    @api.model
    def _workdays(self, calendar, company):
        """Return the :class:`worktime.Workdays` of working hours, or of everyday without any.

        Days off are the weekdays nobody works, Odoo's public holidays that cover a whole day, and
        our own rows; make-up days win over all.
        """
        # Which days are worked is no secret; calendars may belong to other people's records.
        calendar = (calendar or company.resource_calendar_id).sudo()
        rows = self.sudo().search(
            [
                ("company_id", "in", [False, company.id]),
                ("calendar_id", "in", [False, calendar.id]),
            ]
        )
        own = {kind: rows.filtered(lambda row, kind=kind: row.kind == kind) for kind in _KINDS}
        return worktime.Workdays(
            _fortnight(calendar),
            frozenset(own["holiday"]._days()) | _public_holidays(calendar, company),
            frozenset(own["workday"]._days()),
        )

    def _days(self):
        for row in self:
            yield from _days_between(row.date_from, row.date_to)


_KINDS = ("holiday", "workday")


def _fortnight(calendar):
    """Return which days of a fortnight somebody works; all, where the hours are not told."""
    attendances = calendar.attendance_ids.filtered(
        lambda one: not one.display_type and one.day_period != "lunch"
    )
    if not attendances or calendar.flexible_hours:
        return worktime.weekly(range(7))
    return frozenset(
        int(one.dayofweek) + week
        for one in attendances
        for week in ((int(one.week_type) * 7,) if one.week_type else (0, 7))
    )


def _public_holidays(calendar, company):
    """Return the days on which Odoo's public holidays leave no working hour."""
    leaves = calendar.env["resource.calendar.leaves"].search(
        [
            ("resource_id", "=", False),
            ("time_type", "=", "leave"),
            ("company_id", "in", [False, company.id]),
            ("calendar_id", "in", [False, calendar.id]),
        ]
    )
    zone = pytz.timezone(calendar.tz or "UTC")
    attendances = calendar.attendance_ids.filtered(lambda one: not one.display_type)
    first = min(attendances.mapped("hour_from"), default=0)
    last = max(attendances.mapped("hour_to"), default=24)
    days = set()
    for leave in leaves:
        start, end = (
            pytz.utc.localize(moment).astimezone(zone)
            for moment in (leave.date_from, leave.date_to)
        )
        for day in _days_between(start.date(), end.date()):
            covers_start = day > start.date() or start.hour + start.minute / 60 <= first
            covers_end = day < end.date() or end.hour + (end.minute + 1) / 60 >= last
            if covers_start and covers_end:
                days.add(day)
    return frozenset(days)


def _days_between(first, last):
    """Yield the days from first to last, no more than ten years of them."""
    for number in range(min((last - first).days + 1, LONGEST * 10)):
        yield first + timedelta(days=number)
