"""Which contacts of a series a planner creates now."""

from typing import NamedTuple

from .. import worktime
from .chain import chained_occurrence, is_waiting, opens
from .offsets import shift
from .pattern import Occurrence
from .series import last_day, number_from, occurrences

# How many missed contacts of one series are listed, and how many are planned at once.
MAX_MISSED, MAX_AHEAD = 60, 366


class Upcoming(NamedTuple):
    """What a series asks for at some moment.

    :param due: the contacts to plan now, those missed among them
    :param missed: numbers of contacts whose time went by unplanned
    :param earlier: how many more went by before those, too long ago to be listed
    :param later: the first contact that need not be planned yet
    :param is_over: whether no contact comes after those
    """

    due: tuple = ()
    missed: frozenset = frozenset()
    earlier: int = 0
    later: Occurrence | None = None
    is_over: bool = False


def upcoming(pattern, context, number, now, horizon):
    """Return the :class:`Upcoming` contacts of a fixed pattern after contact ``number``.

    After a gap in planning, one contact is due now; those before it were missed. However long
    the gap, no more than :data:`MAX_MISSED` of them are listed.

    >>> daily = Pattern(Span(1), repeat="interval", every=Span(1))
    >>> found = upcoming(
    ...     daily, Context(date(2026, 3, 1)), 0, datetime(2026, 3, 6), datetime(2026, 3, 6, 23)
    ... )
    >>> [one.nominal.day for one in found.due], sorted(found.missed), found.later.nominal.day
    ([2, 3, 4, 5, 6], [1, 2, 3, 4], 7)
    """
    is_series = pattern.repeat != "none"
    start = _listed_from(pattern, context, number, now) if is_series else number + 1
    due, later = [], None
    for one in occurrences(pattern, context, start):
        if one.planned > horizon or len(due) == MAX_AHEAD:
            later = one
            break
        due.append(one)
    missed = _missed(context, due, now) if is_series else frozenset()
    return Upcoming(tuple(due), missed, start - number - 1, later, later is None)


def _listed_from(pattern, context, number, now):
    """Return the number of the first contact after ``number`` that is listed."""
    day = min(worktime.local_day(now, context.zone), last_day(pattern, context))
    latest = number_from(pattern, context, day, number + MAX_MISSED)
    if pattern.limit:
        latest = min(latest, pattern.limit)
    return max(number + 1, latest - MAX_MISSED)


def _missed(context, due, now):
    tonight = worktime.end_of_local_day(worktime.local_day(now, context.zone), context.zone)
    begun = [one for one in due if one.planned <= tonight]
    return frozenset(one.number for one in begun[:-1] if one.deadline < now)


def upcoming_chained(pattern, context, number, reference, horizon):
    """Return the :class:`Upcoming` contact of a chained pattern after contact ``number``.

    :param reference: the customer's day that contact ended, or ``None`` if there was none
    """
    if pattern.limit and number >= pattern.limit:
        return Upcoming(is_over=True)
    one = chained_occurrence(pattern, context, number + 1, reference)
    if one is None:
        return Upcoming(is_over=not is_waiting(pattern, context, reference))
    return Upcoming(due=(one,)) if one.planned <= horizon else Upcoming(later=one)


def upcoming_chained_today(pattern, context, number, reference, today, horizon):
    """Return what :func:`upcoming_chained` does, for a plan that runs on the day ``today``.

    A series that waited for the first band of its table goes on from the day the band opened.

    >>> month = Pattern(repeat="remaining", bands=(Band(Span(1, "months"), Span(7)),))
    >>> until_march = Context(date(2026, 1, 1), target=date(2026, 3, 31))
    >>> upcoming_chained_today(
    ...     month, until_march, 0, None, date(2026, 3, 2), datetime(2026, 3, 9)
    ... ).due[0].nominal
    datetime.date(2026, 3, 8)
    """
    opening = opens(pattern, context)
    start = reference or shift(context.day, pattern.offset)
    if opening and start < opening <= today:
        reference = opening
    return upcoming_chained(pattern, context, number, reference, horizon)
