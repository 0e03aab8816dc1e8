from contextlib import suppress
from datetime import date, datetime

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import ComplaintCommon

EXTREMES = {
    "date": (date.max, date(9999, 1, 1), date.min),
    "datetime": (datetime.max.replace(microsecond=0), datetime(9999, 1, 1), datetime.min),
    "integer": (2**31, 2**31 - 1, -(2**31), -(2**31) - 1),
}


@tagged("post_install", "-at_install")
class TestExtremes(ComplaintCommon):
    """Dates and numbers with which nothing can be calculated are refused with a sentence."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # May do everything, but is not the system.
        cls.user = cls.env.ref("base.user_admin")
        cls.user.group_ids |= cls.env["res.groups"].search(
            [("name", "!=", "Public"), ("privilege_id.category_id.name", "like", "Customer")]
        )

    def _bounded(self):
        for name, model in self.env.registry.items():
            if not model._abstract and model._auto:
                table = self.env[name].with_user(self.user)
                for field_name in table._bounded_names():
                    yield table, field_name, EXTREMES[table._fields[field_name].type]

    def test_fields_of_all_chapters_are_bounded(self):
        names = {(table._name, name) for table, name, _values in self._bounded()}
        self.assertLessEqual(
            {
                ("customer.ownership", "date_from"),
                ("customer.followup", "date_planned"),
                ("customer.followup.outcome", "retry_hours"),
                ("customer.followup.rule.start", "days"),
                ("customer.followup.step", "offset_count"),
                ("customer.purpose", "budget_days"),
                ("customer.sla.escalation", "delay_count"),
                ("customer.team", "handover_months"),
                ("res.company", "customer_reopen_days"),
            },
            names,
        )

    def _refused(self, work):
        try:
            with self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
                work()
                self.env.flush_all()
        except UserError as error:
            self.assertTrue(str(error))
        else:
            self.fail("It is taken.")
        self.env.invalidate_all()

    def test_no_record_takes_them(self):
        for table, name, values in self._bounded():
            record = table.search([], limit=1) if not table._transient else table
            for value in values if record else ():
                with self.subTest(model=table._name, field=name, value=value):
                    self._refused(
                        lambda record=record, name=name, value=value: record.write({name: value})
                    )

    def test_no_new_record_takes_them(self):
        for table, name, values in self._bounded():
            for value in values:
                with (
                    self.subTest(model=table._name, field=name, value=value),
                    self.assertRaises(UserError),
                ):
                    table._check_bounds({name: value})

    def test_the_sentence_names_the_record_and_says_what_to_do(self):
        reached = self._ending("reached").with_user(self.user)
        with self.assertRaisesRegex(ValidationError, f"{reached.name}: enter a number of at most"):
            reached.retry_hours = 2**31
        contact = self._make_followup().with_user(self.user)
        with self.assertRaisesRegex(ValidationError, "Call: enter a date between 1900 and 2199"):
            contact.date_planned = datetime(9999, 12, 31)

    def test_while_typing_a_form_shows_no_error(self):
        """What a form computes from a value that is not saved yet does not fail."""
        for table, name, values in self._bounded():
            record = table.search([], limit=1) if not table._transient else table
            fields = [one for one in table._fields.values() if one.compute and not one.related]
            for value in values:
                with self.subTest(model=table._name, field=name, value=value):
                    typed = table.new({name: value}, origin=record)
                    for field in fields:
                        with suppress(UserError):
                            typed.mapped(field.name)

    def test_while_typing_how_far_a_rule_looks_back(self):
        rule = self.env["customer.followup.rule"].search([], limit=1)
        start = self.env["customer.followup.rule.start"].with_context(default_rule_id=rule.id)
        form = Form(start)
        form.choice = "days"
        for days in EXTREMES["integer"]:
            form.days = days

    def test_an_outcome_must_be_chosen(self):
        contact = self._make_followup().with_user(self.agent)
        for outcome_id in (False, None, 0, 2**31 - 1):
            with self.assertRaisesRegex(UserError, "Call: choose an outcome"):
                contact.action_outcome(outcome_id)
