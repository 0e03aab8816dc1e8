import unittest
from datetime import date, datetime, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st
from tools import sla, worktime
from tools.sla import Hours, Pause, Target

law = settings(max_examples=150, deadline=None, derandomize=True, database=None)

ZONES = ("UTC", "Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe")
DAY_SHIFT = ((9, 12), (13, 18))
LONG_GONE = frozenset([(datetime(2030, 1, 1), datetime(2033, 1, 1))])
START = datetime(2026, 3, 6, 16)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2031, 12, 31)).map(
    lambda moment: moment.replace(microsecond=0)
)


def _hours(zone, spans, weekdays, days_off, makeup, off):
    hours = sla.week(spans, zone, weekdays)
    workdays = hours.workdays._replace(holidays=days_off, makeup=makeup)
    return hours._replace(workdays=workdays, off=off)


HOURS = st.builds(
    _hours,
    st.sampled_from(ZONES),
    st.sampled_from((DAY_SHIFT, ((0, 24),), ((1.5, 3.25), (3, 4)), ((22, 24),))),
    st.sampled_from((range(5), range(7), (2,), ())),
    st.sampled_from((frozenset(), frozenset(date(2026, 3, 1) + timedelta(n) for n in range(40)))),
    st.sampled_from((frozenset(), frozenset([date(2026, 3, 7)]))),
    st.sampled_from((frozenset(), LONG_GONE)),
) | st.just(Hours())
TARGETS = st.builds(Target, st.integers(0, 40), st.sampled_from((*sla.IN_HOURS, *sla.IN_DAYS)))


def _pause(start, offset, length):
    begins = start + timedelta(minutes=offset)
    return Pause(begins, begins + timedelta(minutes=length), "awaiting")


PAUSES = st.lists(st.tuples(st.integers(-600, 9000), st.integers(0, 9000)), max_size=3)


class TestSlaLaws(unittest.TestCase):
    """What holds for every promise."""

    @law
    @given(MOMENTS, TARGETS, HOURS, PAUSES)
    @example(datetime(9999, 12, 30), Target(40, "working_days"), sla.week(DAY_SHIFT), [])
    @example(datetime(1, 1, 1), Target(40, "calendar_days"), sla.week(DAY_SHIFT), [(0, 9)])
    def test_no_deadline_comes_before_its_start(self, start, target, hours, pauses):
        clock = sla.clock(start, target, hours, self._pauses(start, pauses))
        self.assertGreaterEqual(clock.deadline, start)

    @law
    @given(MOMENTS, TARGETS, HOURS, PAUSES, st.integers(-600, 9000), st.integers(0, 9000))
    def test_a_pause_never_brings_a_deadline_nearer(self, start, target, hours, some, at, length):
        pauses = self._pauses(start, some)
        before = sla.clock(start, target, hours, pauses)
        after = sla.clock(start, target, hours, [*pauses, _pause(start, at, length)])
        self.assertGreaterEqual(after.deadline, before.deadline)

    @law
    @given(MOMENTS, TARGETS, HOURS, st.integers(-600, 9000), st.integers(1, 9000), st.data())
    def test_a_pause_in_two_parts_is_the_same_pause(self, start, target, hours, at, length, data):
        whole = _pause(start, at, length)
        middle = whole.start + timedelta(minutes=data.draw(st.integers(0, length)))
        parts = [Pause(middle, whole.end, whole.why), Pause(whole.start, middle, whole.why)]
        self.assertEqual(
            sla.clock(start, target, hours, [whole]), sla.clock(start, target, hours, parts)
        )

    @law
    @given(MOMENTS, TARGETS, HOURS, PAUSES)
    def test_a_ledger_has_no_gap_and_sums_to_what_was_promised(self, start, target, hours, pauses):
        clock = sla.clock(start, target, hours, self._pauses(start, pauses))
        counted = sum(
            int((one.end - one.start).total_seconds()) for one in clock.ledger if one.is_counted
        )
        self.assertEqual(counted, clock.budget)
        if clock.ledger:
            moments = [start, *(one.end for one in clock.ledger)]
            self.assertEqual(moments[:-1], [one.start for one in clock.ledger])
            self.assertEqual(moments[-1], clock.deadline)

    @law
    @given(MOMENTS, TARGETS, HOURS, st.integers(0, 9000))
    def test_a_paused_clock_has_no_deadline_and_keeps_the_rest(self, start, target, hours, minutes):
        stop = start + timedelta(minutes=minutes)
        clock = sla.clock(start, target, hours, [Pause(stop, None)])
        if clock.deadline is None:
            self.assertGreater(clock.left, 0)
        else:
            self.assertLessEqual(clock.deadline, stop)

    @law
    @given(MOMENTS, TARGETS, HOURS, st.integers(0, 100))
    def test_a_share_of_the_time_ends_before_the_whole(self, start, target, hours, percent):
        clock = sla.clock(start, target, hours)
        warning = clock.after(clock.budget * percent // 100)
        self.assertTrue(start <= warning <= clock.deadline)

    def _pauses(self, start, pauses):
        if start.year in (1, 9999):
            return []
        return [_pause(start, *pause) for pause in pauses]


class TestSla(unittest.TestCase):
    """Promises calculated by hand."""

    def _deadline(self, start, count, unit, hours=None, pauses=()):
        return str(sla.clock(datetime.fromisoformat(start), Target(count, unit), hours, pauses)[0])

    def test_first_answer_within_minutes(self):
        self.assertEqual(self._deadline("2026-05-01 14:00", 10, "minutes"), "2026-05-01 14:10:00")

    def test_an_engineer_comes_on_a_weekend_too(self):
        self.assertEqual(self._deadline("2026-06-12 17:30", 24, "hours"), "2026-06-13 17:30:00")

    def test_a_day_of_elapsed_time_is_a_day_when_clocks_change(self):
        self.assertEqual(self._deadline("2026-10-24 16:00", 24, "hours"), "2026-10-25 16:00:00")

    def test_waiting_for_the_customer_costs_nothing(self):
        pause = Pause(datetime(2026, 5, 1, 11), datetime(2026, 5, 1, 15))
        self.assertEqual(
            self._deadline("2026-05-01 10:00", 2, "hours", pauses=[pause]), "2026-05-01 16:00:00"
        )

    def test_working_days_end_at_closing_time(self):
        office = sla.week(((9, 18),))
        for received in ("2026-06-12 10:00", "2026-06-13 10:00"):
            with self.subTest(received=received):
                self.assertEqual(
                    self._deadline(received, 2, "working_days", office), "2026-06-16 18:00:00"
                )

    def test_a_make_up_saturday_is_a_working_day(self):
        office = sla.week(((9, 18),))
        days = worktime.Workdays(
            office.workdays.fortnight,
            frozenset(date(2026, 2, 15) + timedelta(days=n) for n in range(9)),
            frozenset([date(2026, 2, 14)]),
        )
        office = office._replace(workdays=days)
        self.assertEqual(
            self._deadline("2026-02-13 16:00", 2, "working_days", office), "2026-02-24 18:00:00"
        )

    def test_same_or_next_day_ends_with_the_next_day(self):
        self.assertEqual(
            self._deadline("2026-03-05 17:50", 1, "calendar_days"), "2026-03-06 23:59:59"
        )

    def test_days_are_those_of_the_working_hours(self):
        office = sla.week(DAY_SHIFT, "Asia/Shanghai")
        self.assertEqual(
            self._deadline("2026-03-05 16:30", 1, "calendar_days", office), "2026-03-07 15:59:59"
        )

    def test_a_team_in_another_zone_works_at_its_own_hours(self):
        office = sla.week(DAY_SHIFT, "America/New_York")
        # The clocks there change on 8 March.
        self.assertEqual(
            self._deadline("2026-03-06 22:30", 1, "business_hours", office), "2026-03-09 13:30:00"
        )

    def test_lunch_nights_and_days_off_do_not_count_and_say_so(self):
        office = sla.week(DAY_SHIFT)
        days = office.workdays._replace(holidays=frozenset([date(2026, 3, 6)]))
        office = office._replace(workdays=days)
        start = datetime(2026, 3, 5, 11)
        clock = sla.clock(start, Target(8, "business_hours"), office)
        self.assertEqual(
            [one.why for one in clock.ledger],
            ["running", "break", "running", "day_off", "running"],
        )
        self.assertEqual(clock.deadline, datetime(2026, 3, 9, 11))

    def test_half_a_day_off_costs_half_a_day(self):
        office = sla.week(DAY_SHIFT)
        afternoon = frozenset([(datetime(2026, 3, 5, 13), datetime(2026, 3, 5, 18))])
        self.assertEqual(
            self._deadline("2026-03-05 11:00", 2, "business_hours", office._replace(off=afternoon)),
            "2026-03-06 10:00:00",
        )

    def test_without_hours_elapsed_time_counts_and_says_so(self):
        for hours in (None, Hours("UTC", ((),) * 14)):
            for unit, expected in (("business_hours", 2), ("working_days", 48)):
                with self.subTest(hours=hours, unit=unit):
                    clock = sla.clock(START, Target(2, unit), hours)
                    self.assertEqual(clock.deadline, START + timedelta(hours=expected))
                    self.assertEqual(clock.fallback, sla.NO_HOURS)

    def test_elapsed_time_counts_when_hours_end(self):
        office = sla.week(DAY_SHIFT)._replace(
            off=frozenset([(datetime(2026, 3, 7), datetime(2029, 1, 1))])
        )
        clock = sla.clock(START, Target(4, "business_hours"), office)
        self.assertEqual(clock.deadline, datetime(2026, 3, 6, 20))
        self.assertEqual(clock.fallback, sla.NO_MORE_HOURS)

    def test_the_day_of_receipt_never_counts(self):
        office = sla.week(DAY_SHIFT)
        self.assertEqual(
            self._deadline("2026-03-05 08:00", 1, "working_days", office), "2026-03-06 18:00:00"
        )

    def test_hours_to_23_59_last_to_the_end_of_the_day(self):
        for close in (24, 23 + 59 / 60, 23.98):
            around_the_clock = sla.week(((0, close),), weekdays=range(7))
            clock = sla.clock(START, Target(48, "business_hours"), around_the_clock)
            self.assertEqual(clock.deadline, START + timedelta(hours=48))
            self.assertEqual(
                worktime.next_opening(datetime(2026, 3, 5, 23, 59, 30), "UTC", (0, close)),
                datetime(2026, 3, 5, 23, 59, 30),
            )
