"""Series in which each contact waits for the one before."""

from .. import worktime
from .offsets import shift
from .pattern import NEVER, Span
from .series import last_day, occurrence, placed


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


def following(pattern, context, reference=None):
    """Return the day after the contact on the day ``reference`` of a chained pattern, or ``None``.

    Without ``reference`` it is the first: a series by table counts from the anchor, as if that
    were a contact; one after completion starts with its offset.

    >>> weekly = Pattern(Span(7), repeat="completion", every=Span(7))
    >>> following(weekly, Context(date(2026, 3, 1)), date(2026, 3, 11))
    datetime.date(2026, 3, 18)
    """
    start = chain_start(pattern, context)
    if pattern.repeat == "completion":
        found = start if reference is None else shift(reference, pattern.every)
    elif pattern.repeat == "season":
        found = _next_by_season(pattern, reference or start)
    else:
        found = _next_by_remaining(pattern, context, start, reference or start)
    if found is None or found > chain_end(pattern, context):
        return None
    return found


def chain_start(pattern, context):
    start = shift(context.day, pattern.offset, 1, pattern.is_month_end)
    return shift(start, Span(context.delay))


def chain_end(pattern, context):
    end = last_day(pattern, context._replace(target=None))
    if pattern.repeat == "remaining" or not context.target:
        return end
    return min(end, context.target)


def chained_occurrence(pattern, context, number, reference=None):
    """Return contact ``number`` of a chained pattern after the day ``reference``, or ``None``.

    Days not worked bring it neither back to the day of the contact before nor beyond its end.
    """
    day = following(pattern, context, reference)
    if day is None:
        return None
    first, last = reference and shift(reference, Span(1)), chain_end(pattern, context)
    is_after = pattern.repeat == "remaining" and day > context.target
    if is_after:
        first = day
    elif pattern.repeat == "remaining":
        last = min(last, context.target)
    policy = "next" if pattern.policy == "skip" else pattern.policy
    one = placed(pattern._replace(policy=policy), context, number, day, (first, last))
    return one._replace(reason="target") if is_after else one


def present_occurrence(pattern, context, number, reference=None):
    """Return contact ``number`` of any pattern by its present dates.

    ``None`` if its day is skipped or lies after the end of the series.

    :param reference: the day the contact before ended, for a chained pattern

    >>> daily = Pattern(Span(1), repeat="interval", every=Span(1), until_day=date(2026, 3, 3))
    >>> [bool(present_occurrence(daily, Context(date(2026, 3, 1)), one)) for one in (1, 2, 3)]
    [True, True, False]
    """
    if pattern.is_chained:
        return chained_occurrence(pattern, context, number, reference)
    one = occurrence(pattern, context, number)
    return None if one and last_day(pattern, context) < one.day(context.zone) else one


def _next_by_remaining(pattern, context, start, reference):
    """Return the next contact before the target, or the one last after it."""
    if context.target is None:
        return None
    if reference >= context.target:
        last = shift(context.target, Span(pattern.grace))
        return last if pattern.grace and reference < last else None
    every = band_every(pattern.bands, reference, context.target)
    if every and pattern.is_stated:
        stated = max(start, opens(pattern, context))
        every = band_every(pattern.bands, stated, context.target)
    return every and min(shift(reference, every), context.target)


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


def is_waiting(pattern, context, reference):
    """Say whether a series that has no next contact only waits for its target to draw near."""
    if pattern.repeat != "remaining" or context.target is None:
        return pattern.repeat == "remaining"
    opening = opens(pattern, context)
    if opening is None or opening > chain_end(pattern, context):
        return False
    return (reference or chain_start(pattern, context)) < opening


def opens(pattern, context):
    """Return the first day on which a ``remaining`` series has a band, or ``None``.

    A series too early for any band goes on from there: that day is its ``reference`` then.

    >>> month = Pattern(repeat="remaining", bands=(Band(Span(1, "months"), Span(7)),))
    >>> opens(month, Context(date(2026, 1, 1), target=date(2026, 3, 31)))
    datetime.date(2026, 3, 1)
    """
    if pattern.repeat != "remaining" or context.target is None or not pattern.bands:
        return None
    return min(_opening(band.limit, context.target) for band in pattern.bands)


def opening_moment(pattern, context):
    """Return when the first day of :func:`opens` begins for the customer, naive UTC, if any.

    >>> month = Pattern(repeat="remaining", bands=(Band(Span(1, "months"), Span(7)),))
    >>> opening_moment(month, Context(date(2026, 1, 1), "Asia/Shanghai", target=date(2026, 3, 31)))
    datetime.datetime(2026, 2, 28, 16, 0)
    """
    day = opens(pattern, context)
    return day and worktime.at_local(day, 0, context.zone)


def _opening(limit, target):
    day = shift(target, limit, -1)
    while shift(day, limit) < target:
        day += worktime.ONE_DAY
    return day
