import unittest
from datetime import date, datetime, timedelta

import pytz
from tools import schedule, worktime
from tools.schedule import Band, Context, Pattern, Season, Span

DAILY = Pattern(Span(1), repeat="interval", every=Span(1))
WEEKLY = Pattern(Span(7), repeat="interval", every=Span(7))
# Given by the examples, not a calendar to rely on.
SPRING = worktime.Workdays(
    worktime.weekly(range(5)),
    holidays=frozenset(date(2026, 2, day) for day in range(15, 24)),
    makeup=frozenset([date(2026, 2, 14), date(2026, 2, 28)]),
)
WEEK = worktime.Workdays(worktime.weekly(range(5)))
INTENT = (
    Band(Span(3), Span(1)),
    Band(Span(7), Span(3)),
    Band(Span(15), Span(5)),
    Band(Span(1, "months"), Span(7)),
)


def day(text):
    return date.fromisoformat(text)


def local(text, zone):
    """Return the naive UTC moment of a local time."""
    wall = pytz.timezone(zone).localize(datetime.fromisoformat(text))
    return wall.astimezone(pytz.utc).replace(tzinfo=None)


def days(found, zone="UTC"):
    return [one.day(zone).isoformat() for one in found]


class TestOffsets(unittest.TestCase):
    """How far from the anchor a contact lies."""

    def assert_shifts(self, anchor, table, **options):
        for count, unit, expected in table:
            with self.subTest(anchor=anchor, count=count, unit=unit):
                found = schedule.shift(day(anchor), Span(count, unit), **options)
                self.assertEqual(found.isoformat(), expected)

    def test_a_car_is_followed_up_in_three_tiers(self):
        self.assert_shifts(
            "2026-01-30",
            (
                (3, "days", "2026-02-02"),
                (5, "days", "2026-02-04"),
                (7, "days", "2026-02-06"),
                (1, "weeks", "2026-02-06"),
                (2, "months", "2026-03-30"),
                (9, "months", "2026-10-30"),
            ),
        )
        self.assert_shifts("2026-02-05", [(7, "days", "2026-02-12")])

    def test_months_are_clipped_to_their_end(self):
        for anchor, count, unit, expected in (
            ("2026-01-31", 1, "months", "2026-02-28"),
            ("2026-01-31", 1, "quarters", "2026-04-30"),
            ("2026-01-31", 6, "months", "2026-07-31"),
            ("2026-01-31", -2, "months", "2025-11-30"),
            ("2025-08-31", 6, "months", "2026-02-28"),
            ("2023-05-31", 9, "months", "2024-02-29"),
            ("2024-02-29", 1, "months", "2024-03-29"),
            ("2024-02-29", 1, "years", "2025-02-28"),
            ("2024-02-29", 4, "years", "2028-02-29"),
        ):
            self.assert_shifts(anchor, [(count, unit, expected)])

    def test_a_series_of_months_is_counted_from_the_anchor(self):
        quarterly = Pattern(Span(1, "months"), repeat="interval", every=Span(3, "months"), limit=4)
        self.assertEqual(
            days(schedule.occurrences(quarterly, Context(day("2026-01-31")))),
            ["2026-02-28", "2026-05-31", "2026-08-31", "2026-11-30"],
        )

    def test_the_end_of_a_month_stays_one_where_the_step_says_so(self):
        month = Span(1, "months")
        monthly = Pattern(month, repeat="interval", every=month, limit=3)
        for is_month_end, expected in (
            (True, ["2026-03-31", "2026-04-30", "2026-05-31"]),
            (False, ["2026-03-28", "2026-04-28", "2026-05-28"]),
        ):
            pattern = monthly._replace(is_month_end=is_month_end)
            found = schedule.occurrences(pattern, Context(day("2026-02-28")))
            self.assertEqual(days(found), expected)

    def test_a_day_counts_whole_days_of_elapsed_time(self):
        self.assert_shifts(
            "2026-03-05",
            (
                (5, "hours", "2026-03-05"),
                (-5, "hours", "2026-03-05"),
                (36, "hours", "2026-03-06"),
                (-2880, "minutes", "2026-03-03"),
            ),
        )

    def test_beyond_the_calendar_is_never(self):
        for start, count, unit in (
            (date(9999, 12, 30), 2, "days"),
            (date(2026, 1, 1), 10**30, "minutes"),
            (date(2026, 1, 1), -3000, "years"),
            (date(1, 1, 1), -1, "days"),
            (schedule.NEVER, -5, "days"),
        ):
            with self.subTest(start=start, count=count, unit=unit):
                self.assertEqual(schedule.shift(start, Span(count, unit)), schedule.NEVER)


class TestZones(unittest.TestCase):
    """Local times and changes of the clocks."""

    def test_the_day_is_the_customers(self):
        for moment, zone, offset, expected in (
            (datetime(2026, 1, 31, 16, 30), "Asia/Shanghai", 0, "2026-02-01"),
            (datetime(2026, 1, 31, 16, 30), "Asia/Shanghai", 3, "2026-02-04"),
            (datetime(2026, 3, 1, 20), "Asia/Shanghai", 0, "2026-03-02"),
            (datetime(2026, 3, 1, 20), "America/New_York", 0, "2026-03-01"),
        ):
            with self.subTest(moment=moment, zone=zone):
                found = schedule.nominal(Pattern(Span(offset)), Context(moment, zone), 1)
                self.assertEqual(found.isoformat(), expected)

    def test_wall_time_is_kept_when_the_clocks_change(self):
        pattern = DAILY._replace(offset=Span(0), hour=10.5, limit=3)
        found = schedule.occurrences(pattern, Context(day("2026-03-28"), "Europe/Berlin"))
        self.assertEqual(
            [one.planned for one in found],
            [
                datetime(2026, 3, 28, 9, 30),
                datetime(2026, 3, 29, 8, 30),
                datetime(2026, 3, 30, 8, 30),
            ],
        )

    def test_a_skipped_time_moves_forward_and_a_double_one_is_its_first(self):
        for text, hour, zone, expected in (
            ("2026-03-08", 2.5, "America/New_York", "2026-03-08 07:30"),
            ("2026-10-25", 2.5, "Europe/Berlin", "2026-10-25 00:30"),
            ("2026-10-25", 1.5, "Europe/Dublin", "2026-10-25 00:30"),
            ("2026-10-04", 2.25, "Australia/Lord_Howe", "2026-10-03 15:45"),
            ("2011-12-30", 9, "Pacific/Apia", "2011-12-30 19:00"),
        ):
            with self.subTest(zone=zone):
                found = worktime.at_local(day(text), hour, zone)
                self.assertEqual(found, datetime.fromisoformat(expected))

    def test_a_day_the_clocks_left_out_still_has_an_end(self):
        one = schedule.occurrence(Pattern(), Context(day("2011-12-30"), "Pacific/Apia"), 1)
        self.assertEqual(one.planned, datetime(2011, 12, 30, 19))
        self.assertEqual(one.deadline, datetime(2011, 12, 31, 9, 59, 59))

    def test_hours_are_elapsed_when_the_clocks_change(self):
        last = local("2026-10-24T18:00", "Europe/Berlin")
        one = schedule.occurrence(Pattern(Span(24, "hours")), Context(last, "Europe/Berlin"), 1)
        self.assertEqual(one.planned, local("2026-10-25T17:00", "Europe/Berlin"))

    def test_hours_are_half_open(self):
        for hour, expected in ((7, 8), (8, 8), (20, 20), (21, 32), (23, 32)):
            with self.subTest(hour=hour):
                found = worktime.next_opening(datetime(2026, 3, 5, hour), "UTC", (8, 21))
                self.assertEqual(found, datetime(2026, 3, 5) + timedelta(hours=expected))

    def test_the_ends_of_the_calendar_are_no_error(self):
        for zone in ("Asia/Shanghai", "America/New_York"):
            for edge in (date.min, date.max):
                with self.subTest(zone=zone, edge=edge):
                    self.assertEqual(worktime.at_local(edge, 9, zone).date(), edge)
                    self.assertEqual(worktime.end_of_local_day(edge, zone).date(), edge)
                    moment = datetime.combine(edge, datetime.min.time())
                    self.assertEqual(worktime.local_day(moment, zone), edge)


class TestWindows(unittest.TestCase):
    """Between which days a contact may be made."""

    def test_after_an_extraction_hours_keep_the_clock_and_days_have_windows(self):
        zone = "Asia/Shanghai"
        context = Context(local("2025-11-30T15:40", zone), zone)
        for offset, expected in (
            (Span(30, "minutes"), "2025-11-30T16:10"),
            (Span(2, "hours"), "2025-11-30T17:40"),
            (Span(24, "hours"), "2025-12-01T15:40"),
        ):
            one = schedule.occurrence(Pattern(offset), context, 1)
            self.assertEqual(one.planned, local(expected, zone))
        for offset, late, first, last in (
            (Span(5), Span(2), "2025-12-05", "2025-12-07"),
            (Span(2, "months"), Span(1, "months"), "2026-01-30", "2026-02-28"),
        ):
            one = schedule.occurrence(Pattern(offset, late=late), context, 1)
            self.assertEqual(one.planned, local(f"{first}T09:00", zone))
            self.assertEqual(one.deadline, local(f"{last}T23:59:59", zone))

    def test_a_window_in_months_counts_from_the_anchor(self):
        pattern = Pattern(Span(2, "months"), late=Span(1, "months"))
        for context, expected in (
            (Context(day("2025-12-31")), "2026-03-31"),
            (Context(day("2025-12-31"), delay=1), "2026-04-01"),
        ):
            one = schedule.occurrence(pattern, context, 1)
            self.assertEqual(one.deadline.date(), day(expected))

    def test_a_window_that_opens_before_the_calendar_never_opens_early(self):
        pattern = Pattern(early=Span(3000, "years"), policy="next")
        one = schedule.occurrence(pattern, Context(day("2026-03-07"), workdays=WEEK), 1)
        self.assertEqual((one.planned, one.reason), (datetime(2026, 3, 9, 9), "holiday"))
        elapsed = pattern._replace(offset=Span(1, "hours"))
        one = schedule.occurrence(elapsed, Context(datetime(2026, 3, 7)), 1)
        self.assertEqual(one.planned, datetime(2026, 3, 7, 1))

    def test_a_contact_is_late_after_the_last_day_of_its_window(self):
        one = schedule.occurrence(Pattern(Span(1), late=Span(1)), Context(day("2026-03-10")), 1)
        self.assertEqual(one.planned, datetime(2026, 3, 11, 9))
        self.assertEqual(one.deadline, datetime(2026, 3, 12, 23, 59, 59))

    def test_no_day_off_moves_a_contact_out_of_its_window(self):
        within = Pattern(Span(3), early=Span(3), policy="next")
        one = schedule.occurrence(within, Context(day("2026-02-13"), workdays=SPRING), 1)
        self.assertEqual(one.planned, datetime(2026, 2, 13, 9))
        self.assertEqual(one.deadline, datetime(2026, 2, 14, 23, 59, 59))
        self.assertEqual(one.reason, "window")
        closed = within._replace(early=Span(1), offset=Span(5))
        one = schedule.occurrence(closed, Context(day("2026-02-13"), workdays=SPRING), 1)
        self.assertEqual((one.planned.day, one.deadline.day, one.reason), (18, 18, "kept"))
        off = worktime.Workdays(
            holidays=frozenset(day(f"2026-02-{number}") for number in range(15, 24))
        )
        for pattern, last in (
            (Pattern(Span(0), late=Span(3), policy="next"), 18),
            (Pattern(Span(0), late=Span(3), policy="previous"), 18),
            (Pattern(Span(0), late=Span(3)), 18),
            (Pattern(Span(0), early=Span(0), late=Span(0), policy="next"), 24),
        ):
            context = Context(day("2026-02-15"), workdays=off)
            one = schedule.placed(pattern, context, 1, day("2026-02-15"))
            self.assertEqual(one.deadline.day, last)

    def test_no_day_off_moves_a_contact_over_the_end_of_its_series(self):
        for pattern, context in (
            (WEEKLY._replace(until_day=day("2026-02-16")), Context(day("2026-02-09"))),
            (WEEKLY._replace(until=Span(7)), Context(day("2026-02-09"))),
            (WEEKLY, Context(day("2026-02-09"), target=day("2026-02-17"))),
            (
                WEEKLY._replace(repeat="completion"),
                Context(day("2026-02-09"), target=day("2026-02-17")),
            ),
        ):
            with self.subTest(pattern=pattern):
                pattern = pattern._replace(policy="next")
                (one,) = schedule.preview(pattern, context._replace(workdays=SPRING), 5)
                self.assertEqual((one.planned, one.reason), (datetime(2026, 2, 14, 9), "window"))


class TestWorkdays(unittest.TestCase):
    """What happens on non-working days."""

    def test_each_policy_moves_contacts_off_a_holiday(self):
        for text, policy, expected in (
            ("2026-02-15", "none", "2026-02-15"),
            ("2026-02-15", "next", "2026-02-24"),
            ("2026-02-15", "previous", "2026-02-14"),
            ("2026-02-15", "nearest", "2026-02-14"),
            ("2026-02-19", "nearest", "2026-02-24"),
            ("2026-02-28", "next", "2026-02-28"),
            ("2026-02-17", "none", "2026-02-17"),
        ):
            with self.subTest(day=text, policy=policy):
                self.assertEqual(SPRING.roll(day(text), policy).day, day(expected))
        self.assertIsNone(SPRING.roll(day("2026-02-15"), "skip").day)

    def test_a_daily_series_leaves_out_days_off_and_doubles_none(self):
        context = Context(day("2026-03-05"), workdays=WEEK)
        for policy, expected in (
            ("skip", ["2026-03-06", "2026-03-09", "2026-03-10"]),
            ("next", ["2026-03-06", "2026-03-07", "2026-03-10"]),
        ):
            with self.subTest(policy=policy):
                pattern = DAILY._replace(limit=5, policy=policy)
                found = list(schedule.occurrences(pattern, context))
                self.assertEqual(days(found), expected)
                self.assertEqual([one.planned.day for one in found], [6, 9, 10])

    def test_a_chained_contact_is_not_left_out_on_a_day_off(self):
        chained = WEEKLY._replace(repeat="completion", policy="skip")
        context = Context(day("2026-03-01"), workdays=WEEK)
        one = schedule.chained_occurrence(chained, context, 2, day("2026-03-07"))
        self.assertEqual((one.planned, one.nominal.day), (datetime(2026, 3, 16, 9), 14))

    def test_every_other_week_may_be_worked(self):
        week = worktime.Workdays(frozenset(range(7)))
        self.assertTrue(week.is_working(date(1, 1, 7)))
        self.assertFalse(week.is_working(date(1, 1, 8)))
        self.assertTrue(week.is_working(date(1, 1, 15)))


class TestSeries(unittest.TestCase):
    """When contacts come again."""

    def assert_series(self, pattern, context, expected):
        found = days(schedule.preview(pattern, context, 400), context.zone)
        self.assertEqual(found, expected)

    def test_a_builder_calls_weekly_until_the_final_payment_then_monthly(self):
        self.assert_series(
            WEEKLY._replace(until_day=day("2026-03-25")),
            Context(day("2026-03-02")),
            ["2026-03-09", "2026-03-16", "2026-03-23"],
        )
        completion, month = Context(day("2026-03-31")), Span(1, "months")
        self.assert_series(Pattern(), completion, ["2026-03-31"])
        monthly = Pattern(month, repeat="interval", every=month)
        found = schedule.upcoming(
            monthly, completion, 0, datetime(2026, 3, 31), datetime(2026, 6, 30, 12)
        )
        self.assertEqual(days(found.due), ["2026-04-30", "2026-05-31", "2026-06-30"])
        self.assertEqual(days([found.later]), ["2026-07-31"])

    def test_a_new_customer_is_called_daily_then_weekly(self):
        context = Context(day("2026-03-01"))
        daily = days(schedule.preview(DAILY._replace(limit=14), context, 99))
        weekly = WEEKLY._replace(offset=Span(21), until_day=day("2026-06-01"))
        weekly = days(schedule.preview(weekly, context, 99))
        self.assertEqual((daily[0], daily[-1]), ("2026-03-02", "2026-03-15"))
        self.assertEqual((weekly[0], weekly[-1]), ("2026-03-22", "2026-05-31"))
        self.assertEqual(len(daily + weekly), 25)

    def test_contacts_of_a_period_are_spread_evenly(self):
        for first, expected in (
            ("2026-02-01", ["2026-02-01", "2026-02-15"]),
            ("2026-03-01", ["2026-03-01", "2026-03-16"]),
            ("2028-02-01", ["2028-02-01", "2028-02-15"]),
            ("2026-03-20", ["2026-03-20"]),
        ):
            with self.subTest(first=first):
                found = schedule.period_slots(day(first), 2, "months")
                self.assertEqual([one.isoformat() for one in found], expected)
                pattern = Pattern(repeat="period", times=2, limit=len(expected))
                self.assert_series(pattern, Context(day(first)), expected)

    def test_a_fixed_series_keeps_its_days_and_a_chained_one_waits(self):
        context = Context(day("2026-03-01"))
        chained = WEEKLY._replace(repeat="completion")
        for reference, expected in ((None, "2026-03-08"), (day("2026-03-11"), "2026-03-18")):
            found = schedule.chained_occurrence(chained, context, 2, reference)
            self.assertEqual(days([found]), [expected])
        self.assertEqual(days([schedule.occurrence(WEEKLY, context, 2)]), ["2026-03-15"])

    def test_a_season_moves_contacts_earlier_and_never_later(self):
        seasons = (Season(4, 10, Span(7)), Season(11, 3, Span(15)))
        pattern = Pattern(repeat="season", seasons=seasons)
        for reference, expected in (
            ("2026-10-28", "2026-11-04"),
            ("2026-11-04", "2026-11-19"),
            ("2026-03-28", "2026-04-04"),
            ("2026-03-20", "2026-04-01"),
        ):
            with self.subTest(reference=reference):
                found = schedule.following(pattern, Context(day("2026-01-01")), day(reference))
                self.assertEqual(found, day(expected))

    def test_a_season_without_contacts_waits_for_the_next(self):
        pattern = Pattern(repeat="season", seasons=(Season(4, 10, Span(15)),))
        context = Context(day("2026-10-28"))
        found = days(schedule.preview(pattern, context, 3))
        self.assertEqual(found, ["2026-11-12", "2027-04-01", "2027-04-16"])
        nothing = pattern._replace(seasons=())
        self.assertTrue(schedule.upcoming_chained(nothing, context, 0, None, datetime.max).is_over)

    def test_leads_are_called_by_their_source(self):
        context = Context(day("2026-03-02"))
        for every, expected in (
            (2, ["2026-03-04", "2026-03-06", "2026-03-08"]),
            (3, ["2026-03-05", "2026-03-08", "2026-03-11"]),
        ):
            self.assert_series(
                Pattern(Span(every), repeat="interval", every=Span(every), limit=3),
                context,
                expected,
            )
        weekly = WEEKLY._replace(offset=Span(10))
        self.assert_series(Pattern(Span(3)), context, ["2026-03-05"])
        self.assert_series(
            weekly._replace(until_day=day("2026-03-20")), context, ["2026-03-12", "2026-03-19"]
        )
        self.assertEqual(days(schedule.preview(weekly, context, 3))[-1], "2026-03-26")
        self.assert_series(Pattern(Span(7)), context, ["2026-03-09"])

    def test_walk_ins_are_called_by_their_grade(self):
        visit = Context(day("2026-03-02"))
        first = Pattern(Span(0))
        key = Pattern(Span(3), repeat="interval", every=Span(3))
        resistant = (
            Pattern(Span(3), repeat="none"),
            Pattern(Span(10), repeat="interval", every=Span(7)),
        )
        for grade, patterns, expected in (
            ("A, key", (first, key), ["2026-03-02", "2026-03-05", "2026-03-08", "2026-03-11"]),
            ("A, resistant", (first, *resistant), ["2026-03-02", "2026-03-05", "2026-03-12"]),
            ("C", (WEEKLY,), ["2026-03-09"]),
            ("D", (), []),
        ):
            with self.subTest(grade=grade):
                found = [
                    one
                    for pattern in patterns
                    for one in schedule.preview(pattern, visit, len(expected))
                ]
                found.sort(key=lambda one: one.planned)
                self.assertEqual(days(found)[: len(expected)], expected)

    def test_missing_contacts_of_a_period_can_be_counted(self):
        def lacking(done, times, period, of_year=2026):
            start, found = date(of_year, 1, 1), []
            while start.year == of_year:
                end = schedule.shift(start, Span(1, period))
                made = sum(start <= day(one) < end for one in done)
                slots = schedule.period_slots(start, times, period)
                found.append(max(len(slots) - made, 0))
                start = end
            return found

        self.assertEqual(lacking(["2026-03-10"], 2, "years"), [1])
        visits = ["2026-02-01", "2026-05-20", "2026-08-30"]
        self.assertEqual(lacking(visits, 1, "quarters"), [0, 0, 0, 1])

    def test_a_month_ends_where_the_company_is(self):
        moments = (datetime(2026, 1, 31, 15, 30), datetime(2026, 1, 31, 16, 30))
        months = [
            schedule.period_start(worktime.local_day(moment, "Asia/Shanghai"), "months")
            for moment in moments
        ]
        self.assertEqual([month.month for month in months], [1, 2])

    def test_maintenance_is_due_by_time_or_mileage(self):
        base, due = (day("2026-01-10"), 12000), day("2026-07-10")
        for km, expected in ((15800, "2026-05-09"), (12000, "2026-07-10"), (12100, "2026-07-10")):
            with self.subTest(km=km):
                found = schedule.meter_day(base, (day("2026-04-10"), km), 17000, due)
                self.assertEqual(found.isoformat(), expected)

    def test_a_delay_puts_off_all_that_counts_from_the_anchor(self):
        context = Context(day("2026-03-05"), delay=10)
        self.assert_series(Pattern(Span(2)), context, ["2026-03-17"])
        self.assert_series(Pattern(Span(15)), context, ["2026-03-30"])
        weekly = WEEKLY._replace(until=Span(14))
        for repeat in ("interval", "completion"):
            self.assert_series(
                weekly._replace(repeat=repeat), context, ["2026-03-22", "2026-03-29"]
            )


class TestIntent(unittest.TestCase):
    """How often to call a customer with an intended date of purchase."""

    PATTERN = Pattern(repeat="remaining", bands=INTENT)

    def test_the_less_time_is_left_the_more_often(self):
        today = day("2026-03-05")
        for left, expected in zip(
            (0, 1, 3, 4, 7, 8, 15, 16, 31, 32),
            (1, 1, 1, 3, 3, 5, 5, 7, 7, None),
            strict=True,
        ):
            with self.subTest(left=left):
                every = schedule.band_every(INTENT, today, today + timedelta(days=left))
                self.assertEqual(every and every.count, expected)

    def test_a_month_is_one_of_the_calendar(self):
        for target, opening, is_open in (
            ("2026-02-28", "2026-01-28", True),
            ("2026-03-01", "2026-02-01", False),
            ("2026-03-31", "2026-03-01", False),
        ):
            with self.subTest(target=target):
                every = schedule.band_every(INTENT, day("2026-01-31"), day(target))
                self.assertEqual(every, Span(7) if is_open else None)
                context = Context(day("2026-01-01"), target=day(target))
                self.assertEqual(schedule.opens(self.PATTERN, context), day(opening))

    def test_nothing_opens_without_a_target(self):
        context = Context(day("2026-01-01"), target=day("2026-03-31"))
        for pattern, one in (
            (self.PATTERN, context._replace(target=None)),
            (self.PATTERN._replace(bands=()), context),
            (WEEKLY, context),
        ):
            self.assertIsNone(schedule.opens(pattern, one))

    def test_a_stated_band_stays(self):
        context = Context(day("2026-03-05"), target=day("2026-03-20"))
        for is_stated, expected in (
            (True, ["2026-03-10", "2026-03-15", "2026-03-20", "2026-03-23"]),
            (
                False,
                [
                    *("2026-03-10", "2026-03-15", "2026-03-18"),
                    *("2026-03-19", "2026-03-20", "2026-03-23"),
                ],
            ),
        ):
            with self.subTest(is_stated=is_stated):
                pattern = self.PATTERN._replace(is_stated=is_stated)
                self.assertEqual(days(schedule.preview(pattern, context, 9)), expected)

    def test_another_target_calls_for_another_day(self):
        for target, expected in (("2026-03-20", "2026-03-19"), ("2026-04-02", "2026-03-23")):
            context = Context(day("2026-03-05"), target=day(target))
            found = schedule.following(self.PATTERN, context, day("2026-03-18"))
            self.assertEqual(found, day(expected))

    def test_a_customer_far_from_the_target_waits(self):
        def ask(reference, target, number=0, pattern=self.PATTERN):
            context = Context(day("2026-03-05"), target=target and day(target))
            return schedule.upcoming_chained(
                pattern, context, number, reference and day(reference), datetime(2026, 3, 6)
            )

        for reference in (None, "2026-04-20"):
            self.assertEqual(ask(reference, "2026-06-01"), schedule.Upcoming())
        self.assertEqual(ask(None, None), schedule.Upcoming())
        self.assertEqual(days([ask("2026-05-01", "2026-06-01").later]), ["2026-05-08"])
        self.assertEqual(ask("2026-06-01", "2026-06-01").later.reason, "target")
        for reference, target in (("2026-06-04", "2026-06-01"), (None, "2026-02-01")):
            self.assertTrue(ask(reference, target).is_over)
        self.assertTrue(ask("2026-05-01", "2026-06-01", 1, self.PATTERN._replace(limit=1)).is_over)
        ended = self.PATTERN._replace(until_day=day("2026-03-31"))
        self.assertTrue(ask(None, "2026-06-01", 0, ended).is_over)

    def test_a_preview_goes_on_when_the_target_draws_near(self):
        context = Context(day("2026-03-05"), target=day("2026-06-01"))
        for is_stated, expected in (
            (False, ["2026-05-08", "2026-05-15", "2026-05-22", "2026-05-27"]),
            (True, ["2026-05-08", "2026-05-15", "2026-05-22", "2026-05-29"]),
        ):
            pattern = self.PATTERN._replace(is_stated=is_stated)
            self.assertEqual(days(schedule.preview(pattern, context, 4)), expected)


class TestCatchUp(unittest.TestCase):
    """What is planned after a gap in planning."""

    NOW, TONIGHT = datetime(2026, 3, 6, 10), datetime(2026, 3, 6, 23, 59)

    def ask(self, pattern, number=0, anchor="2026-03-01", **context):
        return schedule.upcoming(
            pattern, Context(day(anchor), **context), number, self.NOW, self.TONIGHT
        )

    def test_single_contacts_keep_their_days(self):
        for offset in (1, 3):
            found = self.ask(Pattern(Span(offset)))
            self.assertEqual(days(found.due), [f"2026-03-0{offset + 1}"])
            self.assertEqual((found.missed, found.is_over), (frozenset(), True))
        self.assertEqual(self.ask(Pattern(Span(1)), number=1), schedule.Upcoming(is_over=True))

    def test_of_a_series_one_is_due_and_the_others_were_missed(self):
        found = self.ask(DAILY)
        self.assertEqual([one.number for one in found.due], [1, 2, 3, 4, 5])
        self.assertEqual((found.missed, found.earlier), ({1, 2, 3, 4}, 0))
        self.assertEqual(days(found.due)[-1], "2026-03-06")
        self.assertEqual((found.later.number, found.is_over), (6, False))
        found = self.ask(DAILY, number=4)
        self.assertEqual((days(found.due), found.missed), (["2026-03-06"], frozenset()))

    def test_a_contact_whose_window_is_open_is_not_missed(self):
        found = self.ask(WEEKLY._replace(offset=Span(0), late=Span(7)), anchor="2026-02-27")
        self.assertEqual((days(found.due), found.missed), (["2026-02-27", "2026-03-06"], set()))

    def test_of_a_series_long_over_the_last_contacts_are_listed(self):
        for pattern, context, last in (
            (DAILY._replace(limit=100), {}, 100),
            (DAILY._replace(until=Span(100)), {}, 100),
            (DAILY._replace(until_day=day("2020-04-09")), {}, 100),
            (DAILY, {"target": day("2020-04-09")}, 100),
            (DAILY._replace(limit=3), {}, 3),
        ):
            with self.subTest(pattern=pattern):
                found = self.ask(pattern, anchor="2019-12-31", **context)
                first = max(1, last - schedule.MAX_MISSED)
                numbers = [one.number for one in found.due]
                self.assertEqual(numbers, list(range(first, last + 1)))
                self.assertEqual(found.missed, set(numbers[:-1]))
                self.assertEqual((found.earlier, found.is_over), (first - 1, True))


class TestFaults(unittest.TestCase):
    """Patterns that make no sense are found, and others are accepted."""

    LIMITED = DAILY._replace(limit=9)
    PERIOD = Pattern(repeat="period", limit=9)
    TABLE = Pattern(repeat="remaining", bands=INTENT)
    SEASON = Pattern(repeat="season", seasons=(Season(4, 10, Span(7)), Season(11, 3, Span(15))))

    def assert_faults(self, code, *patterns, **options):
        for pattern in patterns:
            with self.subTest(pattern=pattern):
                self.assertEqual(schedule.validate(pattern, **options), code)

    def test_a_valid_pattern_has_no_problem(self):
        century, month = Span(100, "years"), Span(1, "months")
        self.assert_faults(
            None,
            Pattern(),
            Pattern(century),
            Pattern(Span(-5), early=Span(30), late=Span(60, "minutes"), every=Span(-1)),
            Pattern(month, until=Span(28)),
            Pattern(Span(-30), until=Span(-1)),
            WEEKLY,
            WEEKLY._replace(late=Span(6), policy="next"),
            WEEKLY._replace(repeat="completion", late=Span(10)),
            self.PERIOD._replace(times=4, limit=0),
            self.PERIOD._replace(times=30),
            self.TABLE,
            self.SEASON,
        )

    def test_each_problem_has_its_code(self):
        for code, *patterns in (
            ("negative_window", Pattern(early=Span(-1)), Pattern(late=Span(-1))),
            (
                "overflow",
                Pattern(Span(36501)),
                Pattern(Span(-101, "years")),
                Pattern(early=Span(10**7, "hours")),
                Pattern(until=Span(6000, "weeks")),
                self.TABLE._replace(bands=(Band(Span(1300, "months"), Span(1)),)),
                self.TABLE._replace(grace=10**6),
                self.LIMITED._replace(every=Span(10**30)),
            ),
            (
                "no_interval",
                self.LIMITED._replace(every=Span(0)),
                self.LIMITED._replace(repeat="completion", every=Span(-1)),
                self.PERIOD._replace(times=0),
                self.PERIOD._replace(times=32),
                self.TABLE._replace(bands=()),
                self.TABLE._replace(bands=(Band(Span(3), Span(0)),)),
                self.SEASON._replace(seasons=()),
            ),
            (
                "elapsed_interval",
                self.LIMITED._replace(every=Span(48, "hours")),
                self.TABLE._replace(bands=(Band(Span(3), Span(90, "minutes")),)),
            ),
            (
                "bands",
                self.TABLE._replace(bands=(Band(Span(0), Span(1)),)),
                self.TABLE._replace(
                    bands=(Band(Span(7), Span(1)), Band(Span(1, "weeks"), Span(2)))
                ),
            ),
            (
                "seasons",
                self.SEASON._replace(seasons=(Season(4, 11, Span(7)), Season(11, 3, Span(15)))),
            ),
            (
                "end_before_start",
                Pattern(Span(5), until=Span(4)),
                Pattern(Span(3, "months"), until=Span(80)),
                Pattern(Span(1), until=Span(-1)),
                Pattern(Span(1, "years"), until=Span(11, "months")),
            ),
            (
                "overlap",
                WEEKLY._replace(early=Span(3), late=Span(4)),
                WEEKLY._replace(repeat="completion", early=Span(1, "weeks")),
                self.PERIOD._replace(times=2, late=Span(16)),
            ),
            (
                "endless",
                DAILY,
                DAILY._replace(repeat="completion"),
                self.PERIOD._replace(times=5, limit=0),
                self.SEASON._replace(seasons=(Season(1, 12, Span(6)),)),
            ),
        ):
            self.assert_faults(code, *patterns)

    def test_any_end_will_do(self):
        for change in ({"limit": 9}, {"until": Span(9)}, {"until_day": day("2026-03-05")}):
            self.assert_faults(None, DAILY._replace(**change))
        self.assert_faults(None, DAILY, has_target=True)
        self.assert_faults(None, DAILY, has_stop=True)
