import unittest
from calendar import monthrange
from datetime import date, datetime, timedelta
from itertools import islice
from unittest.mock import patch

import pytz
from hypothesis import example, given, reject, settings
from hypothesis import strategies as st
from tools import schedule, worktime
from tools.schedule import Band, Context, Pattern, Season, Span

law = settings(max_examples=100, deadline=None, derandomize=True, database=None)

ZONES = (
    *("UTC", "Asia/Shanghai", "Asia/Kathmandu", "Europe/Berlin", "Europe/Dublin"),
    *("America/New_York", "America/St_Johns", "America/Sao_Paulo", "Africa/Casablanca"),
    *("Australia/Lord_Howe", "Pacific/Apia"),
)
WEEK = worktime.weekly(range(5))
CLOSED = frozenset(date(2030, 1, 1) + timedelta(days=place) for place in range(200))
CALENDARS = (
    worktime.Workdays(),
    worktime.Workdays(WEEK),
    worktime.Workdays(WEEK, CLOSED, frozenset([date(2030, 3, 2)])),
    worktime.Workdays(frozenset([0, 1, 9])),
    worktime.Workdays(frozenset()),
    worktime.Workdays(frozenset(), makeup=frozenset([date(2030, 3, 2)])),
)
POLICIES = ("none", "next", "previous", "nearest", "skip")
UNITS = (*schedule.ELAPSED, *schedule.IN_DAYS, *schedule.IN_MONTHS)
IN_DAYS_OR_MORE = (*schedule.IN_DAYS, *schedule.IN_MONTHS)
# How many contacts a planner may work out for one series, whatever happened.
EFFORT = 2 * worktime.REACH + schedule.MAX_MISSED + schedule.MAX_AHEAD

DAYS = st.dates(date(1996, 1, 1), date(2076, 12, 31))
MOMENTS = st.datetimes(datetime(1996, 1, 1), datetime(2076, 12, 31)).map(
    lambda moment: moment.replace(microsecond=0)
)


def spans(least, most, units=IN_DAYS_OR_MORE):
    return st.builds(Span, st.integers(least, most), st.sampled_from(units))


def context(anchor, zone, workdays, left, delay):
    one = Context(anchor, zone, workdays, delay=delay)
    return one._replace(target=None if left is None else one.day + timedelta(days=left))


FRAMES = st.builds(
    context,
    DAYS | MOMENTS,
    st.sampled_from(ZONES),
    st.sampled_from(CALENDARS),
    st.none() | st.integers(-20, 900),
    st.just(0) | st.integers(0, 400),
)
PATTERNS = st.builds(
    Pattern,
    offset=spans(-60, 60),
    early=spans(0, 9, ["days"]),
    late=spans(0, 9, ["days"]),
    every=spans(1, 30),
    times=st.integers(1, 6),
    period=st.sampled_from(schedule.PERIODS),
    bands=st.lists(
        st.builds(Band, spans(1, 40), spans(1, 20, ["days"])), min_size=1, max_size=4
    ).map(tuple),
    seasons=st.just((Season(4, 10, Span(7)), Season(11, 2, Span(1, "months")))),
    is_stated=st.booleans(),
    grace=st.integers(0, 9),
    limit=st.integers(0, 200),
    until=st.none() | spans(1, 99),
    until_day=st.none() | st.none() | DAYS,
    policy=st.sampled_from(POLICIES),
    hour=st.floats(0, 23.99),
    is_month_end=st.booleans(),
)


def repeating(*kinds):
    return PATTERNS.flatmap(
        lambda pattern: st.sampled_from(kinds).map(lambda kind: pattern._replace(repeat=kind))
    ).filter(lambda pattern: schedule.validate(pattern, has_stop=True) is None)


SINGLE, SERIES = repeating("none"), repeating("interval", "period")
CHAINED = repeating(*schedule.CHAINED)
ODD_SPANS = spans(-(10**6), 10**6, UNITS) | spans(-3, 3, UNITS) | spans(-(10**40), 10**40, UNITS)
ODD = st.builds(
    Pattern,
    ODD_SPANS,
    ODD_SPANS,
    ODD_SPANS,
    st.sampled_from(schedule.FIXED + schedule.CHAINED),
    every=ODD_SPANS,
    times=st.integers(-2, 40) | st.just(10**9),
    period=st.sampled_from(schedule.PERIODS),
    bands=st.lists(st.builds(Band, ODD_SPANS, ODD_SPANS), max_size=3).map(tuple),
    seasons=st.lists(
        st.builds(Season, st.integers(1, 12), st.integers(1, 12), ODD_SPANS), max_size=3
    ).map(tuple),
    is_stated=st.booleans(),
    grace=st.integers(-(10**7), 10**7),
    limit=st.sampled_from((0, 1, 10**6)),
    until=st.none() | ODD_SPANS,
    policy=st.sampled_from(POLICIES),
    hour=st.floats(0, 24),
    is_month_end=st.booleans(),
)
ODD_FRAMES = st.builds(
    Context,
    st.dates() | st.datetimes() | st.sampled_from((date.min, date.max)),
    st.sampled_from(ZONES),
    st.sampled_from(CALENDARS),
    st.none() | st.dates(),
    st.integers(0, 10**7),
)


def months_later(day, months):
    """Return the day so many months later, calculated in another way than by the tool."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def counting_effort():
    return patch.object(schedule.series, "nominal", wraps=schedule.nominal)


INTENT = Pattern(repeat="remaining", bands=(Band(Span(1, "months"), Span(7)),))


class LawCase(unittest.TestCase):
    def assert_increasing(self, found):
        for key in (lambda one: one.number, lambda one: one.planned):
            keys = [key(one) for one in found]
            self.assertEqual(keys, sorted(set(keys)))

    def assert_in_window(self, pattern, context, one):
        """No contact is planned outside its window, and none is late before it is planned."""
        self.assertLessEqual(one.planned, one.deadline)
        first = one.nominal - timedelta(days=pattern.early.count)
        last = one.nominal + timedelta(days=pattern.late.count)
        planned = worktime.local_day(one.planned, context.zone)
        if first != last:
            self.assertLessEqual(first, planned)
            self.assertLessEqual(planned, last)
            self.assertLessEqual(worktime.local_day(one.deadline, context.zone), last)
        elif not one.reason:
            self.assertEqual(planned, one.nominal)
        elif one.reason == "holiday":
            self.assertTrue(context.workdays.is_working(planned))


class TestSeriesLaws(LawCase):
    """What holds of every fixed pattern."""

    @law
    @given(SERIES | SINGLE, FRAMES)
    def test_contacts_follow_each_other_inside_their_windows(self, pattern, context):
        # The clocks of Samoa left out a day, on which nothing can be planned.
        if context.zone == "Pacific/Apia":
            reject()
        found = list(islice(schedule.occurrences(pattern, context), 40))
        self.assert_increasing(found)
        for one in found:
            self.assert_in_window(pattern, context, one)
            self.assertLessEqual(one.nominal, schedule.last_day(pattern, context))
        if pattern.limit and found:
            self.assertLessEqual(found[-1].number, pattern.limit)

    @law
    @given(DAYS, st.integers(0, 30), st.integers(1, 60), st.integers(1, 600))
    @example(date(2024, 2, 29), 0, 12, 50)
    @example(date(2026, 1, 31), 1, 1, 600)
    def test_months_never_drift_from_the_anchor(self, anchor, offset, every, number):
        for unit, length in schedule.IN_MONTHS.items():
            pattern = Pattern(Span(offset, unit), repeat="interval", every=Span(every, "months"))
            found = schedule.nominal(pattern, Context(anchor), number)
            months = offset * length + every * (number - 1)
            self.assertEqual(found, months_later(anchor, months))
            month_end = pattern._replace(is_month_end=True)
            if (anchor + timedelta(days=1)).day == 1:
                found = schedule.nominal(month_end, Context(anchor), number)
                self.assertEqual((found + timedelta(days=1)).day, 1)

    @law
    @given(DAYS, st.integers(-900, 900), st.integers(1, 60), st.integers(1, 600))
    def test_days_and_weeks_never_drift_from_the_anchor(self, anchor, offset, every, number):
        for unit, length in schedule.IN_DAYS.items():
            pattern = Pattern(Span(offset), repeat="interval", every=Span(every, unit))
            expected = anchor + timedelta(days=offset + every * length * (number - 1))
            self.assertEqual(schedule.nominal(pattern, Context(anchor), number), expected)

    @law
    @given(DAYS, st.integers(-900, 900), st.integers(1, 60), st.integers(1, 300))
    def test_months_after_days_never_drift_from_the_first(self, anchor, offset, every, number):
        pattern = Pattern(Span(offset), repeat="interval", every=Span(every, "months"))
        expected = months_later(anchor + timedelta(days=offset), every * (number - 1))
        self.assertEqual(schedule.nominal(pattern, Context(anchor), number), expected)

    @law
    @given(DAYS, st.integers(1, 7), st.sampled_from(schedule.PERIODS))
    def test_every_period_has_its_contacts(self, first, times, period):
        expected, start = [], first
        while len(expected) < 60:
            slots = schedule.period_slots(start, times, period)
            begin, end = schedule.period_start(start, period), start
            while schedule.period_start(end, period) == begin:
                end += timedelta(days=1)
            self.assertEqual((slots[0], len(set(slots))), (start, len(slots)))
            self.assertLess(slots[-1], end)
            if start == begin:
                self.assertEqual(len(slots), times)
            expected += [(begin, place, slot) for place, slot in enumerate(slots, 1)]
            start = end
        found = [schedule.slot(first, times, period, number) for number in range(1, 61)]
        self.assertEqual(found, expected[:60])

    @law
    @given(SERIES, FRAMES, DAYS, st.integers(0, 50))
    def test_a_day_is_found_as_by_counting(self, pattern, context, day, after):
        number = schedule.number_from(pattern, context, day, after)
        self.assertGreaterEqual(schedule.nominal(pattern, context, number), day)
        if number > after + 1:
            self.assertLess(schedule.nominal(pattern, context, number - 1), day)

    @law
    @given(SERIES | SINGLE, FRAMES, st.integers(0, 900))
    def test_a_preview_starts_anywhere(self, pattern, context, days):
        start = context.day + timedelta(days=days)
        if not (pattern.repeat == "none" or schedule.number_from(pattern, context, start) < 1000):
            reject()
        everything = islice(schedule.occurrences(pattern, context), 1200)
        expected = [one for one in everything if one.nominal >= start][:5]
        self.assertEqual(schedule.preview(pattern, context, 5, start), expected)


class TestClockLaws(LawCase):
    """What holds in every zone, whatever its clocks do."""

    @law
    @given(
        st.dates(date(1996, 1, 1), date(2037, 12, 1)), st.integers(0, 95), st.sampled_from(ZONES)
    )
    @example(date(2011, 12, 30), 36, "Pacific/Apia")
    @example(date(2018, 11, 4), 1, "America/Sao_Paulo")
    @example(date(2026, 2, 15), 10, "Africa/Casablanca")
    @example(date(2026, 10, 25), 5, "Europe/Dublin")
    @example(date(2026, 4, 5), 7, "Australia/Lord_Howe")
    @example(date(2026, 3, 8), 10, "America/New_York")
    @example(date(2000, 4, 2), 0, "America/St_Johns")
    def test_the_hour_is_right_or_moved_by_the_gap(self, day, quarters, zone):
        tz = pytz.timezone(zone)
        wanted = datetime.combine(day, datetime.min.time()) + timedelta(minutes=15 * quarters)
        found = worktime.at_local(day, quarters / 4, zone)
        # Every moment whose local time is the wanted one, by any offset the zone has around it.
        around = [found + timedelta(hours=hours) for hours in range(-30, 31)]
        offsets = {tz.fromutc(one).utcoffset() for one in around}
        right = [
            wanted - offset
            for offset in offsets
            if tz.fromutc(wanted - offset).replace(tzinfo=None) == wanted
        ]
        if right:
            self.assertEqual(found, min(right))
        else:
            self.assertEqual(found, wanted - min(offsets))

    @law
    @given(
        st.dates(date(1996, 1, 1), date(2037, 12, 1)), st.floats(0, 23.99), st.sampled_from(ZONES)
    )
    @example(date(2011, 12, 30), 9, "Pacific/Apia")
    def test_no_contact_is_late_before_it_is_planned(self, day, hour, zone):
        one = schedule.occurrence(Pattern(hour=hour), Context(day, zone), 1)
        self.assertLessEqual(one.planned, one.deadline)
        self.assertLessEqual(one.deadline - one.planned, timedelta(hours=26))

    @law
    @given(MOMENTS, st.sampled_from(ZONES), spans(-10000, 10000, tuple(schedule.ELAPSED)))
    def test_elapsed_time_knows_no_clocks(self, moment, zone, offset):
        one = schedule.occurrence(Pattern(offset), Context(moment, zone), 1)
        passed = timedelta(**{offset.unit: offset.count})
        self.assertEqual(one.planned, moment + passed)
        self.assertLessEqual(one.planned, one.deadline)

    @law
    @given(ODD, ODD_FRAMES, st.dates(), st.sampled_from(ZONES))
    def test_no_pattern_is_an_error_anywhere_in_the_calendar(self, pattern, context, day, zone):
        code = schedule.validate(pattern)
        self.assertTrue(code is None or code in (*schedule.PROBLEMS, "endless"))
        now = worktime.at_local(day, 9.5, zone)
        with counting_effort() as nominal:
            if pattern.is_chained:
                schedule.upcoming_chained(pattern, context, 0, day, now)
            else:
                schedule.upcoming(pattern, context, 0, now, now)
            found = schedule.preview(pattern, context, 5, day)
            schedule.opens(pattern, context)
        self.assertLessEqual(nominal.call_count, 2 * EFFORT)
        self.assertLessEqual(len(found), 5)
        for one in found:
            self.assertLessEqual(one.planned, one.deadline)


class TestUpcomingLaws(LawCase):
    """What holds for a planner, after any gap in planning."""

    @law
    @given(SERIES | SINGLE, FRAMES, st.integers(0, 50), MOMENTS, st.integers(0, 400))
    def test_contacts_are_due_missed_or_later(self, pattern, context, number, now, ahead):
        horizon = now + timedelta(days=ahead)
        with counting_effort() as nominal:
            found = schedule.upcoming(pattern, context, number, now, horizon)
        self.assertLessEqual(nominal.call_count, EFFORT)
        self.assertLessEqual(len(found.due), schedule.MAX_AHEAD)
        self.assertLessEqual(len(found.missed), 2 * schedule.MAX_MISSED)
        self.assertTrue(found.missed <= {one.number for one in found.due})
        self.assert_increasing([*found.due, *filter(None, [found.later])])
        self.assertEqual(found.is_over, found.later is None)
        for one in found.due:
            self.assertGreater(one.number, number + found.earlier)
            self.assertLessEqual(one.planned, horizon)
        for one in found.due:
            if one.number in found.missed:
                self.assertLess(one.deadline, now)

    @law
    @given(SERIES, FRAMES, st.integers(0, 20000))
    def test_asking_again_finds_what_comes_after(self, pattern, context, days):
        now = datetime.combine(context.day, datetime.min.time()) + timedelta(days=days)
        horizon = now + timedelta(days=30)
        first = schedule.upcoming(pattern, context, 0, now, horizon)
        if not (first.due and first.later):
            reject()
        again = schedule.upcoming(pattern, context, first.due[-1].number, now, horizon)
        if len(first.due) < schedule.MAX_AHEAD:
            self.assertFalse(again.due)
            self.assertEqual((again.later, again.earlier), (first.later, 0))

    @law
    @given(st.integers(1, 30), st.sampled_from(CALENDARS), st.integers(1, 80))
    def test_decades_of_downtime_cost_no_more_than_a_day(self, every, workdays, years):
        pattern = Pattern(repeat="interval", every=Span(every), policy="skip")
        context = Context(date(1996, 1, 1), workdays=workdays)
        now = datetime(1996 + years, 1, 1)
        with counting_effort() as nominal:
            found = schedule.upcoming(pattern, context, 0, now, now)
        self.assertLessEqual(nominal.call_count, worktime.REACH + 2 * schedule.MAX_MISSED)
        self.assertLessEqual(len(found.due), schedule.MAX_MISSED + 1)

    def test_one_contact_is_calculated_once(self):
        with counting_effort() as nominal:
            schedule.upcoming(Pattern(), Context(date(2026, 3, 1)), 0, datetime.max, datetime.max)
            self.assertEqual(nominal.call_count, 1)
            schedule.upcoming(Pattern(), Context(date(2026, 3, 1)), 1, datetime.max, datetime.max)
            self.assertEqual(nominal.call_count, 1)


class TestChainLaws(LawCase):
    """What holds of every pattern whose contacts wait for each other."""

    @law
    @given(CHAINED, FRAMES, st.none() | DAYS)
    def test_the_next_contact_lies_after_the_last_and_before_the_end(
        self, pattern, context, reference
    ):
        if context.zone == "Pacific/Apia":
            reject()
        one = schedule.chained_occurrence(pattern, context, 1, reference)
        if not (one):
            reject()
        planned = worktime.local_day(one.planned, context.zone)
        self.assertLessEqual(one.planned, one.deadline)
        if reference:
            self.assertGreater(planned, reference)
            self.assertGreater(one.nominal, reference)
        if one.reason == "target":
            self.assertGreater(one.nominal, context.target)
        else:
            end = schedule.last_day(pattern, context)
            self.assertLessEqual(planned, end)
            self.assertLessEqual(worktime.local_day(one.deadline, context.zone), end)

    @law
    @given(CHAINED, FRAMES)
    @example(INTENT._replace(early=Span(9)), Context(date(2026, 3, 1), target=date(2026, 3, 1)))
    def test_a_chain_increases_and_ends(self, pattern, context):
        found = schedule.preview(pattern, context, 200)
        self.assert_increasing(found)
        if pattern.limit:
            self.assertLessEqual(len(found), pattern.limit)
        afterwards = [one for one in found if one.reason == "target"]
        self.assertLessEqual(len(afterwards), 1)
        self.assertEqual(found[len(found) - len(afterwards) :], afterwards)

    @law
    @given(repeating("remaining"), FRAMES, DAYS)
    def test_a_series_opens_on_the_first_day_with_a_band(self, pattern, context, target):
        opening = schedule.opens(pattern, context._replace(target=target))
        before = opening - timedelta(days=1)
        self.assertTrue(schedule.band_every(pattern.bands, opening, target))
        self.assertIsNone(schedule.band_every(pattern.bands, before, target))
        asked = schedule.upcoming_chained(
            pattern._replace(until=None, until_day=None, limit=0),
            context._replace(target=target),
            1,
            before,
            datetime.max,
        )
        self.assertEqual(asked, schedule.Upcoming())

    @settings(law, max_examples=10)
    @given(st.integers(0, 200), st.integers(1, 9))
    def test_a_preview_gives_up_a_chain_that_is_too_long(self, years, every):
        pattern = Pattern(repeat="completion", every=Span(every), limit=10**6)
        context = Context(date(1826, 1, 1))
        start = date(1826 + years, 1, 1)
        steps = schedule.chained_occurrence
        with patch.object(schedule.ahead, "chained_occurrence", wraps=steps) as chained:
            found = schedule.preview(pattern, context, 3, start)
        self.assertLessEqual(chained.call_count, schedule.MAX_CHAIN)
        reached = context.day + timedelta(days=every * (schedule.MAX_CHAIN - 3))
        self.assertEqual(bool(found), start <= reached + timedelta(days=2 * every))


class TestWorkdayLaws(LawCase):
    """What holds of every calendar."""

    @law
    @given(
        DAYS,
        st.sampled_from(CALENDARS),
        st.sampled_from(POLICIES),
        st.none() | st.integers(0, 9),
        st.none() | st.integers(0, 9),
    )
    def test_a_day_rolls_to_a_working_day_in_bounds_or_stays(
        self, day, workdays, policy, before, after
    ):
        first = None if before is None else day - timedelta(days=before)
        last = None if after is None else day + timedelta(days=after)
        rolled = workdays.roll(day, policy, first, last)
        if rolled.day is None:
            self.assertEqual(policy, "skip")
        elif rolled.reason in ("", "kept"):
            self.assertEqual(rolled.day, day)
        else:
            self.assertTrue(workdays.is_working(rolled.day))
            self.assertTrue((first or rolled.day) <= rolled.day <= (last or rolled.day))
