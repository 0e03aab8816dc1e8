"""Days and moments so many minutes to years away, and the contacts of a period."""

from datetime import datetime, timedelta
from math import ceil

from dateutil.relativedelta import relativedelta

from .. import worktime
from .pattern import DAY, ELAPSED, IN_DAYS, IN_MONTHS, NEVER, Span


def shift(start, span, times=1, is_month_end=False):
    """Return the day, or for elapsed time the moment, ``times`` spans after ``start``.

    Months are counted from the start and clipped to the end of the month; with ``is_month_end``
    the last day of a month stays the last. A day knows no hours: of elapsed time only whole days
    count from it. Beyond the calendar, at either end, it is :data:`NEVER`.

    >>> shift(date(2026, 1, 31), Span(1, "months")), shift(date(2026, 1, 31), Span(1, "months"), 2)
    (datetime.date(2026, 2, 28), datetime.date(2026, 3, 31))
    >>> shift(date(2024, 2, 29), Span(1, "years")), shift(date(2024, 2, 29), Span(4, "years"))
    (datetime.date(2025, 2, 28), datetime.date(2028, 2, 29))
    >>> shift(date(2026, 2, 28), Span(1, "months"), is_month_end=True)
    datetime.date(2026, 3, 31)
    >>> shift(datetime(2026, 3, 1, 12), Span(90, "minutes"))
    datetime.datetime(2026, 3, 1, 13, 30)
    """
    never = worktime.LAST if isinstance(start, datetime) else NEVER
    if start == never:
        return never
    amount = span.count * times
    try:
        if span.unit in ELAPSED:
            return start + _elapsed(amount * ELAPSED[span.unit], isinstance(start, datetime))
        if span.unit in IN_DAYS:
            return start + timedelta(days=amount * IN_DAYS[span.unit])
        day = 31 if is_month_end and _ends_month(start) else None
        return start + relativedelta(months=amount * IN_MONTHS[span.unit], day=day)
    except (OverflowError, ValueError):
        return never


def whole_days(span):
    """Return how many whole days a span is, counting 30 for a month.

    >>> whole_days(Span(90, "minutes")), whole_days(Span(36, "hours")), whole_days(Span(2, "weeks"))
    (0, 1, 14)
    """
    if span.unit in ELAPSED:
        return span.count * ELAPSED[span.unit] // DAY
    if span.unit in IN_DAYS:
        return span.count * IN_DAYS[span.unit]
    return span.count * IN_MONTHS[span.unit] * 30


def _elapsed(minutes, is_exact):
    return timedelta(minutes=minutes) if is_exact else timedelta(days=int(minutes / DAY))


def _ends_month(day):
    return (day + timedelta(days=1)).day == 1


def shift_both(start, one, other, times, is_month_end=False):
    """Return ``one`` and ``times`` ``other`` after the start, clipped once where that is possible.

    >>> shift_both(date(2026, 1, 31), Span(1, "months"), Span(3, "months"), 1)
    datetime.date(2026, 5, 31)
    """
    for units in (IN_DAYS, IN_MONTHS, ELAPSED):
        if one.unit in units and other.unit in units:
            unit = next(iter(units))
            amount = one.count * units[one.unit] + times * other.count * units[other.unit]
            return shift(start, Span(amount, unit), 1, is_month_end)
    return shift(shift(start, one, 1, is_month_end), other, times, is_month_end)


def period_start(day, period):
    """Return the first day of the period of a day; weeks start on Monday.

    >>> period_start(date(2026, 5, 20), "quarters"), period_start(date(2026, 5, 20), "weeks")
    (datetime.date(2026, 4, 1), datetime.date(2026, 5, 18))
    """
    if period == "weeks":
        return day - timedelta(days=day.weekday())
    months = IN_MONTHS[period]
    return day.replace(month=(day.month - 1) // months * months + 1, day=1)


def period_slots(first, times, period):
    """Return the days of ``times`` contacts spread over the period from the day ``first`` on.

    A customer who comes in the middle of a period gets a share of the contacts, rounded up.

    >>> period_slots(date(2026, 3, 1), 2, "months"), period_slots(date(2026, 3, 20), 2, "months")
    ([datetime.date(2026, 3, 1), datetime.date(2026, 3, 16)], [datetime.date(2026, 3, 20)])
    """
    left, share = _share(first, times, period)
    return [first + timedelta(days=place * left // share) for place in range(share)]


def _share(first, times, period):
    """Return the days of a period left from ``first`` on, and how many contacts fall to them."""
    start = period_start(first, period)
    end = shift(start, Span(1, period))
    left = (end - first).days
    return left, ceil(times * left / (end - start).days)


def slot(first, times, period, number):
    """Return ``(start of its period, place in it, day)`` of the contact ``number``.

    >>> slot(date(2026, 3, 20), 2, "months", 3)
    (datetime.date(2026, 4, 1), 2, datetime.date(2026, 4, 16))
    """
    left, share = _share(first, times, period)
    start, place = period_start(first, period), number - 1
    if place >= share:
        later, place = divmod(place - share, times)
        start = first = shift(start, Span(1, period), later + 1)
        if start == NEVER:
            return start, 1, start
        left, share = _share(start, times, period)
    return start, place + 1, first + timedelta(days=place * left // share)
