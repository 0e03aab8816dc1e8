"""When contacts are due: offsets from an anchor, repetition, windows, working days.

A *day* is one of the customer's calendar. Minutes and hours are elapsed time and count from a
moment (naive UTC); all other units count in days from the anchor's day, which is day 0.
"""

from .pattern import (
    CHAINED,
    ELAPSED,
    FIXED,
    IN_DAYS,
    IN_MONTHS,
    NEVER,
    PERIODS,
    Band,
    Context,
    Occurrence,
    Pattern,
    Season,
    Span,
)
from .offsets import period_slots, period_start, shift, slot, whole_days
from .series import last_day, nominal, number_from, occurrence, occurrences, placed
from .chain import (
    band_every,
    chained_occurrence,
    following,
    opening_moment,
    opens,
    present_occurrence,
)
from .pauses import Pause, is_in_pause, paused_days, read_pauses
from .planning import (
    MAX_AHEAD,
    MAX_MISSED,
    Upcoming,
    upcoming,
    upcoming_chained,
    upcoming_chained_today,
)
from .ahead import MAX_CHAIN, meter_day, preview
from .validation import PROBLEMS, validate
