"""Looking ahead: the next contacts of a pattern, and the day a meter will reach its goal."""

from itertools import dropwhile, islice
from math import ceil

from .. import worktime
from .chain import chained_occurrence, is_waiting, opens
from .offsets import shift
from .pattern import Span
from .series import number_from, occurrences

# How far a series is followed contact by contact.
MAX_CHAIN = 3000


def preview(pattern, context, count, start=None):
    """Return the first ``count`` :class:`Occurrence` the pattern says for ``start`` or later.

    Of a chained pattern each contact counts as made on its planned day; beyond
    :data:`MAX_CHAIN` of them it is followed no further.

    >>> weekly = Pattern(Span(7), repeat="interval", every=Span(7))
    >>> [one.nominal.day for one in preview(weekly, Context(date(2026, 3, 1)), 2, date(2026, 3, 9))]
    [15, 22]
    """
    if pattern.is_chained:
        found = _chain(pattern, context)
    elif start and pattern.repeat != "none":
        found = occurrences(pattern, context, number_from(pattern, context, start))
    else:
        found = occurrences(pattern, context)
    if start:
        found = dropwhile(lambda one: one.day(context.zone) < start, found)
    return list(islice(found, count))


def _chain(pattern, context):
    """Yield the contacts of a chained pattern, each made on its planned day."""
    reference = None
    for number in range(1, min(pattern.limit or MAX_CHAIN, MAX_CHAIN) + 1):
        one = chained_occurrence(pattern, context, number, reference)
        if one is None and context.target and is_waiting(pattern, context, reference):
            one = chained_occurrence(pattern, context, number, opens(pattern, context))
        if one is None:
            return
        yield one
        reference = worktime.local_day(one.planned, context.zone)


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
