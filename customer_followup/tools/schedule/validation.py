"""Checks of a pattern: contradictions and values out of range."""

from .pattern import DAY, ELAPSED, IN_DAYS, IN_MONTHS, NOTHING, Span

# The longest span allowed, and the average length of a month, in days.
FAR, MONTH = 36500, 30.4
# The fewest days between contacts of a series without an end.
MIN_ENDLESS_GAP_DAYS = 7


def validate(pattern, has_target=False, has_stop=False):
    """Return the code of the first problem of a pattern, or ``None``.

    :param has_target: whether a target day will end the series
    :param has_stop: whether something else will

    >>> validate(Pattern(Span(1), repeat="interval", every=Span(1)))
    'endless'
    >>> validate(Pattern(Span(1), repeat="interval", every=Span(1)), has_stop=True) is None
    True
    >>> validate(Pattern(Span(7), late=Span(7), repeat="interval", every=Span(1, "weeks")))
    'overlap'
    """
    for code, is_so in PROBLEMS.items():
        if is_so(pattern):
            return code
    has_end = has_target or has_stop or pattern.limit or pattern.until or pattern.until_day
    if pattern.repeat in ("none", "remaining") or has_end or _room(pattern) >= MIN_ENDLESS_GAP_DAYS:
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

    Where each contact waits for the one before, a late one cannot overlap the next.
    """
    if pattern.repeat == "none":
        return False
    late = 0 if pattern.is_chained else _days(pattern.late)
    return _days(pattern.early) + late >= _room(pattern)


PROBLEMS = {
    "negative_window": lambda pattern: pattern.early.count < 0 or pattern.late.count < 0,
    "overflow": _lies_far,
    "no_interval": _has_no_interval,
    "elapsed_interval": lambda pattern: any(every.is_elapsed for every in _everys(pattern)),
    "bands": _has_bad_bands,
    "seasons": _has_bad_seasons,
    "end_before_start": _ends_before_start,
    "overlap": _overlaps,
}
