import inspect
import re
from unittest.mock import patch

import psycopg2

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ComplaintCommon

_WRITES = re.compile(r"\b(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.IGNORECASE)
# What reading writes: who looked at what, and dialogs, which belong to the user.
_READING = {"customer_access_log", "customer_reveal"}


def _is_ours(module):
    return "odoo.addons.customer_followup" in (module or "")


@tagged("post_install", "-at_install")
class TestVerbs(ComplaintCommon):
    """A verb asks for the right that its button is shown for."""

    def _make_records(self):
        """Create a record of each kind that users read."""
        self.env["customer.sla.policy"].create(
            {
                "name": "All",
                "target_ids": [Command.create({"kind": "closure", "count": 5})],
            }
        )
        complaint = self._complain(self.leader, user_id=self.leader.id)
        promise = complaint.sudo().promise_ids[:1]
        promise.error = "x"
        self.env["customer.complaint.notice"].create(
            {
                "user_id": self.leader.id,
                "promise_id": promise.id,
                "company_id": self.company.id,
                "code": "missed",
                "level": 1,
                "state": "stuck",
                "error": "x",
                "date_send": "2026-01-01",
            }
        )
        self.env["customer.complaint.liability"].create(
            {"complaint_id": complaint.id, "party": "producer", "share": 50}
        )
        self.env["customer.complaint.solution"].create(
            {"complaint_id": complaint.id, "name": "A gift"}
        )
        self.plan._enroll(self.customer)
        withheld = self._make_followup(self.leader)
        withheld._withhold("hours")
        for contact in (self._make_followup(self.leader, user_id=False), withheld):
            self.env["customer.followup.feedback"].create(
                {"followup_id": contact.id, "kind": "need", "text": "A car"}
            )
        self.env["customer.contact.hold"].create(
            {"partner_id": self.customer.id, "reason": "In mourning"}
        )
        self.env["customer.action"].create({"name": "Look", "user_id": self.leader.id})
        self.env["customer.complaint.cause"].create({"name": "A screw"})

    def _verbs(self, model):
        """Return the names of the public methods of ours that need no argument."""
        found = set()
        for base in type(model).mro():
            if not _is_ours(base.__module__):
                continue
            for name, method in vars(base).items():
                if name.startswith("_") or not inspect.isfunction(method):
                    continue
                if getattr(getattr(model, name), "_api_private", False):
                    continue
                rest = list(inspect.signature(method).parameters.values())[1:]
                if all(
                    one.default is not one.empty
                    or one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
                    for one in rest
                ):
                    found.add(name)
        return sorted(found)

    def _written_by(self, records, name):
        """Return the tables a verb writes, called by the user of these records."""
        tables, execute = set(), type(self.env.cr).execute

        def watch(cr, query, *args, **kwargs):
            text = getattr(query, "code", query)
            tables.update(_WRITES.findall(text if isinstance(text, str) else str(text)))
            return execute(cr, query, *args, **kwargs)

        self.env.flush_all()
        with mute_logger("odoo.sql_db"), patch.object(type(self.env.cr), "execute", watch):
            try:
                with self.env.cr.savepoint():
                    getattr(records, name)()
                    self.env.flush_all()
            except (AccessError, UserError, ValueError, TypeError, psycopg2.Error):
                tables.clear()
            finally:
                self.env.invalidate_all(flush=False)
        return {one for one in tables if one.startswith("customer_")} - _READING

    def test_verbs_on_records_one_may_only_read_write_nothing(self):
        self._make_records()
        called, written = 0, {}
        for user in (self.auditor, self.agent):
            for model_name in sorted(self.env.registry):
                model = self.env[model_name]
                if not model_name.startswith("customer.") or model._abstract or model._transient:
                    continue
                some = model.sudo().search([], limit=25, order="id desc").with_user(user)
                mine = some._filtered_access("read")
                mine -= mine._filtered_access("write")
                for name in self._verbs(model) if mine else ():
                    called += 1
                    for records in (mine, *mine[:3]):
                        tables = self._written_by(records, name)
                        if tables:
                            written[user.login, model_name, name] = tables
        self.assertEqual(written, {})
        self.assertGreater(called, 80)

    def test_what_was_set_aside_is_retried_by_those_who_see_the_button(self):
        self._make_records()
        promise = self.env["customer.complaint.promise"].search([("error", "=", "x")], limit=1)
        notice = self.env["customer.complaint.notice"].search([("error", "=", "x")], limit=1)
        policy = self.env["customer.sla.policy"].search([], limit=1)
        for users, record, name in (
            (self.auditor | self.agent, promise, "action_retry"),
            (self.auditor | self.agent | self.leader, notice, "action_retry"),
            (self.auditor | self.agent | self.leader, policy, "action_apply"),
        ):
            for user in users:
                with (
                    self.subTest(user=user.login, record=record._name),
                    self.assertRaises(AccessError),
                ):
                    getattr(record.with_user(user), name)()
        promise.with_user(self.leader).action_retry()
        notice.with_user(self.admin).action_retry()
        policy.with_user(self.admin).action_apply()
        self.assertEqual((promise.error, notice.state), (False, "waiting"))
