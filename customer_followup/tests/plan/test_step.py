from datetime import date, datetime

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..common import FollowupCommon

WEEKLY = {"repeat": "interval", "every_count": 1, "every_unit": "weeks"}


@tagged("post_install", "-at_install")
class TestFaults(FollowupCommon):
    """A step that makes no sense is refused with a sentence that names it."""

    def _refused(self, sentence, *steps, **vals):
        with (
            self.assertRaisesRegex(ValidationError, sentence),
            self.env.cr.savepoint(),
        ):
            self._make_cadence(*steps, **vals)

    def test_what_makes_no_sense(self):
        season = [Command.create({"month_from": "1", "month_to": "6", "every_count": 7})] * 2
        band = [Command.create({"limit_count": 7, "every_count": 3})] * 2
        no_band = [Command.create({"limit_count": 0, "every_count": 3})]
        daily = {"repeat": "interval", "every_count": 1, "every_unit": "days"}
        for sentence, step in (
            ("cannot be negative", {"early_count": -1}),
            ("cannot be negative", {"late_count": -1}),
            ("cannot be negative", {"end_count": -1}),
            ("cannot be negative", {"repeat": "remaining", "grace_days": -1}),
            ("36,500 days", {"late_count": 40000}),
            ("36,500 days", {"offset_count": 2000, "offset_unit": "years"}),
            ("36,500 days", {"offset_count": -(2**31), "offset_unit": "days"}),
            ("ends before it starts", {**WEEKLY, "offset_count": 30, "end_after_count": 1,
                                       "end_after_unit": "weeks"}),
            ("go on forever without a pause", daily),
            ("go on forever without a pause", {"repeat": "completion", "every_unit": "days",
                                               "every_count": 2}),
            ("say how often", {"repeat": "interval", "every_count": 0}),
            ("say how often", {"repeat": "period", "times": 0}),
            ("say how often", {"repeat": "season"}),
            ("say how often", {"repeat": "remaining"}),
            ("counts in days", {**WEEKLY, "offset_unit": "hours"}),
            ("overlap", {**WEEKLY, "late_count": 7}),
            ("overlap", {**WEEKLY, "early_count": 4, "late_count": 3}),
            ("a different time left", {"repeat": "remaining", "interval_ids": band}),
            ("above zero", {"repeat": "remaining", "interval_ids": no_band}),
            ("one row of its table only", {"repeat": "season", "interval_ids": season}),
            ("at most 10000 contacts", {**daily, "end_count": 1_000_000}),
            ("before it is late", {"is_expiring": True, "expire_days": -1}),
        ):  # fmt: skip
            with self.subTest(step=step):
                self._refused(f"Bad: .*{sentence}", {"name": "Bad", **step})

    def test_a_row_of_a_table_that_is_changed_is_checked_too(self):
        row = Command.create({"month_from": "1", "month_to": "12", "every_count": 7})
        plan = self._make_cadence({"repeat": "season", "interval_ids": [row]})
        with self.assertRaisesRegex(ValidationError, "say how often|without a pause"):
            plan.step_ids.interval_ids.every_count = 0

    def test_an_hour_is_one_of_the_day(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(Exception, "step_hours"),
            self.env.cr.savepoint(),
        ):
            self.plan.step_ids[0].hour = 24
            self.env.flush_all()

    def test_daily_is_fine_with_an_end_or_something_to_wait_for(self):
        daily = {"repeat": "interval", "every_count": 1, "every_unit": "days"}
        for end in (
            {"end_count": 14},
            {"end_after_count": 2},
            {"end_date": "2030-01-01"},
            {"stop_condition": "[('active', '=', False)]"},
            {"is_ending_at_target": True},
        ):
            with self.subTest(end=end):
                self.assertTrue(self._make_cadence({**daily, **end}))

    def test_steps_do_not_wait_for_each_other(self):
        plan = self._make_cadence({"name": "One"}, {"name": "Two"}, {"name": "Three"})
        one, two, three = plan.step_ids
        self.assertFalse(plan.version_id.is_used)
        two.write({"anchor": "previous"})
        three.write({"anchor": "previous", "after_step_id": two.id})
        with self.assertRaisesRegex(ValidationError, "wait for each other"):
            one.write({"anchor": "previous", "after_step_id": three.id})

    def test_a_step_does_not_wait_for_itself_or_for_nothing(self):
        self._refused("there is no step before it", {"anchor": "previous"})
        plan = self._make_cadence({"name": "One"})
        with self.assertRaisesRegex(ValidationError, "wait for each other"):
            plan.step_ids.write({"anchor": "previous", "after_step_id": plan.step_ids.id})

    def test_a_step_does_not_wait_for_a_series_without_end(self):
        self._refused("would wait forever", {"name": "One", **WEEKLY}, {"anchor": "previous"})
        self.assertTrue(self._make_cadence({**WEEKLY, "end_count": 3}, {"anchor": "previous"}))

    def test_a_plan_has_a_readable_number_of_steps(self):
        with self.assertRaisesRegex(ValidationError, "at most 200 steps"), self.env.cr.savepoint():
            self._make_cadence(*({"offset_count": number} for number in range(201)))

    def test_a_series_that_is_over_already_is_not_started(self):
        plan = self._make_cadence({**WEEKLY, "end_count": 3})
        plan.state = "draft"
        plan.step_ids.end_date = "2026-01-01"
        with self.assertRaisesRegex(UserError, "Step 1 ended on 2026-01-01 already"):
            plan.action_run()

    def test_a_condition_must_be_one_its_author_may_ask(self):
        for sentence, error, condition in (
            ("cannot be used", ValidationError, "[('nonsense', '=', 1)]"),
            ("cannot be used", ValidationError, "__import__('os')"),
            ("may not see contact details", AccessError, "[('phone', 'like', '+336')]"),
            ("may not see contact details", AccessError, "[('child_ids.email', 'like', 'x')]"),
            (
                "may not see contact details",
                AccessError,
                "[('parent_id', 'any', [('vat', '=', 'x')])]",
            ),
        ):
            self.manager.group_ids -= self.env.ref("customer_followup.group_data_contact")
            with self.subTest(condition=condition), self.assertRaisesRegex(error, sentence):
                self.plan.step_ids[0].with_user(self.manager).condition = condition
        self.plan.step_ids[0].with_user(self.manager).condition = "[('country_id', '!=', False)]"

    def test_a_condition_on_records_its_author_may_not_read_is_refused(self):
        plan = self._make_cadence({"condition": "[('id', '>', 0)]"})
        for model in ("ir.config_parameter", "gone.model"):
            with self.subTest(model=model), self.assertRaises(UserError):
                plan.with_user(self.manager).model_name = model

    def test_a_rule_watches_what_the_conditions_are_about(self):
        plan = self._make_cadence({}, model_name="res.users")
        vals = {"name": "Rule", "anchor_path": "create_date", "plan_id": plan.id}
        rules = self.env["customer.followup.rule"]
        with self.assertRaisesRegex(ValidationError, "steps of Cadence are about res.users"):
            rules.create({**vals, "model_name": "survey.user_input"})
        self.assertTrue(rules.create({**vals, "model_name": "res.users"}))


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 10:00")
class TestPreview(FollowupCommon):
    """The form of a plan shows its next dates while it is written."""

    def _dates(self, preview):
        self.assertFalse(preview["problem"])
        return [f"{line['day']} {line['name']}" for line in preview["dates"]]

    def test_dates_appear_as_one_types(self):
        with Form(self.env["customer.followup.plan"].with_user(self.manager)) as form:
            form.name = "New"
            form.purpose_id = self.service
            form.lawful_basis = "contract"
            form.team_id = self.team
            with form.step_ids.new() as step:
                step.name = "Call"
                step.channel_id = self.phone
                step.offset_count = 3
                self.assertEqual(self._dates(step.preview), ["Thu 5 Mar 2026 Call"])
                step.offset_count = 5
                self.assertEqual(self._dates(step.preview), ["Sat 7 Mar 2026 Call"])
                step.workday_policy = "next"
                line = step.preview["dates"][0]
                self.assertEqual(line["day"], "Mon 9 Mar 2026")
                self.assertEqual(line["note"], "moved: the day is not worked")
                step.late_count = -1
                self.assertIn("cannot be negative", step.preview["problem"])
                step.late_count = 0
            with form.step_ids.new() as step:
                step.name = "Series"
                step.channel_id = self.phone
                step.offset_count = 7
                step.repeat = "interval"
                step.every_count = 1
            dates = self._dates(form.preview)
            self.assertEqual(len(dates), 10)
            self.assertEqual(
                dates[:3], ["Mon 9 Mar 2026 Call", "Mon 9 Mar 2026 Series", "Thu 9 Apr 2026 Series"]
            )
            form.sample_date = date(2026, 1, 31)
            self.assertEqual(self._dates(form.preview)[0], "Thu 5 Feb 2026 Call")
        plan = form.record
        self.assertEqual(plan.step_ids.mapped("name"), ["Call", "Series"])
        plan.with_user(self.manager).action_run()
        self.assertEqual(plan.state, "running")

    def test_the_preview_is_what_the_planner_makes(self):
        bands = [Command.create({"limit_count": 1, "limit_unit": "months", "every_count": 7})]
        plan = self._make_cadence(
            {"name": "Once", "offset_count": 3, "workday_policy": "next"},
            {"name": "After", "anchor": "previous", "offset_count": 2},
            {"name": "Target", "anchor": "target", "offset_count": -7},
            {"name": "Near", "repeat": "remaining", "interval_ids": bands, "grace_days": 0},
        )
        plan.sample_date = date(2026, 3, 2)
        plan.sample_target = date(2026, 3, 20)
        expected = self._dates(plan.preview)
        self.assertTrue(plan.needs_target)
        enrollment = self._enroll_on(plan, "2026-03-02", date_target="2026-03-20 12:00:00")
        for _turn in range(6):
            pending = enrollment.followup_ids.filtered(lambda one: one.state == "planned")
            for contact in pending.sorted("date_planned")[:1]:
                self._reach_on(contact, str(contact.date_planned.date()))
        made = enrollment.followup_ids.sorted("date_nominal")
        self.assertEqual(
            [f"{one.date_nominal:%a} {one.date_nominal.day} {one.date_nominal:%b %Y} {one.name}"
             for one in made],
            expected,
        )  # fmt: skip

    def test_absurd_plans_are_shown_without_a_hang(self):
        daily = {"repeat": "interval", "every_count": 1, "every_unit": "days"}
        steps = [{**daily, "offset_count": number, "end_count": 10_000} for number in range(200)]
        plan = self._make_cadence(*steps)
        plan.sample_date = date(1900, 1, 1)
        self.assertEqual(len(plan.preview["dates"]), 10)

    def test_steps_are_described_in_words(self):
        plan = self._make_cadence(
            {
                "offset_count": 3,
                "late_count": 1,
                "workday_policy": "next",
            },
            {
                "anchor": "target",
                "offset_count": -2,
                "offset_unit": "weeks",
                **WEEKLY,
                "every_count": 2,
                "end_count": 4,
                "is_ending_at_target": True,
            },
            {"repeat": "period", "times": 2, "end_after_count": 6},
            {"anchor": "previous", "after_step_id": False, "offset_count": 1},
        )
        plan.step_ids[3].after_step_id = plan.step_ids[0]
        self.assertEqual(
            plan.step_ids.mapped("when"),
            [
                "3 days after the start; 1 day left to do it;"
                " on non-working days: take the next working day",
                "2 weeks before the target date; then every 2 weeks; 4 contacts at most;"
                " until the target date",
                "on the day of the start; 2 times a month; for 6 months",
                "1 day after the end of Step 1",
            ],
        )


@tagged("post_install", "-at_install")
class TestWorkday(FollowupCommon):
    """Which days are worked: of working hours, public holidays and our own rows."""

    def setUp(self):
        super().setUp()
        self.calendar = self.company.resource_calendar_id

    def _works(self, *days, calendar=None, company=None):
        working_time = (calendar or self.calendar)._working_time(company or self.company)
        return [working_time.workdays.is_working(date(*day)) for day in days]

    def _leave(self, first, last, **vals):
        return self.env["resource.calendar.leaves"].create(
            {"name": "Holiday", "date_from": first, "date_to": last, "calendar_id": False, **vals}
        )

    def test_weekends_and_public_holidays_are_off(self):
        self._leave("2026-03-04 00:00:00", "2026-03-04 23:59:59")
        self.assertEqual(
            self._works((2026, 3, 3), (2026, 3, 4), (2026, 3, 7), (2026, 3, 9)),
            [True, False, False, True],
        )

    def test_half_a_holiday_or_somebodys_leave_is_none(self):
        self._leave("2026-03-04 00:00:00", "2026-03-04 12:00:00")
        resource = self.env["resource.resource"].create({"name": "Wang"})
        self._leave("2026-03-05 00:00:00", "2026-03-05 23:59:59", resource_id=resource.id)
        self.assertEqual(self._works((2026, 3, 4), (2026, 3, 5)), [True, True])

    def test_a_holiday_is_one_in_the_zone_of_the_working_hours(self):
        self.calendar.tz = "Asia/Shanghai"
        self._leave("2026-03-03 16:00:00", "2026-03-04 15:59:59")
        self.assertEqual(self._works((2026, 3, 3), (2026, 3, 4)), [True, False])

    def test_make_up_days_win(self):
        rows = self.env["customer.workday"]
        rows.create(
            [
                {"name": "Off", "date_from": "2026-03-02", "date_to": "2026-03-08"},
                {
                    "name": "Make-up",
                    "kind": "workday",
                    "date_from": "2026-03-07",
                    "date_to": "2026-03-07",
                },
            ]
        )
        self.assertEqual(
            self._works((2026, 3, 3), (2026, 3, 7), (2026, 3, 8), (2026, 3, 9)),
            [False, True, False, True],
        )

    def test_odd_and_even_weeks_differ(self):
        calendar = self.env["resource.calendar"].create({"name": "Two weeks", "tz": "UTC"})
        calendar.switch_calendar_type()
        odd = calendar.attendance_ids.filtered(
            lambda one: one.week_type == "1" and not one.display_type
        )
        odd.unlink()
        first, second = self._works((2026, 3, 3), (2026, 3, 10), calendar=calendar)
        self.assertNotEqual(first, second)

    def test_without_hours_every_day_is_worked(self):
        empty = self.env["resource.calendar"].create({"name": "Empty", "attendance_ids": []})
        empty.attendance_ids.unlink()
        flexible = self.env["resource.calendar"].create(
            {"name": "Flexible", "flexible_hours": True}
        )
        for calendar in (empty, flexible):
            with self.subTest(calendar=calendar.name):
                self.assertEqual(self._works((2026, 3, 7), calendar=calendar), [True])
        self.company.resource_calendar_id = False
        workdays = empty.browse()._working_time(self.company).workdays
        self.assertTrue(workdays.is_working(date(2026, 3, 7)))

    def test_another_companys_days_are_its_own(self):
        self._make_second_company()
        self.env["customer.workday"].create(
            {
                "name": "Theirs",
                "date_from": "2026-03-03",
                "date_to": "2026-03-03",
                "company_id": self.other_company.id,
            }
        )
        self.assertEqual(self._works((2026, 3, 3)), [True])
        theirs = self.other_company.resource_calendar_id
        self.assertEqual(
            self._works((2026, 3, 3), calendar=theirs, company=self.other_company), [False]
        )

    def test_a_row_spans_days_in_order_and_no_ages(self):
        for first, last in (("2026-03-05", "2026-03-04"), ("2026-03-05", "2096-03-04")):
            with self.assertRaisesRegex(ValidationError, "Off: the last day"):
                self.env["customer.workday"].create(
                    {"name": "Off", "date_from": first, "date_to": last}
                )


@tagged("post_install", "-at_install")
class TestJourney(FollowupCommon):
    """Past, pending and coming contacts of a customer in one line for each plan."""

    def test_a_journey_tells_what_was_is_and_will_be(self):
        plan = self._make_cadence(
            {"name": "Done", "offset_count": 1},
            {"name": "Late", "offset_count": 2},
            {"name": "Soon", "offset_count": 9},
            {"name": "Far", "offset_count": 3, "offset_unit": "months"},
        )
        enrollment = self._enroll_on(plan, "2026-03-02")
        self._reach_on(enrollment.followup_ids.sorted("date_planned")[0], "2026-03-03")
        with freeze_time("2026-03-05 10:00"):
            for user in (enrollment.user_id, self.manager):
                journey = enrollment.with_user(user).journey
                self.assertEqual(
                    [(dot["name"], dot["state"]) for dot in journey["dots"]],
                    [("Done", "done"), ("Late", "late"), ("Soon", "planned"), ("Far", "coming")],
                )
            self.assertEqual(journey["dots"][0]["note"], "Done: Reached")
            lines = self.customer.with_user(self.manager).customer_journey
            self.assertEqual([line["plan"] for line in lines], ["Cadence"])

    def test_one_sees_the_plans_one_may_see(self):
        self._make_second_company()
        plan = self._make_cadence({}, company_id=self.other_company.id, team_id=False)
        plan.with_company(self.other_company)._enroll(self.customer)
        self.assertFalse(self.customer.with_user(self.manager).customer_journey)
        self.assertEqual(len(self.customer.with_user(self.other_manager).customer_journey), 1)

    def test_withheld_contacts_say_why(self):
        silent = self._make_customer("No Number")
        with freeze_time("2026-03-02 10:00"):
            enrollment = self._make_cadence({})._enroll(silent)
        self._plan_on("2026-03-02", 11)
        dot = enrollment.journey["dots"][0]
        self.assertEqual(dot["state"], "withheld")
        self.assertEqual(dot["note"], "Withheld: There is no phone number")


@tagged("post_install", "-at_install")
class TestPlanners(FollowupCommon):
    """How many scheduled actions plan, and how far ahead."""

    def _planners(self):
        return self.env["ir.cron"].search([("code", "=", "model._cron_plan()")])

    def _set(self, **vals):
        self.env["res.config.settings"].create(vals).execute()

    def test_planners_come_and_go(self):
        first = self.env.ref("customer_followup.ir_cron_plan")
        for count in (3, 8, 2, 1):
            self._set(customer_planners=count)
            self.assertEqual(len(self._planners()), count)
            self.assertIn(first, self._planners())
        self.assertEqual(self._planners(), first)

    def test_many_rows_wake_more_than_one(self):
        self._set(customer_planners=4)
        triggers = self.env["ir.cron.trigger"]
        triggers.search([]).unlink()
        self.env["customer.followup.enrollment"]._trigger_planners(2400)
        self.assertEqual(len(triggers.search([]).cron_id & self._planners()), 3)

    def test_out_of_range_is_refused(self):
        for vals in (
            {"customer_planners": 0},
            {"customer_planners": 9},
            {"customer_horizon_days": 0},
            {"customer_horizon_days": 1000},
        ):
            with self.subTest(vals=vals), self.assertRaises(ValidationError):
                self._set(**vals)

    def test_a_longer_horizon_plans_what_lies_within(self):
        enrollment = self._enroll_on(self.plan, "2026-02-01")
        self.assertEqual(self._days(enrollment, "date_next"), ["2026-03-04"])
        self._set(customer_horizon_days=60)
        self._plan_on("2026-02-02")
        self.assertEqual(len(enrollment.followup_ids), 2)

    @freeze_time("2026-02-01 10:00")
    def test_an_automation_rule_sees_contacts_that_are_created_in_bulk(self):
        followups = self.env["customer.followup"]
        create, seen = type(followups).create, []

        def create_and_run_rules(records, vals_list):
            created = create(records, vals_list)
            seen.extend(created.ids)
            return created

        self.assertTrue(followups._is_plain())
        # As base_automation does it: on the class of the registry itself.
        type(followups).create = create_and_run_rules
        self.addCleanup(delattr, type(followups), "create")
        self.assertFalse(followups._is_plain())
        enrollment = self.plan._enroll(self.customer, datetime(2026, 2, 1))
        enrollment._plan_safely()
        self.assertEqual(sorted(seen), sorted(enrollment.followup_ids.ids))

    @freeze_time("2026-02-01 10:00")
    def test_an_automation_rule_sees_what_the_planner_writes(self):
        rows = self.env["customer.followup.enrollment"]
        enrollment = self.plan._enroll(self.customer, datetime(2026, 2, 1))
        write, seen = type(rows).write, []

        def write_and_run_rules(records, vals):
            result = write(records, vals)
            seen.extend((one.id, name) for one in records for name in vals)
            return result

        self.assertTrue(rows._is_written_plainly())
        type(rows).write = write_and_run_rules
        self.addCleanup(delattr, type(rows), "write")
        self.assertFalse(rows._is_written_plainly())
        enrollment._plan_safely()
        self.assertEqual(seen, [(enrollment.id, "date_next"), (enrollment.id, "is_planned_out")])
        del seen[:]
        with mute_logger(
            "odoo.addons.customer_followup.models.contact.customer_followup_enrollment"
        ):
            enrollment._park(ValueError("No"))
        self.assertEqual(seen, [(enrollment.id, "state"), (enrollment.id, "error")])
        self.assertEqual((enrollment.state, enrollment.error), ("stuck", "No"))

    @freeze_time("2026-02-01 10:00")
    def test_what_is_set_aside_is_so_even_if_an_automation_rule_fails(self):
        enrollment = self.plan._enroll(self.customer, datetime(2026, 2, 1))
        self.env.flush_all()
        rows = type(enrollment)
        rows.write = lambda records, vals: 1 / 0
        self.addCleanup(delattr, rows, "write")
        with mute_logger(
            "odoo.addons.customer_followup.models.contact.customer_followup_enrollment"
        ):
            enrollment._park(ValueError("No"))
        self.assertEqual((enrollment.state, enrollment.error), ("stuck", "No"))

    @freeze_time("2026-02-01 10:00")
    def test_where_another_add_on_takes_part_contacts_are_made_by_create(self):
        followups = self.env["customer.followup"]
        self.assertTrue(followups._is_plain())
        self.env["ir.default"].set("customer.followup", "summary", "Ask about the tyres")
        self.assertFalse(followups._is_plain())
        self.assertFalse(followups.with_context(default_summary="Hm")._is_plain())
        enrollment = self.plan._enroll(self.customer, datetime(2026, 2, 1))
        enrollment._plan_safely()
        by_create = enrollment.followup_ids
        self.env["ir.default"].search([("field_id.name", "=", "summary")]).unlink()
        other = self.plan.copy({"state": "running"})._enroll(self.customer, datetime(2026, 2, 1))
        other.user_id = enrollment.user_id
        other._plan_safely()
        by_insert = other.followup_ids
        differing = {"id", "enrollment_id", "plan_id", "step_id", "summary", "text"}
        for name, field in followups._fields.items():
            if field.store and field.column_type and name not in differing:
                self.assertEqual(by_create[name], by_insert[name], name)
