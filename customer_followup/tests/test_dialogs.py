import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import PHONE
from .exclusion.test_excluded import ExcludedCommon

RULES = "odoo.addons.base.models.ir_rule"
# Dialogs that name what they are about by model and id, and their own checks.
BY_NAME = {"customer.cancel", "customer.consent.note", "customer.reveal"}
# What is no dialog about records: a report, a register, what an undo needs.
OTHERS = {
    "customer.setup",
    "customer.workload",
    "customer.complaint.export",
    "customer.followup.undo",
}


@tagged("post_install", "-at_install")
class TestDialogs(ExcludedCommon):
    """Dialogs about records that their user may not read."""

    def _dialogs(self):
        """Yield each dialog and its links to records of ours."""
        for name in sorted(self.env.registry):
            model = self.env[name]
            if model._transient and name.startswith("customer.") and name not in OTHERS:
                yield model

    def _secret(self, model):
        """Return a record that the accused may not read, if there is any."""
        some = model.sudo().search([], order="id desc").with_user(self.accused)
        return (some - some._filtered_access("read"))[:1]

    def test_every_dialog_checks_its_links(self):
        mixin = self.env.registry["customer.dialog.mixin"]
        for model in self._dialogs():
            with self.subTest(model=model._name):
                self.assertTrue(isinstance(model, mixin) or model._name in BY_NAME)

    @mute_logger(RULES, "odoo.sql_db")
    def test_no_dialog_opens_about_what_its_user_may_not_read(self):
        self._make_case(self.agent)
        self.env["customer.followup.rule"].search([]).company_id = self._other_company()
        checked = set()
        for model in self._dialogs():
            dialogs = model.with_user(self.accused)
            if not dialogs.has_access("create") or model._name in BY_NAME:
                continue
            for name in dialogs._links():
                secret = self._secret(self.env[model._fields[name].comodel_name])
                if not secret:
                    continue
                value = secret.id if model._fields[name].type == "many2one" else secret.ids
                spec = {name: {"fields": {"display_name": {}}}}
                with self.subTest(dialog=model._name, field=name):
                    checked.add((model._name, name))
                    self.env.flush_all()
                    self.env.invalidate_all()
                    for context, values, changed in (
                        ({f"default_{name}": value}, {}, []),
                        ({}, {name: value}, [name]),
                    ):
                        with self.assertRaises(AccessError), self.env.cr.savepoint():
                            dialogs.with_context(**context).onchange(values, changed, spec)
                    self.assertTrue(self._is_refused(dialogs, {name: value}, spec))
        self.assertGreater(len(checked), 8)

    @mute_logger(RULES)
    def test_no_form_names_what_its_user_may_not_read(self):
        case = self._make_case(self.agent)
        message = case.message_ids[:1]
        contact = self._make_followup(self.agent)
        sms = self.env["sms.sms"].create({"number": PHONE, "body": "x"})
        for model, name, record in (
            ("customer.followup", "own_message_id", message),
            ("customer.complaint", "followup_id", contact),
            ("customer.satisfaction.score", "followup_id", contact),
            ("mail.notification", "sms_id", sms),
        ):
            with self.subTest(model=model, field=name):
                records = self.env[model].with_user(self.accused)
                spec = {name: {"fields": {"display_name": {}}}}
                self.env.flush_all()
                self.env.invalidate_all()
                with self.assertRaises(AccessError):
                    records.with_context(**{f"default_{name}": record.id}).onchange({}, [], spec)
                with self.assertRaises(AccessError):
                    records.onchange({name: record.id}, [name], spec)
                with self.assertRaises(AccessError):
                    records.web_save({name: record.id}, spec)

    def _is_refused(self, dialogs, vals, spec):
        try:
            with self.env.cr.savepoint():
                dialogs.web_save(vals, spec)
        except (AccessError, UserError, psycopg2.Error):
            return True
        return False

    def test_a_reason_is_in_words(self):
        stop = self.env["customer.followup.stop"]
        for text in ("123", " \u200b.", "."):
            with self.subTest(text=text), self.assertRaisesRegex(UserError, "write it in words"):
                stop.create({"note": text})
        self.assertTrue(stop.create({"note": "客户搬家"}))

    def test_a_dialog_counts_once(self):
        contact = self._make_followup(self.agent)
        contact._withhold("hours")
        vals = {"followup_id": contact.id, "note": "The customer asked"}
        dialog = self.env["customer.followup.override"].with_user(self.manager).create(vals)
        dialog.action_override()
        dialog.action_override()
        log = self.env["customer.access.log"].search([("action", "=", "override")])
        self.assertEqual(len(log.filtered(lambda one: one.res_id == contact.id)), 1)

    def _other_company(self):
        return self.env["res.company"].create({"name": "Other"})
