from contextlib import suppress
from functools import partial

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import FollowupCommon

NUMBER = "FR7630006000011234567890189"


@tagged("post_install", "-at_install")
class TestDetails(FollowupCommon):
    """Contact details of customers that other models show."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls.env["res.partner.bank"].create(
            {"acc_number": NUMBER, "partner_id": cls.customer.id}
        )
        cls.customer.message_subscribe(cls.customer.ids)

    def _fields(self):
        """Yield each model with details and the name of each of them."""
        for name, fields in self.env["res.partner"]._detail_fields().items():
            model = self.env[name]
            if model._auto and not model._transient:
                yield from ((model, field) for field in fields)

    def _attempts(self, rows, name, has_column):
        """Yield all ways to ask for a field."""
        yield partial(rows.search, [(name, "!=", False)])
        yield partial(rows.search_count, ["!", (name, "=", "x")])
        yield lambda: rows.search([], limit=1).export_data([name])
        if has_column:
            yield partial(rows.search, [], order=name)
            yield partial(rows._read_group, [], [name], ["__count"])
            yield partial(rows._read_group, [], [], [f"{name}:array_agg"])

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_no_field_of_any_model_can_be_searched_sorted_grouped_or_exported(self):
        self.agent.group_ids += self.env.ref("base.group_allow_export")
        found = set()
        for model, name in self._fields():
            with self.subTest(model=model._name, field=name):
                found.add((model._name, name))
                rows = model.with_user(self.agent)
                field = model._fields[name]
                attempts = self._attempts(rows, name, bool(field.store or field.related))
                for attempt in attempts:
                    with suppress(AccessError, UserError):
                        attempt()
                        self.fail("Disclosed.")
        self.assertIn(("res.partner.bank", "acc_number"), found)
        self.assertIn(("mail.followers", "email"), found)

    def test_an_account_is_read_in_short_form(self):
        account = self.account.with_user(self.agent)
        [values] = account.read(["acc_number", "display_name"])
        self.assertEqual(
            (values["acc_number"], NUMBER[4:20] in values["display_name"]), ("***", False)
        )
        self.assertEqual(account.web_read({"acc_number": {}})[0]["acc_number"], "***")
        found = account.fields_get(["acc_number"], ["readonly", "searchable", "exportable"])
        self.assertEqual(
            found["acc_number"], {"readonly": True, "searchable": False, "exportable": False}
        )
        self.assertNotIn("acc_number", account.copy_data()[0])

    def test_a_changed_short_form_is_refused_instead_of_dropped(self):
        self.agent.group_ids += self.env.ref("base.group_partner_manager")
        account = self.account.with_user(self.agent)
        account.web_save({"acc_number": "***"}, {})
        for number in ("***1", "FR7630006000011234567890000", False):
            with self.subTest(number), self.assertRaisesRegex(UserError, "cannot change"):
                account.web_save({"acc_number": number}, {})
        self.assertEqual(self.account.acc_number, NUMBER)

    def test_others_read_it_in_full(self):
        [values] = self.account.with_user(self.leader).read(["acc_number"])
        self.assertEqual(values["acc_number"], NUMBER)
        rows = self.env["res.partner.bank"].with_user(self.leader)
        self.assertEqual(rows.search([("acc_number", "=", NUMBER)]), self.account)

    def test_a_path_through_other_records_is_refused_as_well(self):
        people = self.env["res.partner"].with_user(self.agent)
        for domain in (
            [("bank_ids.acc_number", "like", "FR76")],
            [("bank_ids", "any", [("acc_number", "like", "FR76")])],
            ["|", ("id", "=", 0), "!", ("bank_ids.sanitized_acc_number", "=", NUMBER)],
        ):
            with self.subTest(domain=domain), self.assertRaises(AccessError):
                people.search(domain)

    def test_a_condition_of_a_masked_user_cannot_use_it(self):
        self.manager.group_ids -= self.env.ref("customer_followup.group_data_contact")
        with self.assertRaises(AccessError):
            self.env["customer.followup.rule"].with_user(self.manager)._check_condition_field(
                self.env["res.partner.bank"].with_user(self.manager),
                self.env["res.partner.bank"]._fields["acc_number"],
            )

    def test_a_field_of_a_new_add_on_counts(self):
        details = self.env["res.partner"]._detail_fields()
        for name, model in self.env.registry.items():
            for field in model._fields.values():
                if field.related and field.compute_sudo and not field.inherited:
                    way, _dot, last = field.related.rpartition(".")
                    target = model
                    for part in filter(None, way.split(".")):
                        target = self.env[target._fields[part].comodel_name]
                    if target._name == "res.partner" and last in ("email", "phone", "vat"):
                        is_open = name in ("res.company", "res.users", "customer.reveal")
                        with self.subTest(model=name, field=field.name):
                            self.assertTrue(
                                is_open or model._abstract or field.name in details.get(name, ())
                            )
