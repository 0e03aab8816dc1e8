"""Repeated issues: complaints per complete ISO week, from Monday to Sunday."""

from datetime import timedelta

HIGH, NORMAL, UNKNOWN = "high", "normal", "unknown"
FACTOR, EARLIER_WEEKS, STREAK = 1.5, 8, 3


def week_start(day):
    """Return the Monday of a day's week.

    >>> from datetime import date
    >>> week_start(date(2027, 1, 3))
    datetime.date(2026, 12, 28)
    """
    return day - timedelta(days=day.weekday())


def week_name(monday):
    """Return the name of a week; 2026 has 53.

    >>> from datetime import date
    >>> [week_name(date(2026, 12, 28)), week_name(date(2027, 1, 4))]
    ['2026-W53', '2027-W01']
    """
    year, week, _day = monday.isocalendar()
    return f"{year}-W{week:02}"


def complete_weeks(today, count):
    """Return the Mondays of the last complete weeks, the oldest first, without the current one.

    >>> from datetime import date
    >>> [str(day) for day in complete_weeks(date(2026, 3, 18), 2)]
    ['2026-03-02', '2026-03-09']
    """
    running = week_start(today)
    return [running - timedelta(weeks=back) for back in range(count, 0, -1)]


def rate(count, base):
    """Return complaints per hundred of the base, or nothing where there is no base.

    >>> rate(5, 100), rate(3, 0)
    (5.0, None)
    """
    return 100 * count / base if base else None


def grade(count, base, minimum, threshold=None, earlier=()):
    """Say whether a week is high: by a threshold in percent, or against the weeks before it.

    >>> [grade(count, base, 3, 5) for count, base in ((5, 100), (2, 20), (5, 90), (3, 0))]
    ['high', 'normal', 'high', 'unknown']

    Without a threshold, a week is high from one and a half times the mean of the eight before.

    >>> grade(6, 100, 3, earlier=[4.0] * 8), grade(5, 100, 3, earlier=[4.0] * 8)
    ('high', 'normal')
    >>> grade(6, 100, 3, earlier=[4.0, None]), grade(6, 100, 3, earlier=[])
    ('high', 'unknown')
    """
    found = rate(count, base)
    if found is None:
        return UNKNOWN
    if threshold is None:
        known = [one for one in earlier[-EARLIER_WEEKS:] if one is not None]
        if not known:
            return UNKNOWN
        threshold = FACTOR * sum(known) / len(known)
    return HIGH if count >= minimum and found >= threshold else NORMAL


def running(grades):
    """Return how many weeks there are since the last normal one.

    >>> running(["normal", "high", "unknown"]), running([])
    (2, 0)
    """
    normal = [place for place, one in enumerate(grades, 1) if one == NORMAL]
    return len(grades) - max(normal, default=0)


def streak(grades):
    """Return how many high weeks lie at the end; unknown ones neither count nor end it.

    >>> streak(["high", "unknown", "high", "high"])
    3
    >>> streak(["high", "high", "normal", "high"])
    1
    """
    return grades[len(grades) - running(grades) :].count(HIGH)


def is_repeated(grades):
    """Say whether the last weeks ask for a rectification.

    >>> is_repeated(["high"] * 3), is_repeated(["high"] * 2)
    (True, False)
    """
    return streak(grades) >= STREAK
