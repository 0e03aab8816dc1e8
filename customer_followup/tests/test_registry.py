import ast
import inspect
import textwrap
from collections import defaultdict
from functools import cache
from typing import NamedTuple

from odoo.tests import BaseCase, TransactionCase

from .. import models

PREFIX = "odoo.addons.customer_followup.models."
CRUD = ("create", "write", "unlink", "copy", "_search", "message_post")
HOOKS = ("_follow", "_check_write", "_check_create", "_snapshot", "_merged_into", "_after_merge")
CHAPTERS = [name for name in vars(models) if inspect.ismodule(getattr(models, name))]


class Override(NamedTuple):
    """A method that a class of a chapter defines, and whether another one is behind it."""

    model: str
    method: str
    chapter: str
    file: str
    calls_super: bool
    is_first: bool

    def __str__(self):
        return f"{self.model}: {self.method} in {self.chapter}/{self.file}.py"

    @property
    def is_topic(self):
        return self.file != self.model.replace(".", "_")


@cache
def _calls_super(function):
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"
        for node in ast.walk(tree)
    )


def _is_ours(cls):
    return cls.__module__.startswith(PREFIX) and "pool" not in vars(cls)


def overrides(classes, names):
    """Return the :class:`Override` of each of these methods, the last defined first.

    :param classes: the classes of the model, those of its mixins among them, in Python's order
    """
    found = [(cls, name) for cls in classes if _is_ours(cls) for name in vars(cls) if name in names]
    result = []
    for place, (cls, name) in enumerate(found):
        chapter, _, file = cls.__module__.removeprefix(PREFIX).partition(".")
        is_first = all(other != name for _cls, other in found[place + 1 :])
        calls_super = _calls_super(inspect.unwrap(vars(cls)[name]))
        result.append(Override(cls._name, name, chapter, file, calls_super, is_first))
    return result


def _of_model(found, model):
    """Return what the classes of a model override, without its mixins."""
    return [one for one in found if one.model == model]


def twice(found):
    """Yield methods of records that a model overrides twice in one chapter."""
    places = defaultdict(list)
    for one in found:
        if one.method in CRUD:
            places[one.method, one.chapter].append(one)
    for same in places.values():
        if len(same) > 1:
            yield f"{same[0]}: also in {', '.join(one.file for one in same[1:])}.py"


def without_super(found, methods):
    """Yield these methods where they replace another one of ours and do not call it."""
    for one in found:
        if one.method in methods and not one.is_first and not one.calls_super:
            yield f"{one}: does not call super()"


def overridden_later(found):
    """Yield ``create`` and ``write`` that follow a chapter which lists the consequences."""
    listing = [CHAPTERS.index(one.chapter) for one in found if one.method == "_follow"]
    for one in found:
        if one.method in ("create", "write") and listing:
            first = min(listing)
            if CHAPTERS.index(one.chapter) > first:
                yield f"{one}: override _follow of chapter {CHAPTERS[first]} instead"


def in_topic_files(found):
    """Yield what a file that is not named after the model overrides."""
    for one in found:
        if one.is_topic and (one.method in (*CRUD, *HOOKS) or not one.is_first):
            yield f"{one}: belongs into the file named after the model"


class TestRegistry(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.found, cls.rules = {}, {}
        for name, model in cls.env.registry.items():
            classes = model.mro()
            if not any(_is_ours(one) and one._name == name for one in classes):
                continue
            rules = {field.compute for field in model._fields.values()}
            rules |= {
                attribute
                for one in classes
                for attribute, value in vars(one).items()
                if hasattr(value, "_constrains")
            }
            cls.rules[name] = rules
            cls.found[name] = overrides(classes, {*CRUD, *HOOKS, *rules})

    def _check(self, check):
        faults = {fault for name, found in self.found.items() for fault in check(name, found)}
        if faults:
            self.fail("\n".join(["One model, one place:", *sorted(faults)]))

    def test_a_chapter_overrides_each_method_of_records_once(self):
        self._check(lambda name, found: twice(_of_model(found, name)))

    def test_consequences_and_checks_of_other_chapters_are_called(self):
        self._check(lambda _name, found: without_super(found, HOOKS))

    def test_computes_and_constraints_call_the_ones_they_override(self):
        self._check(lambda name, found: without_super(found, self.rules[name]))

    def test_later_chapters_add_consequences_not_overrides(self):
        self._check(lambda name, found: overridden_later(_of_model(found, name)))

    def test_no_model_hides_that_it_is_ours(self):
        for name, model in self.env.items():
            mark = inspect.getattr_static(type(model), "_is_of_this_app")
            self.assertIsInstance(mark, property, name)

    def test_topic_files_override_nothing(self):
        self._check(lambda name, found: in_topic_files(_of_model(found, name)))


class TestRules(BaseCase):
    """Each rule finds a fault in small classes, and none in good ones."""

    def _plain(self):
        pass

    class _Calling:
        def method(self):
            return super().method()

    def _class(self, place, *names, calls_super=True):
        method = vars(self._Calling)["method"] if calls_super else vars(type(self))["_plain"]
        vals = {"__module__": f"{PREFIX}{place}", "_name": "customer.plan"}
        return type("Plan", (), {**vals, **dict.fromkeys(names, method)})

    def _found(self, *classes):
        names = {*CRUD, *HOOKS, "_compute_day"}
        return overrides(classes, names)

    def test_two_overrides_in_a_chapter_are_found(self):
        for name in CRUD:
            first, second = self._class("plan.customer_plan", name), self._class("plan.other", name)
            self.assertEqual(
                list(twice(self._found(second, first))),
                [f"customer.plan: {name} in plan/other.py: also in customer_plan.py"],
            )
            later = self._class("contact.customer_plan", name)
            self.assertEqual(list(twice(self._found(later, first))), [])

    def test_a_hook_without_super_is_found(self):
        for name in HOOKS:
            first = self._class("plan.customer_plan", name, calls_super=False)
            second = self._class("contact.customer_plan", name, calls_super=False)
            self.assertEqual(
                list(without_super(self._found(second, first), HOOKS)),
                [f"customer.plan: {name} in contact/customer_plan.py: does not call super()"],
            )
            second = self._class("contact.customer_plan", name)
            self.assertEqual(list(without_super(self._found(second, first), HOOKS)), [])

    def test_a_compute_without_super_is_found(self):
        rules = {"_compute_day"}
        first = self._class("plan.customer_plan", *rules, calls_super=False)
        second = self._class("contact.customer_plan", *rules, calls_super=False)
        self.assertEqual(len(list(without_super(self._found(second, first), rules))), 1)
        second = self._class("contact.customer_plan", *rules)
        self.assertEqual(list(without_super(self._found(second, first), rules)), [])

    def test_a_later_override_beside_listed_consequences_is_found(self):
        later = self._class("contact.customer_plan", "write")
        first = self._class("plan.customer_plan", "write", "_follow")
        self.assertEqual(
            list(overridden_later(self._found(later, first))),
            [
                "customer.plan: write in contact/customer_plan.py: override _follow of chapter"
                " plan instead"
            ],
        )
        plain = self._class("plan.customer_plan", "write")
        self.assertEqual(list(overridden_later(self._found(later, plain))), [])

    def test_an_override_in_a_topic_file_is_found(self):
        for name in (*CRUD, *HOOKS):
            topic = self._class("plan.customer_plan_dates", name)
            self.assertEqual(len(list(in_topic_files(self._found(topic)))), 1, name)
        topic = self._class("plan.customer_plan_dates", "_compute_day")
        self.assertEqual(list(in_topic_files(self._found(topic))), [])
        first = self._class("plan.customer_plan", "_compute_day")
        self.assertEqual(len(list(in_topic_files(self._found(topic, first)))), 1)
