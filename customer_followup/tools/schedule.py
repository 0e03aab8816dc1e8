"""When contacts are due: offsets from an anchor, repetition, windows, working days.

A *day* is one of the customer's calendar. Minutes and hours are elapsed time and count from a
moment (naive UTC); all other units count in days from the anchor's day, which is day 0.
"""

from datetime import date, datetime, timedelta
from itertools import dropwhile, islice
from math import ceil
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from . import worktime

ELAPSED = {"minutes": 1, "hours": 60}
IN_DAYS = {"days": 1, "weeks": 7}
IN_MONTHS = {"months": 1, "quarters": 3, "years": 12}
PERIODS = ("weeks", "months", "quarters", "years")
FIXED, CHAINED = ("none", "interval", "period"), ("completion", "remaining", "season")
# So many minutes.
DAY = 24 * 60
# Where a calendar ends: nothing is ever due then.
NEVER = date.max
# How many missed contacts of one series are told one by one, and how many are planned at once.
MISSED_MOST, AHEAD_MOST = 60, 366
# More contacts than a calendar has minutes, and how far a series is followed contact by contact.
EVER, CHAIN_MOST = 2**33, 3000
# Nothing is meant to lie further away, in days; so long is a month without a name.
FAR, MONTH = 36500, 30.4
# A series without an end leaves so many days between contacts.
CALM = 7


class Span(NamedTuple):
    """So many of a unit, from minutes to years; negative before."""

    count: int
    unit: str = "days"

    @property
    def is_elapsed(self):
        return self.unit in ELAPSED


NOTHING = Span(0)


class Band(NamedTuple):
    """Of an interval table: with at most ``limit`` left to the target, contact every ``every``."""

    limit: Span
    every: Span


class Season(NamedTuple):
    """Of an interval table: from the month ``first`` to ``last`` (1 to 12), every ``every``."""

    first: int
    last: int
    every: Span

    def holds(self, month):
        """Say whether a month belongs to the season, which may run over New Year.

        >>> Season(11, 3, Span(15)).holds(1), Season(11, 3, Span(15)).holds(4)
        (True, False)
        """
        if self.first <= self.last:
            return self.first <= month <= self.last
        return month >= self.first or month <= self.last


class Pattern(NamedTuple):
    """What one step says about time.

    :param offset: from the anchor to the first contact, or to where a series starts counting
    :param early: how long before the day the contact may be made
    :param late: how long after
    :param repeat: ``none``; ``interval``, every ``every`` from the anchor; ``period``, ``times``
        contacts in each ``period``; ``completion``, every ``every`` after the contact before;
        ``remaining``, by ``bands`` of the time left to a target; ``season``, by month
    :param is_stated: the band stays the one that held at the start, or the widest if none did
    :param grace: days after the target for one last contact of a ``remaining`` series
    :param limit: most contacts of the series; 0 for any number
    :param until: no contact later than so long after the anchor
    :param until_day: no contact after this day
    :param policy: what happens on days not worked, see :meth:`worktime.Workdays.roll`
    :param hour: local hour (float) of the day
    :param is_month_end: an anchor at the end of its month stays at the ends of months
    """

    offset: Span = NOTHING
    early: Span = NOTHING
    late: Span = NOTHING
    repeat: str = "none"
    every: Span = NOTHING
    times: int = 1
    period: str = "months"
    bands: tuple = ()
    seasons: tuple = ()
    is_stated: bool = False
    grace: int = 3
    limit: int = 0
    until: Span | None = None
    until_day: date | None = None
    policy: str = "none"
    hour: float = 9.0
    is_month_end: bool = False

    @property
    def is_chained(self):
        """Whether each contact waits for the one before it."""
        return self.repeat in CHAINED


class Frame(NamedTuple):
    """In whose time a pattern is read.

    :param anchor: the moment (naive UTC) day 0 holds, or that day itself
    :param zone: name of the customer's time zone
    :param workdays: :class:`worktime.Workdays`
    :param target: the day something is meant to happen, which ends some series
    :param delay: days by which all is put off that counts from the anchor
    """

    anchor: object
    zone: str = "UTC"
    workdays: worktime.Workdays = worktime.Workdays()
    target: date | None = None
    delay: int = 0

    @property
    def day(self):
        """Return the customer's day of the anchor."""
        if isinstance(self.anchor, datetime):
            return worktime.local_day(self.anchor, self.zone)
        return self.anchor


class Occurrence(NamedTuple):
    """One contact of a step.

    :param number: 1 for the first of its step
    :param nominal: the day (or, for elapsed time, the moment) the pattern says
    :param planned: from when it may be made, naive UTC
    :param deadline: until when, naive UTC
    :param reason: why it lies elsewhere than the pattern says, see :class:`worktime.Rolled`
    """

    number: int
    nominal: object
    planned: datetime
    deadline: datetime
    reason: str = ""

    def day(self, zone):
        """Return the customer's day the pattern says."""
        if isinstance(self.nominal, datetime):
            return worktime.local_day(self.nominal, zone)
        return self.nominal


# Offsets


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


def _elapsed(minutes, is_exact):
    return timedelta(minutes=minutes) if is_exact else timedelta(days=int(minutes / DAY))


def _ends_month(day):
    return (day + timedelta(days=1)).day == 1


def _shift_both(start, one, other, times, is_month_end=False):
    """Return ``one`` and ``times`` ``other`` after the start, clipped once where that is possible.

    >>> _shift_both(date(2026, 1, 31), Span(1, "months"), Span(3, "months"), 1)
    datetime.date(2026, 5, 31)
    """
    for units in (IN_DAYS, IN_MONTHS, ELAPSED):
        if one.unit in units and other.unit in units:
            unit = next(iter(units))
            amount = one.count * units[one.unit] + times * other.count * units[other.unit]
            return shift(start, Span(amount, unit), 1, is_month_end)
    return shift(shift(start, one, 1, is_month_end), other, times, is_month_end)


# Periods


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

    Who comes in the middle of a period gets his share of it, rounded up.

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


# Series that run by the calendar


def nominal(pattern, frame, number):
    """Return the day (or moment) of contact ``number`` of a fixed pattern, by closed form.

    >>> weekly = Pattern(Span(7), repeat="interval", every=Span(1, "weeks"))
    >>> nominal(weekly, Frame(date(2026, 3, 2)), 2610)
    datetime.date(2076, 3, 9)
    """
    start = frame.anchor if pattern.offset.is_elapsed else frame.day
    if pattern.repeat == "period":
        first = _day_of(shift(start, pattern.offset, 1, pattern.is_month_end), frame)
        found = slot(first, max(pattern.times, 1), pattern.period, number)[2]
    elif number == 1:
        found = shift(start, pattern.offset, 1, pattern.is_month_end)
    else:
        found = _shift_both(start, pattern.offset, pattern.every, number - 1, pattern.is_month_end)
    return shift(found, Span(frame.delay)) if frame.delay else found


def number_from(pattern, frame, day, after=0):
    """Return the number of the first contact of a fixed series on or after ``day``.

    Only numbers beyond ``after`` count. Years of standstill cost no more than an hour of it: the
    number is found by halving.

    >>> daily = Pattern(Span(1), repeat="interval", every=Span(1))
    >>> number_from(daily, Frame(date(1976, 1, 1)), date(2026, 1, 1))
    18263
    """

    def is_before(number):
        return _day_of(nominal(pattern, frame, number), frame) < day

    low, step = after, 1
    while step < EVER and is_before(low + step):
        low, step = low + step, 2 * step
    high = low + step
    while high - low > 1:
        middle = (low + high) // 2
        if is_before(middle):
            low = middle
        else:
            high = middle
    return high


def _day_of(moment, frame):
    if not isinstance(moment, datetime):
        return moment
    return NEVER if moment.year == NEVER.year else worktime.local_day(moment, frame.zone)


def last_day(pattern, frame):
    """Return the last day of a series, or :data:`NEVER`."""
    ends = [NEVER]
    if pattern.until:
        ends.append(shift(shift(frame.day, pattern.until), Span(frame.delay)))
    if pattern.until_day:
        ends.append(pattern.until_day)
    if frame.target and pattern.repeat != "none":
        ends.append(frame.target)
    return min(ends)


def occurrences(pattern, frame, number=1):
    """Yield the :class:`Occurrence` of a fixed pattern from ``number`` on, up to its end if any.

    Two contacts never fall on one day: what rolls onto the day of the contact before is left out.
    Where so many are left out in a row that no day is worked any more, the series ends.

    >>> daily = Pattern(Span(1), repeat="interval", every=Span(1), limit=5, policy="skip")
    >>> week = worktime.Workdays(worktime.weekly(range(5)))
    >>> [one.nominal.day for one in occurrences(daily, Frame(date(2026, 3, 5), workdays=week))]
    [6, 9, 10]
    """
    end = last_day(pattern, frame)
    most = 1 if pattern.repeat == "none" else pattern.limit or EVER
    before = occurrence(pattern, frame, number - 1) if 1 < number <= most else None
    left_out = 0
    for place in range(number, most + 1):
        moment = nominal(pattern, frame, place)
        day = _day_of(moment, frame)
        if day > end or day == NEVER or left_out == worktime.REACH:
            return
        one = placed(pattern, frame, place, moment, (None, end))
        if one and not (before and one.planned <= before.planned):
            yield one
            before, left_out = one, 0
        else:
            left_out += 1


def occurrence(pattern, frame, number):
    """Return contact ``number`` of a fixed pattern, or ``None`` if that day is skipped."""
    moment = nominal(pattern, frame, number)
    return placed(pattern, frame, number, moment, (None, last_day(pattern, frame)))


def placed(pattern, frame, number, moment, bounds=(None, None)):
    """Return the :class:`Occurrence` of contact ``number`` on its nominal day or moment.

    A window is never left: where the next working day lies beyond it, the contact is due on the
    last working day inside, else on the day itself. The same holds for ``bounds``, a first and a
    last day or ``None``.

    >>> within = Pattern(Span(3), early=Span(3), policy="next")
    >>> week = worktime.Workdays(worktime.weekly(range(5)))
    >>> one = placed(within, Frame(date(2026, 2, 26), workdays=week), 1, date(2026, 3, 1))
    >>> one.planned, one.deadline, one.reason
    (datetime.datetime(2026, 2, 26, 9, 0), datetime.datetime(2026, 2, 27, 23, 59, 59), 'window')
    """
    if isinstance(moment, datetime):
        return _placed_moment(pattern, frame, number, moment)
    first, last = _window(pattern, frame, moment, bounds)
    if first != last:
        bounds = (first, last)
    rolled = frame.workdays.roll(moment, pattern.policy, *bounds)
    if rolled.day is None:
        return None
    start = _inward(frame, pattern, first, 1, rolled.day) if first < moment else rolled.day
    end = _inward(frame, pattern, last, -1, rolled.day) if last > moment else rolled.day
    planned = worktime.at_local(start, pattern.hour, frame.zone)
    deadline = worktime.end_of_local_day(end, frame.zone)
    if deadline < planned:
        # The clocks left out the rest of that day.
        deadline = _end_of_day(planned, frame)
    return Occurrence(number, moment, planned, deadline, rolled.reason)


def _window(pattern, frame, moment, bounds):
    """Return the first and the last day of the window around a day, which keeps to the bounds."""
    least, most = bounds
    first = min(moment, shift(moment, pattern.early, -1))
    last = max(moment, _latest(pattern, frame, moment))
    if first == last:
        return first, last
    return max(first, least or first), min(last, most or last)


def _latest(pattern, frame, moment):
    """Return the last day of a window, counted from the anchor where its unit allows that."""
    if pattern.late.unit in IN_MONTHS and pattern.repeat == "none" and not frame.delay:
        return _shift_both(frame.day, pattern.offset, pattern.late, 1, pattern.is_month_end)
    return shift(moment, pattern.late)


def _inward(frame, pattern, edge, step, day):
    """Return the working day of a window nearest to its edge, or the edge if there is none."""
    if pattern.policy == "none":
        return edge
    found = frame.workdays.nearby(edge, step)
    if found is None or (found - day).days * step > 0:
        return day
    return found


def _placed_moment(pattern, frame, number, moment):
    """Place a contact after elapsed time: its window is elapsed time too."""
    early = min(moment, shift(moment, pattern.early, -1))
    late = max(moment, shift(moment, pattern.late))
    return Occurrence(number, moment, early, late if late > moment else _end_of_day(moment, frame))


def _end_of_day(moment, frame):
    day = worktime.local_day(moment, frame.zone)
    return max(moment, worktime.end_of_local_day(day, frame.zone))


# What a planner does now


class Upcoming(NamedTuple):
    """What a series asks for at some moment.

    :param due: the contacts to plan now, those missed among them
    :param missed: numbers of contacts whose time went by unplanned
    :param earlier: how many more went by before those, too long ago to tell one by one
    :param later: the first contact that need not be planned yet
    :param is_over: whether no contact comes after those
    """

    due: tuple = ()
    missed: frozenset = frozenset()
    earlier: int = 0
    later: Occurrence | None = None
    is_over: bool = False


def upcoming(pattern, frame, number, now, horizon):
    """Return the :class:`Upcoming` contacts of a fixed pattern after contact ``number``.

    Of a series that stood still, one contact is due now; those before it were missed. Whatever
    the standstill, no more than :data:`MISSED_MOST` of them are told one by one.

    >>> daily = Pattern(Span(1), repeat="interval", every=Span(1))
    >>> found = upcoming(
    ...     daily, Frame(date(2026, 3, 1)), 0, datetime(2026, 3, 6), datetime(2026, 3, 6, 23)
    ... )
    >>> [one.nominal.day for one in found.due], sorted(found.missed), found.later.nominal.day
    ([2, 3, 4, 5, 6], [1, 2, 3, 4], 7)
    """
    is_series = pattern.repeat != "none"
    start = _told_from(pattern, frame, number, now) if is_series else number + 1
    due, later = [], None
    for one in occurrences(pattern, frame, start):
        if one.planned > horizon or len(due) == AHEAD_MOST:
            later = one
            break
        due.append(one)
    missed = _missed(frame, due, now) if is_series else frozenset()
    return Upcoming(tuple(due), missed, start - number - 1, later, later is None)


def _told_from(pattern, frame, number, now):
    """Return the number of the first contact after ``number`` that is told by itself."""
    day = min(worktime.local_day(now, frame.zone), last_day(pattern, frame))
    latest = number_from(pattern, frame, day, number + MISSED_MOST)
    if pattern.limit:
        latest = min(latest, pattern.limit)
    return max(number + 1, latest - MISSED_MOST)


def _missed(frame, due, now):
    tonight = worktime.end_of_local_day(worktime.local_day(now, frame.zone), frame.zone)
    begun = [one for one in due if one.planned <= tonight]
    return frozenset(one.number for one in begun[:-1] if one.deadline < now)


def upcoming_chained(pattern, frame, number, reference, horizon):
    """Return the :class:`Upcoming` contact of a chained pattern after contact ``number``.

    :param reference: the customer's day that contact ended, or ``None`` if there was none
    """
    if pattern.limit and number >= pattern.limit:
        return Upcoming(is_over=True)
    one = chained_occurrence(pattern, frame, number + 1, reference)
    if one is None:
        return Upcoming(is_over=not _is_waiting(pattern, frame, reference))
    return Upcoming(due=(one,)) if one.planned <= horizon else Upcoming(later=one)


def _is_waiting(pattern, frame, reference):
    """Say whether a series that has no next contact only waits for its target to draw near."""
    if pattern.repeat != "remaining" or frame.target is None:
        return pattern.repeat == "remaining"
    opening = opens(pattern, frame)
    if opening is None or opening > _chain_end(pattern, frame):
        return False
    return (reference or _chain_start(pattern, frame)) < opening


def opens(pattern, frame):
    """Return the first day on which a ``remaining`` series has a band, or ``None``.

    A series too early for any band goes on from there: that day is its ``reference`` then.

    >>> month = Pattern(repeat="remaining", bands=(Band(Span(1, "months"), Span(7)),))
    >>> opens(month, Frame(date(2026, 1, 1), target=date(2026, 3, 31)))
    datetime.date(2026, 3, 1)
    """
    if pattern.repeat != "remaining" or frame.target is None or not pattern.bands:
        return None
    return min(_opening(band.limit, frame.target) for band in pattern.bands)


def _opening(limit, target):
    day = shift(target, limit, -1)
    while shift(day, limit) < target:
        day += worktime.ONE_DAY
    return day


# Series in which each contact waits for the one before


def band_every(bands, reference, target):
    """Return how often to contact with so much time left, or ``None`` if there is too much.

    >>> month = (Band(Span(3), Span(1)), Band(Span(1, "months"), Span(7)))
    >>> band_every(month, date(2026, 1, 31), date(2026, 2, 28))
    Span(count=7, unit='days')
    >>> band_every(month, date(2026, 1, 31), date(2026, 3, 1)) is None
    True
    """
    for band in sorted(bands, key=lambda band: shift(reference, band.limit)):
        if target <= shift(reference, band.limit):
            return band.every
    return None


def following(pattern, frame, reference=None):
    """Return the day after the contact on the day ``reference`` of a chained pattern, or ``None``.

    Without ``reference`` it is the first: a series by table counts from the anchor, as if that
    were a contact; one after completion starts with its offset.

    >>> weekly = Pattern(Span(7), repeat="completion", every=Span(7))
    >>> following(weekly, Frame(date(2026, 3, 1)), date(2026, 3, 11))
    datetime.date(2026, 3, 18)
    """
    start = _chain_start(pattern, frame)
    if pattern.repeat == "completion":
        found = start if reference is None else shift(reference, pattern.every)
    elif pattern.repeat == "season":
        found = _next_by_season(pattern, reference or start)
    else:
        found = _next_by_remaining(pattern, frame, start, reference or start)
    if found is None or found > _chain_end(pattern, frame):
        return None
    return found


def _chain_start(pattern, frame):
    start = shift(frame.day, pattern.offset, 1, pattern.is_month_end)
    return shift(start, Span(frame.delay))


def _chain_end(pattern, frame):
    end = last_day(pattern, frame._replace(target=None))
    if pattern.repeat == "remaining" or not frame.target:
        return end
    return min(end, frame.target)


def chained_occurrence(pattern, frame, number, reference=None):
    """Return contact ``number`` of a chained pattern after the day ``reference``, or ``None``.

    Days not worked bring it neither back to the day of the contact before nor beyond its end.
    """
    day = following(pattern, frame, reference)
    if day is None:
        return None
    first, last = reference and shift(reference, Span(1)), _chain_end(pattern, frame)
    is_after = pattern.repeat == "remaining" and day > frame.target
    if is_after:
        first = day
    elif pattern.repeat == "remaining":
        last = min(last, frame.target)
    policy = "next" if pattern.policy == "skip" else pattern.policy
    one = placed(pattern._replace(policy=policy), frame, number, day, (first, last))
    return one._replace(reason="target") if is_after else one


def _next_by_remaining(pattern, frame, start, reference):
    """Return the next contact before the target, or the one last after it."""
    if frame.target is None:
        return None
    if reference >= frame.target:
        last = shift(frame.target, Span(pattern.grace))
        return last if pattern.grace and reference < last else None
    every = band_every(pattern.bands, reference, frame.target)
    if every and pattern.is_stated:
        stated = max(start, opens(pattern, frame))
        every = band_every(pattern.bands, stated, frame.target)
    return every and min(shift(reference, every), frame.target)


def _next_by_season(pattern, reference):
    """Return the next contact by the season of the one before.

    A coming season with a shorter interval pulls it forward; one with a longer never puts it off.
    """
    here = _season(pattern, reference)
    found = shift(reference, here.every) if here else NEVER
    month = reference.replace(day=1)
    for _month in range(12):
        month = shift(month, Span(1, "months"))
        coming = _season(pattern, month)
        if month > found:
            break
        if coming and coming != here:
            found = min(found, max(month, shift(reference, coming.every)))
    return None if found == NEVER else found


def _season(pattern, day):
    return next((season for season in pattern.seasons if season.holds(day.month)), None)


# By the meter


def meter_day(base, reading, goal, fallback):
    """Return when a meter reaches ``goal``, at the latest on the day ``fallback``.

    :param base: ``(day, value)`` from which the meter is known
    :param reading: ``(day, value)`` of the last reading; its rate goes on

    >>> meter_day(
    ...     (date(2026, 1, 10), 12000), (date(2026, 4, 10), 15800), 17000, date(2026, 7, 10)
    ... )
    datetime.date(2026, 5, 9)
    """
    days, units = (reading[0] - base[0]).days, reading[1] - base[1]
    if days <= 0 or units <= 0:
        return fallback
    return min(fallback, shift(reading[0], Span(ceil((goal - reading[1]) * days / units))))


# Looking ahead


def preview(pattern, frame, count, start=None):
    """Return the first ``count`` :class:`Occurrence` the pattern says for ``start`` or later.

    Of a chained pattern each contact counts as made on its planned day; beyond
    :data:`CHAIN_MOST` of them it is followed no further.

    >>> weekly = Pattern(Span(7), repeat="interval", every=Span(7))
    >>> [one.nominal.day for one in preview(weekly, Frame(date(2026, 3, 1)), 2, date(2026, 3, 9))]
    [15, 22]
    """
    if pattern.is_chained:
        found = _chain(pattern, frame)
    elif start and pattern.repeat != "none":
        found = occurrences(pattern, frame, number_from(pattern, frame, start))
    else:
        found = occurrences(pattern, frame)
    if start:
        found = dropwhile(lambda one: one.day(frame.zone) < start, found)
    return list(islice(found, count))


def _chain(pattern, frame):
    """Yield the contacts of a chained pattern, each made on its planned day."""
    reference = None
    for number in range(1, min(pattern.limit or CHAIN_MOST, CHAIN_MOST) + 1):
        one = chained_occurrence(pattern, frame, number, reference)
        if one is None and frame.target and _is_waiting(pattern, frame, reference):
            one = chained_occurrence(pattern, frame, number, opens(pattern, frame))
        if one is None:
            return
        yield one
        reference = worktime.local_day(one.planned, frame.zone)


# What makes no sense


def fault(pattern, has_target=False, has_stop=False):
    """Return a code for what makes no sense in a pattern, or ``None``.

    :param has_target: whether a target day will end the series
    :param has_stop: whether something else will

    >>> fault(Pattern(Span(1), repeat="interval", every=Span(1)))
    'endless'
    >>> fault(Pattern(Span(1), repeat="interval", every=Span(1)), has_stop=True) is None
    True
    >>> fault(Pattern(Span(7), late=Span(7), repeat="interval", every=Span(1, "weeks")))
    'overlap'
    """
    for code, is_so in FAULTS.items():
        if is_so(pattern):
            return code
    has_end = has_target or has_stop or pattern.limit or pattern.until or pattern.until_day
    if pattern.repeat in ("none", "remaining") or has_end or _room(pattern) >= CALM:
        return None
    return "endless"


def _days(span):
    """Return about how many days a span is."""
    if span.unit in IN_MONTHS:
        return span.count * IN_MONTHS[span.unit] * MONTH
    if span.unit in IN_DAYS:
        return span.count * IN_DAYS[span.unit]
    return span.count * ELAPSED[span.unit] / DAY


def _everys(pattern):
    """Return the spans between two contacts of a series, as far as it has any."""
    rows = {"remaining": pattern.bands, "season": pattern.seasons}.get(pattern.repeat, ())
    if pattern.repeat in ("interval", "completion"):
        return [pattern.every]
    return [row.every for row in rows]


def _room(pattern):
    """Return about how many days lie between two contacts of a series at least."""
    if pattern.repeat == "period":
        return _days(Span(1, pattern.period)) / pattern.times
    return min(_days(every) for every in _everys(pattern))


def _lies_far(pattern):
    spans = [pattern.offset, pattern.early, pattern.late, Span(pattern.grace), *_everys(pattern)]
    spans += [band.limit for band in pattern.bands]
    return any(abs(_days(span)) > FAR for span in spans + [pattern.until or NOTHING])


def _has_no_interval(pattern):
    """Say whether contacts of a series would not lie at least a day apart."""
    if pattern.repeat == "period":
        return pattern.times < 1 or _room(pattern) < 1
    if pattern.repeat == "none":
        return False
    return any(every.count <= 0 for every in _everys(pattern)) or not _everys(pattern)


def _has_bad_bands(pattern):
    limits = [_days(band.limit) for band in pattern.bands]
    return any(limit <= 0 for limit in limits) or len(set(limits)) < len(limits)


def _has_bad_seasons(pattern):
    return any(sum(season.holds(month) for season in pattern.seasons) > 1 for month in range(1, 13))


def _ends_before_start(pattern):
    """Say whether a series ends before it starts, however long its months are."""
    if pattern.until is None:
        return False
    start, end = _days(pattern.offset), _days(pattern.until)
    is_exact = (pattern.offset.unit in IN_MONTHS) == (pattern.until.unit in IN_MONTHS)
    doubt = 0 if is_exact else 3 + abs(start) / 100
    return end + doubt < start


def _overlaps(pattern):
    """Say whether a contact's window reaches to the contact before or after it.

    Where each contact waits for the one before, none is so late that it meets the next.
    """
    if pattern.repeat == "none":
        return False
    late = 0 if pattern.is_chained else _days(pattern.late)
    return _days(pattern.early) + late >= _room(pattern)


FAULTS = {
    "negative_window": lambda pattern: pattern.early.count < 0 or pattern.late.count < 0,
    "overflow": _lies_far,
    "no_interval": _has_no_interval,
    "elapsed_interval": lambda pattern: any(every.is_elapsed for every in _everys(pattern)),
    "bands": _has_bad_bands,
    "seasons": _has_bad_seasons,
    "end_before_start": _ends_before_start,
    "overlap": _overlaps,
}
