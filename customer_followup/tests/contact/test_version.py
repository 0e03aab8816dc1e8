from ast import literal_eval

from freezegun import freeze_time
from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common import PHONE, FollowupCommon


@tagged("post_install", "-at_install")
class TestVersion(FollowupCommon):
    """A customer keeps the version of enrollment, until a manager moves them to another."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cadence = cls._make_cadence(
            {"name": "Call", "offset_count": 3},
            {"name": "Again", "offset_count": 7},
            {"name": "Thanks", "anchor": "previous", "offset_count": 1},
        )

    def _new_version(self, **days):
        """Put a version in force in which the named steps come so many days after the start."""
        self.cadence.action_new_version()
        for step in self.cadence.step_ids:
            if step.name in days:
                step.offset_count = days[step.name]
        self.cadence.action_use_version()

    def test_an_unused_version_can_be_changed(self):
        self.cadence.step_ids[0].offset_count = 4
        self.assertEqual(self.cadence.version_id.number, 1)

    def test_a_used_version_keeps_its_dates_but_not_its_texts(self):
        self._enroll_on(self.cadence, "2026-03-02")
        step = self.cadence.step_ids[0]
        step.text = "Good day"
        for way in (
            lambda: step.write({"offset_count": 4}),
            lambda: step.unlink(),
            lambda: step.copy(),
            lambda: self.cadence.write({"step_ids": [fields.Command.delete(step.id)]}),
        ):
            with self.assertRaisesRegex(UserError, "Cadence: customers are on Version 1 already"):
                way()

    def test_the_form_adds_and_deletes_steps_of_a_version_not_in_use(self):
        arch = self.cadence.get_view(view_type="form")["arch"]
        field = etree.fromstring(arch).find(".//field[@name='step_ids'][@options]")
        options = literal_eval(field.get("options"))

        def offered():
            self.cadence.invalidate_recordset()
            return [name for name in options if self.cadence.filtered_domain(options[name])]

        self.assertEqual(offered(), ["create", "delete"])
        self._enroll_on(self.cadence, "2026-03-02")
        self.assertEqual(offered(), [])
        self.cadence.action_new_version()
        self.assertEqual(offered(), ["create", "delete"])

    def test_rows_of_a_table_are_kept_too(self):
        row = {"month_from": "1", "month_to": "12", "every_count": 7}
        plan = self._make_cadence(
            {"repeat": "season", "interval_ids": [fields.Command.create(row)]}
        )
        self._enroll_on(plan, "2026-03-02")
        intervals = plan.step_ids.interval_ids
        for way in (
            lambda: intervals.write({"every_count": 8}),
            intervals.unlink,
            lambda: intervals.copy(),
        ):
            with self.assertRaisesRegex(UserError, "already"):
                way()

    def test_customers_keep_their_version(self):
        old = self._enroll_on(self.cadence, "2026-03-02")
        self._new_version(Again=14)
        self.assertEqual(
            self.cadence.version_ids.sorted("number").mapped("state"), ["replaced", "running"]
        )
        self.assertEqual(self.cadence.outdated_count, 1)
        other = self._make_customer("Kim", phone=PHONE)
        with freeze_time("2026-03-02 14:00"):
            new = self.cadence._enroll(other)
        self._plan_on("2026-03-03")
        self.assertEqual(old.version_id.number, 1)
        self.assertEqual(new.version_id.number, 2)
        self.assertEqual(self._days(old.followup_ids), ["2026-03-05", "2026-03-09"])
        self.assertEqual(self._days(new.followup_ids), ["2026-03-05", "2026-03-16"])

    def test_a_draft_changes_nothing_until_it_is_used(self):
        self._enroll_on(self.cadence, "2026-03-02")
        self.cadence.action_new_version()
        steps = self.cadence.step_ids
        self.assertEqual(self.cadence.draft_version_id.number, 2)
        self.assertEqual(steps.sorted("sequence")[-1:]._before(), steps.sorted("sequence")[1])
        kim = self._make_customer("Kim")
        self.assertEqual(self.cadence._enroll(kim).version_id.number, 1)
        with self.assertRaisesRegex(UserError, "has a draft already"):
            self.cadence.action_new_version()
        self.cadence.action_discard_version()
        self.assertFalse(steps.exists())
        self.assertEqual(self.cadence.step_ids, self.cadence.version_id.step_ids)
        self.assertEqual(len(self.cadence.step_ids), 3)

    def test_moving_to_the_new_version_moves_what_is_pending_and_no_more(self):
        enrollment = self._enroll_on(self.cadence, "2026-03-02")
        call, again = enrollment.followup_ids.sorted("date_planned")
        self._reach_on(call, "2026-03-05")
        self._new_version(Call=1, Again=14)
        with freeze_time("2026-03-06 10:00"):
            self.assertEqual(self.cadence.with_user(self.manager)._move_to_version(), enrollment)
        self._plan_on("2026-03-06", 11)
        self.assertEqual(enrollment.version_id.number, 2)
        self.assertEqual(self.cadence.outdated_count, 0)
        self.assertEqual(self._days(call), ["2026-03-05"])
        self.assertEqual(self._days(again), ["2026-03-16"])
        self.assertEqual(len(enrollment.followup_ids), 2, "The first step was done already.")

    def test_a_step_the_new_version_has_not_is_dropped_and_a_new_one_comes(self):
        enrollment = self._enroll_on(self.cadence, "2026-03-02")
        self.cadence.action_new_version()
        steps = self.cadence.step_ids.sorted("sequence")
        steps[2].unlink()
        steps[1].unlink()
        extra = {"name": "Extra", "offset_count": 9, "channel_id": self.phone.id}
        self.cadence.step_ids = [fields.Command.create(extra)]
        self.cadence.action_use_version()
        with freeze_time("2026-03-03 10:00"):
            self.cadence._move_to_version()
        self._plan_on("2026-03-03", 11)
        found = {
            one.name: (self._days(one)[0], one.state, one.close_code)
            for one in enrollment.followup_ids
        }
        self.assertEqual(
            found,
            {
                "Call": ("2026-03-05", "planned", False),
                "Again": ("2026-03-09", "cancelled", "changed"),
                "Extra": ("2026-03-11", "planned", False),
            },
        )

    def test_only_managers_make_and_use_versions(self):
        self._enroll_on(self.cadence, "2026-03-02")
        for user in (self.agent, self.leader, self.auditor):
            theirs = self.cadence.with_user(user)
            for way in (
                theirs.action_run,
                theirs.action_new_version,
                theirs.action_use_version,
                theirs.action_move_to_version,
            ):
                with (
                    self.subTest(user=user.login, way=way.__name__),
                    self.assertRaises(AccessError),
                ):
                    way()
        self.assertEqual(self.cadence.version_id.number, 1)

    def test_a_copy_of_a_plan_starts_with_its_own_first_version(self):
        copy = self.cadence.copy()
        self.assertEqual((copy.state, len(copy.step_ids)), ("draft", 3))
        self.assertEqual(copy.version_ids.number, 1)
        self.assertEqual(copy.step_ids[2]._before(), copy.step_ids[1])
        copy.action_run()
        self.assertEqual(copy.version_id, copy.version_ids)
        copy.unlink()
        self.assertFalse(copy.exists())
