"""Days and hours: time zones, contact hours, working days.

Moments are naive UTC datetimes, as Odoo stores them; days are those of some zone's calendar.
"""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

import pytz

FORTNIGHT = 14
# How many days are searched for a working day: a year.
REACH = 366
ONE_DAY = timedelta(days=1)
LAST = datetime.max.replace(microsecond=0)
# Nearer to the ends of the calendar, days cannot be converted between zones.
EDGES = (date.min + 2 * ONE_DAY, date.max - 2 * ONE_DAY)


def local_day(moment, zone):
    """Return the calendar day of a naive UTC ``moment`` in the zone named ``zone``.

    >>> local_day(datetime(2026, 1, 31, 16, 30), "Asia/Shanghai")
    datetime.date(2026, 2, 1)
    """
    if not _lies_in(moment.date(), *EDGES):
        return moment.date()
    return pytz.utc.localize(moment).astimezone(pytz.timezone(zone)).date()


def local_hour(moment, zone):
    """Return the local hour of a naive UTC ``moment`` as a float: 9.5 is half past nine.

    >>> local_hour(datetime(2026, 1, 31, 16, 30), "Asia/Shanghai")
    0.5
    """
    local = pytz.utc.localize(moment).astimezone(pytz.timezone(zone))
    return local.hour + local.minute / 60


def at_local(day, hour, zone):
    """Return the naive UTC moment of the local ``hour`` (a float, 9.5 is half past nine) of a day.

    A time skipped by daylight saving moves forward by the gap; a repeated one is its first.

    >>> at_local(date(2026, 3, 29), 10.5, "Europe/Berlin")
    datetime.datetime(2026, 3, 29, 8, 30)
    >>> at_local(date(2026, 3, 8), 2.5, "America/New_York")
    datetime.datetime(2026, 3, 8, 7, 30)
    """
    if not _lies_in(day, *EDGES):
        return datetime.combine(day, time(min(int(hour), 23)))
    tz = pytz.timezone(zone)
    wall = datetime.combine(day, time()) + timedelta(minutes=round(hour * 60))
    try:
        moment = tz.localize(wall, is_dst=None)
    except pytz.NonExistentTimeError:
        moment = tz.localize(wall, is_dst=False)
    except pytz.AmbiguousTimeError:
        # Dublin and Casablanca call their winter daylight saving: ask for the earlier one.
        moment = min(tz.localize(wall, is_dst=is_dst) for is_dst in (True, False))
    return moment.astimezone(pytz.utc).replace(tzinfo=None)


def end_of_local_day(day, zone):
    """Return the last second of a local day as a naive UTC moment.

    >>> end_of_local_day(date(2026, 3, 5), "Asia/Shanghai")
    datetime.datetime(2026, 3, 5, 15, 59, 59)
    """
    if day == date.max:
        return LAST
    return at_local(day + ONE_DAY, 0, zone) - timedelta(seconds=1)


def moved_deadline(planned, deadline, until, zone):
    """Return the deadline of a window (naive UTC) that opens at ``until`` instead of ``planned``.

    A window that is still open then stays. One that is over moves as a whole: by days where it
    ends with a local day, else by the time between.

    >>> start, night = datetime(2026, 3, 7, 9), datetime(2026, 3, 7, 23, 59, 59)
    >>> moved_deadline(start, night, datetime(2026, 3, 9, 8), "UTC")
    datetime.datetime(2026, 3, 9, 23, 59, 59)
    >>> moved_deadline(start, datetime(2026, 3, 7, 10), datetime(2026, 3, 8, 8), "UTC")
    datetime.datetime(2026, 3, 8, 9, 0)
    """
    if deadline > until:
        return deadline
    last = local_day(deadline, zone)
    if deadline != end_of_local_day(last, zone):
        return until + (deadline - planned)
    days = last - local_day(planned, zone)
    return end_of_local_day(local_day(until, zone) + days, zone)


def closing_hour(hour):
    """Return the hour at which a span of hours ends: 23:59 means the end of the day.

    >>> closing_hour(23 + 59 / 60), closing_hour(18.5)
    (24, 18.5)
    """
    return 24 if round(hour * 60) >= 24 * 60 - 1 else hour


def openings(day, hours, *lists):
    """Return the open spans of a day, ``[(from, to)]`` in hours: within all that is given.

    :param hours: the outer ``(from, to)``
    :param lists: each a tuple of ``(weekday or None for each day, from, to)``, or empty for any

    >>> from datetime import date
    >>> openings(date(2026, 3, 5), (8, 21), ((None, 10.5, 12), (4, 15, 18)), ())
    [(10.5, 12)]
    """
    spans = [(hours[0], closing_hour(hours[1]))]
    for windows in filter(None, lists):
        spans = [
            (max(start, opens), min(end, closing_hour(closes)))
            for start, end in spans
            for weekday, opens, closes in windows
            if weekday in (None, day.weekday()) and max(start, opens) < min(end, closes)
        ]
    return sorted(spans)


def next_opening(moment, zone, hours, *lists, workdays=None):
    """Return the first moment from naive UTC ``moment`` on that is open, or ``None`` within a year.

    :param workdays: only on these days, if given

    >>> windows = ((None, 10.5, 11 + 2 / 3), (None, 15, 18))
    >>> week = Workdays(weekly(range(5)))
    >>> next_opening(datetime(2026, 3, 6, 18), "UTC", (8, 21), windows, workdays=week)
    datetime.datetime(2026, 3, 9, 10, 30)
    """
    first = local_day(moment, zone)
    for number in range(REACH):
        day = first + timedelta(days=number)
        if workdays and not workdays.is_working(day):
            continue
        for start, end in openings(day, hours, *lists):
            if moment < at_local(day, end, zone):
                return max(moment, at_local(day, start, zone))
    return None


def later_opening(moment, zone, hours, *lists):
    """Return when the next open span after naive UTC ``moment`` begins on its day, or ``None``.

    >>> windows = ((None, 10.5, 11 + 2 / 3), (None, 15, 18))
    >>> later_opening(datetime(2026, 3, 5, 10, 35), "UTC", (8, 21), windows)
    datetime.datetime(2026, 3, 5, 15, 0)
    >>> later_opening(datetime(2026, 3, 5, 15), "UTC", (8, 21), windows)
    """
    day = local_day(moment, zone)
    starts = (at_local(day, start, zone) for start, _end in openings(day, hours, *lists))
    return next((start for start in starts if start > moment), None)


def last_closing(moment, zone, hours, *lists):
    """Return the end of the last open span up to naive UTC ``moment``, or ``moment`` inside one.

    >>> last_closing(datetime(2026, 3, 5, 2), "UTC", (8, 21))
    datetime.datetime(2026, 3, 4, 21, 0)
    """
    last = local_day(moment, zone)
    for number in range(REACH):
        day = last - timedelta(days=number)
        for start, end in reversed(openings(day, hours, *lists)):
            if at_local(day, start, zone) <= moment:
                return min(moment, at_local(day, end, zone))
    return None


class Rolled(NamedTuple):
    """The day used instead of one that is no working day, and why.

    ``day`` is ``None`` where the day is skipped. ``reason`` is empty for a day that stays, else
    ``holiday``; ``window`` if it went the other way to stay in its window; ``kept`` if no working
    day lies in the window.
    """

    day: object
    reason: str = ""


class Workdays(NamedTuple):
    """Which days are working days: of a fortnight, less holidays, plus make-up days.

    :param fortnight: places in the fortnight that are worked; 0 and 7 are Mondays
    :param holidays: days off, on whatever day of the week
    :param makeup: days worked whatever the others say
    """

    fortnight: frozenset = frozenset(range(FORTNIGHT))
    holidays: frozenset = frozenset()
    makeup: frozenset = frozenset()

    def is_working(self, day):
        """Say whether people work on a day.

        >>> week = Workdays(weekly(range(5)), makeup=frozenset([date(2026, 2, 28)]))
        >>> week.is_working(date(2026, 2, 27)), week.is_working(date(2026, 3, 1))
        (True, False)
        >>> week.is_working(date(2026, 2, 28))
        True
        """
        if day in self.makeup:
            return True
        return (day.toordinal() - 1) % FORTNIGHT in self.fortnight and day not in self.holidays

    def nearby(self, day, step):
        """Return the first working day from ``day`` on, going by ``step`` days; ``None`` if far.

        >>> Workdays(weekly(range(5))).nearby(date(2026, 2, 28), 1)
        datetime.date(2026, 3, 2)
        """
        for distance in range(REACH):
            try:
                other = day + timedelta(days=distance * step)
            except OverflowError:
                return None
            if self.is_working(other):
                return other
        return None

    def roll(self, day, policy, first=None, last=None):
        """Return the :class:`Rolled` day for ``day``, which stays between ``first`` and ``last``.

        :param policy: ``none``, ``next``, ``previous``, ``nearest`` (a tie goes forward), ``skip``

        >>> week = Workdays(weekly(range(5)))
        >>> week.roll(date(2026, 2, 28), "next").day, week.roll(date(2026, 2, 28), "nearest").day
        (datetime.date(2026, 3, 2), datetime.date(2026, 2, 27))
        >>> week.roll(date(2026, 2, 28), "next", last=date(2026, 3, 1), first=date(2026, 2, 26))
        Rolled(day=datetime.date(2026, 2, 27), reason='window')
        """
        if policy == "none" or self.is_working(day):
            return Rolled(day)
        if policy == "skip":
            return Rolled(None, "holiday")
        wanted, *others = self._candidates(day, policy)
        if _lies_in(wanted, first, last):
            return Rolled(wanted, "holiday")
        for other in others:
            if _lies_in(other, first, last):
                return Rolled(other, "window")
        return Rolled(day, "kept")

    def _candidates(self, day, policy):
        """Return the working days around a day, the one the policy wants first."""
        after, before = self.nearby(day, 1), self.nearby(day, -1)
        if policy == "nearest":
            is_back = after is None or (before is not None and day - before < after - day)
            policy = "previous" if is_back else "next"
        return (before, after) if policy == "previous" else (after, before)


def weekly(weekdays):
    """Return the places in the fortnight of the same ``weekdays`` (0 is Monday) of each week."""
    return frozenset(day + week for day in weekdays for week in (0, 7))


def _lies_in(day, first, last):
    return day is not None and (first is None or first <= day) and (last is None or day <= last)
