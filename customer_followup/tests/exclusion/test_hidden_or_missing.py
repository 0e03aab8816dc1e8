import inspect
import re

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_excluded import ExcludedCommon

MISSING = 2_000_000_000
# Methods that answer any id, because they say nothing of the record.
SILENT = {
    # Agents undo what they did to contacts that are no longer theirs, and nothing else.
    "customer.followup.action_undo": "UserError: There is no outcome of yours to undo",
    # The address of a page that asks for a key.
    "customer.complaint.get_portal_url": "/my/complaints/ID",
    # Without people to subscribe.
    "customer.complaint.message_subscribe": "True",
}
ERRORS = ("AccessError: ", "UserError: You don't have the rights to export")
ARGUMENTS = {"vals": {}, "fields_to_export": ["id"]}


@tagged("post_install", "-at_install")
class TestHiddenOrMissing(ExcludedCommon):
    """A record that a user must not know of answers as one that does not exist."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_second_company()

    def _verbs(self, model):
        """Yield the public methods of ours, and the arguments they need."""
        for name in dir(type(model)):
            known = inspect.getattr_static(type(model), name)
            method = inspect.unwrap(known)
            if name.startswith(("_", "check_access")) or not inspect.isfunction(method):
                continue
            if any(getattr(known, mark, False) for mark in ("_api_private", "_api_model")):
                continue
            if any(
                name in vars(base)
                and base._name != "base"
                and "odoo.addons.customer_followup" in base.__module__
                for base in type(model).mro()
                if hasattr(base, "_name")
            ):
                rest = [*inspect.signature(method).parameters.values()][1:]
                named = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
                yield name, [one for one in rest if one.kind in named and one.default is one.empty]

    def _answer(self, record, name, args):
        """Return what a call by a program answers, without the id."""
        self.env.flush_all()
        # What other users have read must not be in memory.
        self.env.invalidate_all()
        try:
            with self.env.cr.savepoint():
                result = getattr(record, name)(*args)
                self.env.flush_all()
        except (AccessError, UserError, ValueError, TypeError) as error:
            result = f"{type(error).__name__}: {error}"
        self.env.invalidate_all(flush=False)
        return re.sub(rf"\b({record.id}|{MISSING})\b", "ID", str(result))

    def _walk(self, user):
        """Return how many verbs were called on what a user may not read, and what failed."""
        count, wrong = 0, {}
        for model_name in sorted(self.env.registry):
            model = self.env[model_name]
            if not model_name.startswith("customer.") or model._abstract or model._transient:
                continue
            some = model.sudo().search([("id", ">", 0)], order="id desc", limit=200).with_user(user)
            hidden = (some - some._filtered_access("read"))[:1]
            missing = some.browse(MISSING)
            for name, rest in (
                [*self._verbs(model), ("read", ()), ("copy_data", ())] if hidden else ()
            ):
                count += 1
                args = [ARGUMENTS.get(one.name, False) for one in rest]
                there, gone = (self._answer(one, name, args) for one in (hidden, missing))
                verb = f"{model_name}.{name}"
                if there != gone or not there.startswith(SILENT.get(verb, ERRORS)):
                    wrong[verb] = (there[:150], gone[:150])
        return count, wrong

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_to_the_accused(self):
        case = self._make_case(self.agent)
        self.assertIn(self.accused, case.excluded_user_ids)
        count, wrong = self._walk(self.accused)
        self.assertEqual(wrong, {})
        self.assertGreater(count, 150)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_to_users_of_another_company(self):
        self._make_case(self.agent)
        for user in (self.other_agent, self.other_manager):
            with self.subTest(user=user.login):
                count, wrong = self._walk(user)
                self.assertEqual(wrong, {})
                self.assertGreater(count, 150)

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_developer_mode_names_no_record(self):
        case = self._make_case(self.agent)
        self.accused.group_ids += self.env.ref("base.group_no_one")
        for record in (case, self._make_followup(self.agent)):
            self.env.invalidate_all()
            with self.assertRaisesRegex(AccessError, "does not exist, or you may not") as caught:
                record.with_user(self.accused).read(["name"])
            self.assertNotIn(record.sudo().display_name, str(caught.exception))
