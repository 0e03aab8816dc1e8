"""Promises: how long a clock runs, when and why it is paused, and the deadline that follows.

Moments are naive UTC datetimes, as Odoo stores them; days are those of the working hours' zone.
"""

from datetime import datetime, timedelta
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

from . import worktime

MINUTE, HOUR, DAY = 60, 3600, 86400
ELAPSED = {"minutes": MINUTE, "hours": HOUR}
IN_HOURS = (*ELAPSED, "business_hours")
IN_DAYS = ("calendar_days", "working_days")
# Why a clock ran or was paused, besides the reasons of the callers' pauses.
RUNNING, BREAK, OFF_HOURS, DAY_OFF = "running", "break", "off_hours", "day_off"
# The time of a promise that is decided, in whatever hours it counted.
PROMISED = "promised"
# Why elapsed time counts instead of working hours: there are none, or they end.
NO_HOURS, NO_MORE_HOURS = "no_hours", "no_more_hours"


class Hours(NamedTuple):
    """When people work: hours of a fortnight, which days, and when they are off.

    :param zone: name of the time zone of the hours
    :param fortnight: 14 tuples of ``(from, to)``, hours of the day; place 0 is a Monday
    :param workdays: :class:`worktime.Workdays`
    :param off: naive UTC ``(from, to)`` in which no one works, except on make-up days
    """

    zone: str = "UTC"
    fortnight: tuple = ()
    workdays: worktime.Workdays = worktime.Workdays()
    off: frozenset = frozenset()

    @property
    def has_hours(self):
        """Whether there are any hours to count in."""
        return any(self.fortnight)

    def spans(self, day):
        """Return when people work on a day, naive UTC ``((from, to), ...)`` in order.

        >>> from datetime import date
        >>> week(((9, 12), (13, 18)), "Europe/Berlin").spans(date(2026, 3, 5))[0]
        (datetime.datetime(2026, 3, 5, 8, 0), datetime.datetime(2026, 3, 5, 11, 0))
        """
        return _spans(self, day)

    def open_from(self, moment):
        """Yield when people work from ``moment`` on, until a year brings no more hours."""
        day = worktime.local_day(moment, self.zone)
        idle = 0
        while idle < worktime.REACH and day < worktime.EDGES[1]:
            idle += 1
            for opens, closes in self.spans(day):
                if closes > moment:
                    idle = 0
                    yield max(opens, moment), closes
            day += worktime.ONE_DAY

    def closing(self, moment, count):
        """Return when the ``count``-th working day after that of ``moment`` ends, or ``None``.

        >>> week(((9, 18),)).closing(datetime(2026, 6, 12, 10), 2)
        datetime.datetime(2026, 6, 16, 18, 0)
        """
        day, idle = worktime.local_day(moment, self.zone), 0
        spans = self.spans(day)
        while count and idle < worktime.REACH and day < worktime.EDGES[1]:
            day += worktime.ONE_DAY
            spans = self.spans(day)
            idle = 0 if spans else idle + 1
            count -= bool(spans)
        return None if count or not spans else max(moment, spans[-1][1])

    def gap(self, start, end):
        """Say why no one works from ``start`` to ``end``."""
        first, last = (worktime.local_day(moment, self.zone) for moment in (start, end))
        if first == last and any(closes <= start for _opens, closes in self.spans(first)):
            return BREAK
        days = ((last - first).days if first < last else 0) + 1
        if any(first + timedelta(days=number) in self.workdays.holidays for number in range(days)):
            return DAY_OFF
        return OFF_HOURS


class Target(NamedTuple):
    """How much time a promise allows; ``unit`` is one of ``IN_HOURS`` or ``IN_DAYS``."""

    count: int
    unit: str


class Pause(NamedTuple):
    """A time in which a clock is paused; without an ``end`` it still is."""

    start: datetime
    end: datetime
    why: str = "paused"


class Interval(NamedTuple):
    """A part of a ledger: the clock ran or was paused, and why."""

    start: datetime
    end: datetime
    is_counted: bool
    why: str


class Clock(NamedTuple):
    """The result of a promise's clock.

    :param deadline: the last moment in which it is kept; ``None`` while the clock is paused
    :param ledger: :class:`Interval` after interval from the start to the deadline
    :param budget: seconds the promise allows; those counted in the ledger sum up to it
    :param left: seconds not counted yet when the clock stopped for now
    :param fallback: why elapsed time counts instead of working hours, or nothing
    """

    deadline: datetime
    ledger: tuple
    budget: int
    left: int = 0
    fallback: str = ""

    def after(self, seconds):
        """Return the moment when so many seconds are counted, or ``None`` if they are not yet.

        >>> clock(datetime(2026, 5, 1, 14), Target(10, "minutes")).after(480)
        datetime.datetime(2026, 5, 1, 14, 8)
        """
        for interval in self.ledger:
            if interval.is_counted:
                length = _seconds(interval.start, interval.end)
                if seconds <= length:
                    return interval.start + timedelta(seconds=seconds)
                seconds -= length
        return self.deadline

    def warning(self, count, unit):
        """Return when to warn, or ``None``: at ``count`` percent, or minutes or hours before.

        >>> clock(datetime(2026, 5, 1, 14), Target(2, "hours")).warning(30, "minutes")
        datetime.datetime(2026, 5, 1, 15, 30)
        """
        if self.deadline is None or not count or not self.ledger:
            return None
        if unit == "percent":
            return self.after(self.budget * count // 100)
        return max(self.ledger[0].start, self.deadline - timedelta(seconds=count * ELAPSED[unit]))


def clock(start, target, hours=None, pauses=()):
    """Return the :class:`Clock` of what is promised at ``start``.

    A pause extends the deadline by the time that would have counted. Days count to their end:
    calendar days to 23:59:59, working days to closing time; the day of the start does not count.

    >>> clock(datetime(2026, 5, 1, 14), Target(10, "minutes")).deadline
    datetime.datetime(2026, 5, 1, 14, 10)
    >>> office = week(((9, 12), (13, 18)))
    >>> clock(datetime(2026, 6, 12, 17), Target(2, "business_hours"), office).deadline
    datetime.datetime(2026, 6, 15, 10, 0)
    >>> clock(datetime(2026, 6, 12, 17), Target(2, "working_days"), office).deadline
    datetime.datetime(2026, 6, 16, 18, 0)
    >>> clock(datetime(2026, 6, 12, 17), Target(1, "calendar_days")).deadline
    datetime.datetime(2026, 6, 13, 23, 59, 59)
    >>> waiting = Pause(datetime(2026, 5, 1, 11), datetime(2026, 5, 1, 15), "awaiting")
    >>> paused = clock(datetime(2026, 5, 1, 10), Target(2, "hours"), pauses=[waiting])
    >>> paused.deadline, [interval.why for interval in paused.ledger]
    (datetime.datetime(2026, 5, 1, 16, 0), ['running', 'awaiting', 'running'])
    """
    hours = hours or Hours()
    spans, left, fallback = _counting(start, target, hours)
    budget, cursor, ledger, pauses = left, start, [], _merged(pauses)
    if not left:
        return Clock(start, (), 0, fallback=fallback)
    for opens, closes, why in spans:
        fallback = fallback or why
        if opens > cursor:
            ledger.append(Interval(cursor, opens, False, hours.gap(cursor, opens)))
        for begins, ends, reason in _cut(opens, closes, pauses):
            if reason:
                ledger.append(Interval(begins, ends, False, reason))
                if ends is None:
                    return Clock(None, tuple(ledger), budget, left, fallback)
                continue
            ends = min(ends, _later(begins, left))
            ledger.append(Interval(begins, ends, True, RUNNING))
            left -= _seconds(begins, ends)
            if not left or ends == worktime.LAST:
                return Clock(ends, tuple(ledger), budget, 0, fallback)
        cursor = closes
    raise AssertionError("The last span has no end.")


def decided_clock(start, end, pauses=()):
    """Return the :class:`Clock` of a promise that is decided, whatever the hours are by now.

    :param end: the last moment in which it was kept, or in which it was done while paused

    >>> waiting = Pause(datetime(2026, 5, 1, 11), datetime(2026, 5, 1, 15), "awaiting")
    >>> decided = decided_clock(datetime(2026, 5, 1, 10), datetime(2026, 5, 1, 16), [waiting])
    >>> [interval.why for interval in decided.ledger]
    ['promised', 'awaiting', 'promised']
    """
    parts = _cut(start, end, [pause for pause in _merged(pauses) if pause.start < end])
    ledger = (
        Interval(begins, ends or end, not why, why or PROMISED) for begins, ends, why in parts
    )
    return Clock(end, tuple(ledger), 0)


def agreed_clock(start, end, unit, hours=None):
    """Return the :class:`Clock` of a deadline that was agreed at ``start``, as ``unit`` counts.

    Where it counts working hours and there are none until then, all time counts.

    >>> office = week(((9, 12), (13, 18)))
    >>> monday, wednesday = datetime(2026, 3, 2, 9), datetime(2026, 3, 4, 18)
    >>> agreed_clock(monday, wednesday, "working_days", office).warning(50, "percent")
    datetime.datetime(2026, 3, 3, 14, 0)
    >>> agreed_clock(monday, wednesday, "hours", office).warning(30, "minutes")
    datetime.datetime(2026, 3, 4, 17, 30)
    """
    spans = ()
    if unit not in ELAPSED and unit != "calendar_days" and hours and hours.has_hours:
        spans = takewhile(lambda span: span[0] < end, hours.open_from(start))
    ledger = [Interval(opens, min(closes, end), True, RUNNING) for opens, closes in spans]
    ledger = ledger or [Interval(start, end, True, RUNNING)]
    budget = sum(_seconds(one.start, one.end) for one in ledger)
    return Clock(end, tuple(ledger), budget)


def week(spans, zone="UTC", weekdays=range(5)):
    """Return :class:`Hours` with the same ``spans`` on each of the ``weekdays``."""
    places = worktime.weekly(weekdays)
    fortnight = tuple(tuple(spans) if place in places else () for place in range(14))
    return Hours(zone, fortnight, worktime.Workdays(places))


def attainment(met, missed, overdue=0):
    """Return the share of promises kept, in percent, or ``None`` of none.

    :param overdue: promises still open though their time is over; they are not kept

    >>> attainment(7, 1, 2)
    70.0
    >>> attainment(0, 0) is None
    True
    """
    total = met + missed + overdue
    return 100 * met / total if total else None


def late_minutes(deadline, moment):
    """Return by how many minutes, begun ones included, a moment comes after a deadline.

    >>> late_minutes(datetime(2026, 5, 1, 14, 10), datetime(2026, 5, 1, 14, 10, 1))
    1
    """
    return max(0, -(-_seconds(deadline, moment) // MINUTE))


def _counting(start, target, hours):
    """Return the spans that count, how many seconds of them, and why they are not the hours."""
    count, unit = max(target.count, 0), target.unit
    always = ((start, worktime.LAST, ""),)
    if unit in ELAPSED:
        return always, count * ELAPSED[unit], ""
    if unit == "calendar_days":
        return always, _seconds(start, _end_of_day(start, count, hours.zone)), ""
    closing = hours.has_hours and unit == "working_days" and hours.closing(start, count)
    if not hours.has_hours or closing is None:
        length = HOUR if unit == "business_hours" else DAY
        return always, count * length, NO_HOURS if not hours.has_hours else NO_MORE_HOURS
    if unit == "business_hours":
        return _worked(start, hours), count * HOUR, ""
    seconds = 0
    for opens, closes in hours.open_from(start):
        if opens >= closing:
            break
        seconds += _seconds(opens, closes)
    return _worked(start, hours), seconds, ""


def _worked(start, hours):
    """Yield working hours, and all time after them once a year brings none."""
    last = start
    for opens, closes in hours.open_from(start):
        last = closes
        yield opens, closes, ""
    yield last, worktime.LAST, NO_MORE_HOURS


def _end_of_day(start, count, zone):
    try:
        day = worktime.local_day(start, zone) + timedelta(days=count)
    except OverflowError:
        return worktime.LAST
    return max(start, worktime.end_of_local_day(day, zone))


def _cut(opens, closes, pauses):
    """Yield the parts of a span as ``(from, to, why)``; ``why`` is empty where the clock runs."""
    cursor = opens
    for start, end, why in pauses:
        if start >= closes or (end is not None and end <= cursor):
            continue
        if start > cursor:
            yield cursor, start, ""
        cursor = max(cursor, start)
        if end is None:
            yield cursor, None, why
            return
        yield cursor, min(end, closes), why
        cursor = min(end, closes)
    if cursor < closes:
        yield cursor, closes, ""


def _merged(pauses):
    """Return pauses in order, none of which overlaps or only goes on with another."""
    merged = []
    for start, end, why in sorted(pauses, key=lambda pause: pause.start):
        if merged:
            before = merged[-1]
            if before.end is None:
                break
            start = max(start, before.end)
        if end is not None and start >= end:
            continue
        if merged and start == before.end and why == before.why:
            start = merged.pop().start
        merged.append(Pause(start, end, why))
    return merged


@lru_cache(maxsize=8192)
def _spans(hours, day):
    is_makeup = day in hours.workdays.makeup
    if not hours.has_hours or not hours.workdays.is_working(day):
        return ()
    spans = []
    for opens, closes in sorted(_hours_of(hours.fortnight, day, is_makeup)):
        start = worktime.at_local(day, opens, hours.zone)
        end = worktime.at_local(day, worktime.closing_hour(closes), hours.zone)
        if spans and start <= spans[-1][1]:
            start, end = spans[-1][0], max(end, spans.pop()[1])
        if start < end:
            spans.append((start, end))
    if not is_makeup:
        for off in sorted(hours.off):
            spans = [part for span in spans for part in _without(span, off)]
    return tuple(spans)


def _hours_of(fortnight, day, is_makeup):
    """Return the hours of a day; a make-up day without any has those of the workday before."""
    place = (day.toordinal() - 1) % worktime.FORTNIGHT
    if is_makeup:
        while not fortnight[place]:
            place -= 1
    return fortnight[place]


def _without(span, off):
    (start, end), (leaves, returns) = span, off
    parts = (start, min(end, leaves)), (max(start, returns), end)
    return [part for part in parts if part[0] < part[1]]


def _seconds(start, end):
    return int((end - start).total_seconds())


def _later(moment, seconds):
    try:
        return min(moment + timedelta(seconds=seconds), worktime.LAST)
    except OverflowError:
        return worktime.LAST
