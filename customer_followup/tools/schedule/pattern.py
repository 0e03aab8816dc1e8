"""What a step says about time, in whose time it is read, and one contact of it."""

from datetime import date, datetime
from typing import NamedTuple

from .. import worktime

ELAPSED = {"minutes": 1, "hours": 60}
IN_DAYS = {"days": 1, "weeks": 7}
IN_MONTHS = {"months": 1, "quarters": 3, "years": 12}
PERIODS = ("weeks", "months", "quarters", "years")
FIXED, CHAINED = ("none", "interval", "period"), ("completion", "remaining", "season")
# In minutes.
DAY = 24 * 60
# Where a calendar ends: nothing is ever due then.
NEVER = date.max


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


class Context(NamedTuple):
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
