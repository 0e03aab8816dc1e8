"""When a contact is due: offsets from an anchor day, told in the customer's own zone."""

from datetime import datetime, time, timedelta

import pytz
from dateutil.relativedelta import relativedelta

UNITS = ("days", "weeks", "months")


def local_day(moment, zone):
    """Return the calendar day of a naive UTC ``moment`` in the zone named ``zone``.

    >>> local_day(datetime(2026, 1, 31, 16, 30), "Asia/Shanghai")
    datetime.date(2026, 2, 1)
    """
    return pytz.utc.localize(moment).astimezone(pytz.timezone(zone)).date()


def due_day(anchor, count, unit):
    """Return the day ``count`` ``unit`` after the day ``anchor``, which is day 0.

    Months are counted from the anchor and clipped to the end of the month.

    >>> from datetime import date
    >>> due_day(date(2026, 1, 31), 1, "months"), due_day(date(2026, 1, 31), 2, "months")
    (datetime.date(2026, 2, 28), datetime.date(2026, 3, 31))
    >>> due_day(date(2024, 2, 29), 12, "months")
    datetime.date(2025, 2, 28)
    """
    return anchor + relativedelta(**{unit: count})


def at_local(day, hour, zone):
    """Return the naive UTC moment of the local ``hour`` (a float, 9.5 is half past nine) of a day.

    A time skipped by daylight saving moves forward by the gap; a repeated one is its first.

    >>> from datetime import date
    >>> at_local(date(2026, 3, 29), 10.5, "Europe/Berlin")
    datetime.datetime(2026, 3, 29, 8, 30)
    >>> at_local(date(2026, 3, 8), 2.5, "America/New_York")
    datetime.datetime(2026, 3, 8, 7, 30)
    """
    tz = pytz.timezone(zone)
    wall = datetime.combine(day, time()) + timedelta(minutes=round(hour * 60))
    try:
        moment = tz.localize(wall, is_dst=None)
    except pytz.NonExistentTimeError:
        moment = tz.localize(wall, is_dst=False)
    except pytz.AmbiguousTimeError:
        moment = tz.localize(wall, is_dst=True)
    return moment.astimezone(pytz.utc).replace(tzinfo=None)


def end_of_local_day(day, zone):
    """Return the last second of a local day as a naive UTC moment.

    >>> from datetime import date
    >>> end_of_local_day(date(2026, 3, 5), "Asia/Shanghai")
    datetime.datetime(2026, 3, 5, 15, 59, 59)
    """
    return at_local(day + timedelta(days=1), 0, zone) - timedelta(seconds=1)


def next_open(moment, zone, hour_from, hour_to):
    """Return the first moment from naive UTC ``moment`` on whose local time lies in the hours.

    The hours are floats and half open: at ``hour_to`` sharp it is closed.

    >>> next_open(datetime(2026, 3, 5, 21, 0), "UTC", 8, 21)
    datetime.datetime(2026, 3, 6, 8, 0)
    >>> next_open(datetime(2026, 3, 5, 20, 59), "UTC", 8, 21)
    datetime.datetime(2026, 3, 5, 20, 59)
    """
    day = local_day(moment, zone)
    if moment < at_local(day, hour_from, zone):
        return at_local(day, hour_from, zone)
    if moment < at_local(day, hour_to, zone):
        return moment
    return at_local(day + timedelta(days=1), hour_from, zone)
