from odoo.tests import TransactionCase, new_test_user, tagged

from .common import CONTACT_DETAILS, MANAGER

YES_OR_NO = (
    ("=", True),
    ("=", False),
    ("!=", True),
    ("!=", False),
    ("in", [True]),
    ("in", [False]),
    ("in", [True, False]),
    ("in", []),
    ("not in", [True]),
    ("not in", [False]),
    ("not in", [True, False]),
    ("not in", []),
)


def _matches(held, operator, value):
    values = value if isinstance(value, list) else [value]
    return (held in values) == (operator in ("=", "in"))


@tagged("post_install", "-at_install")
class TestSearches(TransactionCase):
    """A search by a calculated field finds the records for which it holds, however it asks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        user = new_test_user(cls.env, "cf_searching", groups=f"{MANAGER},{CONTACT_DETAILS}")
        user.company_ids = cls.env["res.company"].search([])
        cls.env = cls.env(user=user)

    def _searched(self, *kinds):
        """Yield our fields of these kinds that have a search of their own, and all records."""
        for name, model in self.env.registry.items():
            for field in model._fields.values() if not model._abstract else ():
                is_ours = field._module and field._module.startswith("customer_followup")
                is_searched = field.search and not field.store and not field.related
                if is_ours and is_searched and field.type in kinds:
                    yield self.env[name].with_context(active_test=False).search([]), field.name

    def _check(self, records, name, asked):
        held = {one.id: one[name] for one in records}
        for operator, value in asked:
            with self.subTest(model=records._name, field=name, operator=operator, value=value):
                found = records.search([("id", "in", records.ids), (name, operator, value)])
                expected = {id_ for id_, one in held.items() if _matches(one, operator, value)}
                self.assertEqual(set(found.ids), expected)

    def test_fields_that_are_yes_or_no(self):
        fields = [*self._searched("boolean")]
        self.assertGreater(len(fields), 6)
        for records, name in fields:
            self._check(records, name, YES_OR_NO)

    def test_fields_with_a_list_of_values(self):
        for records, name in self._searched("selection"):
            if name == "in_register":
                # By design, it finds more than it shows.
                continue
            values = [one for one, _label in records._fields[name]._description_selection(self.env)]
            first, last = values[0], values[-1]
            self._check(
                records,
                name,
                [
                    *((operator, one) for operator in ("=", "!=") for one in (*values, False)),
                    *(
                        (operator, some)
                        for operator in ("in", "not in")
                        for some in ([], [first, last], [first, False], [*values, False])
                    ),
                ],
            )

    def test_names_of_customers(self):
        for records, name in self._searched("char"):
            names = records.mapped(name)[:3]
            if not names:
                continue
            for operator, value in (
                *((operator, one) for operator in ("=", "!=") for one in (*names, False)),
                *((operator, some) for operator in ("in", "not in") for some in ([], names)),
            ):
                self._check(records, name, [(operator, value)])

    def test_links(self):
        for records, name in self._searched("many2one"):
            held = records.mapped(name)[:2]
            ids = {one.id: one[name].id for one in records}
            for operator, value in (
                ("=", False),
                ("!=", False),
                ("in", held.ids),
                ("in", [*held.ids, False]),
                ("not in", held.ids),
                ("not in", [*held.ids, False]),
            ):
                with self.subTest(field=name, operator=operator, value=value):
                    found = records.search([("id", "in", records.ids), (name, operator, value)])
                    expected = {id_ for id_, one in ids.items() if _matches(one, operator, value)}
                    self.assertEqual(set(found.ids), expected)
