"""Pauses of a plan that are over, and by how much they move what comes after."""

from datetime import datetime
from typing import NamedTuple

from .. import worktime


class Pause(NamedTuple):
    """One pause that is over, from ``start`` to ``end``, both naive UTC.

    :param is_shifted: whether everything came later by the length of the pause
    """

    start: datetime
    end: datetime
    is_shifted: bool = True


def read_pauses(rows):
    """Return pauses from ``[start, end, is_shifted]``, with moments as ISO texts.

    >>> read_pauses([["2026-03-02 09:00:00", "2026-03-09 09:00:00", True]])[0].end.day
    9
    """
    return tuple(
        Pause(datetime.fromisoformat(start), datetime.fromisoformat(end), is_shifted)
        for start, end, is_shifted in rows
    )


def paused_days(pauses, moment, zone):
    """Return by how many of the customer's days pauses after ``moment`` (naive UTC) move it.

    >>> week = Pause(datetime(2026, 3, 2, 9), datetime(2026, 3, 9, 9))
    >>> paused_days((week,), datetime(2026, 3, 1), "UTC")
    7
    >>> paused_days((week,), datetime(2026, 3, 5), "UTC")
    4
    >>> paused_days((week._replace(is_shifted=False),), datetime(2026, 3, 1), "UTC")
    0
    """
    return sum(
        (
            worktime.local_day(pause.end, zone) - worktime.local_day(max(pause.start, moment), zone)
        ).days
        for pause in pauses
        if pause.is_shifted and moment < pause.end
    )


def is_in_pause(pauses, moment):
    """Say whether a moment (naive UTC) lies in a pause.

    >>> week = Pause(datetime(2026, 3, 2, 9), datetime(2026, 3, 9, 9))
    >>> is_in_pause((week,), datetime(2026, 3, 9)), is_in_pause((week,), datetime(2026, 3, 9, 9))
    (True, False)
    """
    return any(pause.start <= moment < pause.end for pause in pauses)
