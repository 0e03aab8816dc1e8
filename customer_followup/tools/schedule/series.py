"""Contacts that the calendar alone decides: one, every so often, or so many in a period."""

from datetime import datetime

from .. import worktime
from .offsets import shift, shift_both, slot
from .pattern import IN_MONTHS, NEVER, Occurrence, Span

# More contacts than a calendar has minutes.
MAX_OCCURRENCES = 2**33


def nominal(pattern, context, number):
    """Return the day (or moment) of contact ``number`` of a fixed pattern, by closed form.

    >>> weekly = Pattern(Span(7), repeat="interval", every=Span(1, "weeks"))
    >>> nominal(weekly, Context(date(2026, 3, 2)), 2610)
    datetime.date(2076, 3, 9)
    """
    start = context.anchor if pattern.offset.is_elapsed else context.day
    if pattern.repeat == "period":
        first = day_of(shift(start, pattern.offset, 1, pattern.is_month_end), context)
        found = slot(first, max(pattern.times, 1), pattern.period, number)[2]
    elif number == 1:
        found = shift(start, pattern.offset, 1, pattern.is_month_end)
    else:
        found = shift_both(start, pattern.offset, pattern.every, number - 1, pattern.is_month_end)
    return shift(found, Span(context.delay)) if context.delay else found


def number_from(pattern, context, day, after=0):
    """Return the number of the first contact of a fixed series on or after ``day``.

    Only numbers beyond ``after`` count. The number is found by halving, so that a gap of years
    costs no more than one of an hour.

    >>> daily = Pattern(Span(1), repeat="interval", every=Span(1))
    >>> number_from(daily, Context(date(1976, 1, 1)), date(2026, 1, 1))
    18263
    """

    def is_before(number):
        return day_of(nominal(pattern, context, number), context) < day

    low, step = after, 1
    while step < MAX_OCCURRENCES and is_before(low + step):
        low, step = low + step, 2 * step
    high = low + step
    while high - low > 1:
        middle = (low + high) // 2
        if is_before(middle):
            low = middle
        else:
            high = middle
    return high


def day_of(moment, context):
    if not isinstance(moment, datetime):
        return moment
    return NEVER if moment.year == NEVER.year else worktime.local_day(moment, context.zone)


def last_day(pattern, context):
    """Return the last day of a series, or :data:`NEVER`."""
    ends = [NEVER]
    if pattern.until:
        ends.append(shift(shift(context.day, pattern.until), Span(context.delay)))
    if pattern.until_day:
        ends.append(pattern.until_day)
    if context.target and pattern.repeat != "none":
        ends.append(context.target)
    return min(ends)


def occurrences(pattern, context, number=1):
    """Yield the :class:`Occurrence` of a fixed pattern from ``number`` on, up to its end if any.

    Two contacts never fall on one day: what rolls onto the day of the contact before is left out.
    Where so many are left out in a row that no day is worked any more, the series ends.

    >>> daily = Pattern(Span(1), repeat="interval", every=Span(1), limit=5, policy="skip")
    >>> week = worktime.Workdays(worktime.weekly(range(5)))
    >>> [one.nominal.day for one in occurrences(daily, Context(date(2026, 3, 5), workdays=week))]
    [6, 9, 10]
    """
    end = last_day(pattern, context)
    most = 1 if pattern.repeat == "none" else pattern.limit or MAX_OCCURRENCES
    before = occurrence(pattern, context, number - 1) if 1 < number <= most else None
    left_out = 0
    for place in range(number, most + 1):
        moment = nominal(pattern, context, place)
        day = day_of(moment, context)
        if day > end or day == NEVER or left_out == worktime.REACH:
            return
        one = placed(pattern, context, place, moment, (None, end))
        if one and not (before and one.planned <= before.planned):
            yield one
            before, left_out = one, 0
        else:
            left_out += 1


def occurrence(pattern, context, number):
    """Return contact ``number`` of a fixed pattern, or ``None`` if that day is skipped."""
    moment = nominal(pattern, context, number)
    return placed(pattern, context, number, moment, (None, last_day(pattern, context)))


def placed(pattern, context, number, moment, bounds=(None, None)):
    """Return the :class:`Occurrence` of contact ``number`` on its nominal day or moment.

    A window is never left: where the next working day lies beyond it, the contact is due on the
    last working day inside, else on the day itself. The same holds for ``bounds``, a first and a
    last day or ``None``.

    >>> within = Pattern(Span(3), early=Span(3), policy="next")
    >>> week = worktime.Workdays(worktime.weekly(range(5)))
    >>> one = placed(within, Context(date(2026, 2, 26), workdays=week), 1, date(2026, 3, 1))
    >>> one.planned, one.deadline, one.reason
    (datetime.datetime(2026, 2, 26, 9, 0), datetime.datetime(2026, 2, 27, 23, 59, 59), 'window')
    """
    if isinstance(moment, datetime):
        return _placed_moment(pattern, context, number, moment)
    first, last = _window(pattern, context, moment, bounds)
    if first != last:
        bounds = (first, last)
    rolled = context.workdays.roll(moment, pattern.policy, *bounds)
    if rolled.day is None:
        return None
    start = _inward(context, pattern, first, 1, rolled.day) if first < moment else rolled.day
    end = _inward(context, pattern, last, -1, rolled.day) if last > moment else rolled.day
    planned = worktime.at_local(start, pattern.hour, context.zone)
    deadline = worktime.end_of_local_day(end, context.zone)
    if deadline < planned:
        # The clocks left out the rest of that day.
        deadline = _end_of_day(planned, context)
    return Occurrence(number, moment, planned, deadline, rolled.reason)


def _window(pattern, context, moment, bounds):
    """Return the first and the last day of the window around a day, which keeps to the bounds."""
    least, most = bounds
    first = min(moment, shift(moment, pattern.early, -1))
    last = max(moment, _latest(pattern, context, moment))
    if first == last:
        return first, last
    return max(first, least or first), min(last, most or last)


def _latest(pattern, context, moment):
    """Return the last day of a window, counted from the anchor where its unit allows that."""
    if pattern.late.unit in IN_MONTHS and pattern.repeat == "none" and not context.delay:
        return shift_both(context.day, pattern.offset, pattern.late, 1, pattern.is_month_end)
    return shift(moment, pattern.late)


def _inward(context, pattern, edge, step, day):
    """Return the working day of a window nearest to its edge.

    Without one, a contact keeps its day, and its window the last day.
    """
    if pattern.policy == "none":
        return edge
    found = context.workdays.nearby(edge, step)
    if found is None or (found - day).days * step > 0:
        return day if step > 0 else edge
    return found


def _placed_moment(pattern, context, number, moment):
    """Place a contact after elapsed time: its window is elapsed time too."""
    early = min(moment, shift(moment, pattern.early, -1))
    late = max(moment, shift(moment, pattern.late))
    return Occurrence(
        number, moment, early, late if late > moment else _end_of_day(moment, context)
    )


def _end_of_day(moment, context):
    day = worktime.local_day(moment, context.zone)
    return max(moment, worktime.end_of_local_day(day, context.zone))
