import unittest
from pathlib import Path
from tempfile import TemporaryDirectory

from devtools import chapters


class TestChapters(unittest.TestCase):
    def setUp(self):
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addon = Path(folder.name) / "addon"
        self._write("models/plan/plan.py", 'class Plan:\n    _name = "customer.plan"\n')
        self._write("models/contact/call.py", 'class Call:\n    _name = "customer.call"\n')

    def _write(self, path, text):
        file = self.addon / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def test_naming_a_later_chapter_is_found(self):
        self._write("models/plan/bad.py", 'model = env["customer.call"]\n')
        self.assertEqual(
            list(chapters.violations(self.addon)),
            [
                "addon/models/plan/bad.py:1: chapter plan names customer.call, a model of the"
                " later chapter contact"
            ],
        )

    def test_naming_a_later_chapter_in_a_view_is_found(self):
        self._write("views/plan/bad.xml", '<record model="customer.call" />\n')
        self.assertEqual(len(list(chapters.violations(self.addon))), 1)

    def test_naming_an_earlier_chapter_is_fine(self):
        self._write("models/contact/good.py", 'model = env["customer.plan"]\n')
        self.assertEqual(list(chapters.violations(self.addon)), [])

    def test_opening_an_earlier_model_again_does_not_move_it(self):
        again = '    _name = "customer.plan"\n    _inherit = [\n        "customer.plan",\n    ]\n'
        self._write("models/contact/again.py", f"class Plan:\n{again}")
        self._write("models/plan/good.py", 'model = env["customer.plan"]\n')
        self.assertEqual(list(chapters.violations(self.addon)), [])

    def test_a_longer_name_is_another_model(self):
        self._write("models/plan/good.py", 'model = env["customer.call.script"]\n')
        self.assertEqual(list(chapters.violations(self.addon)), [])


class TestStructure(unittest.TestCase):
    def setUp(self):
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addon = Path(folder.name) / "addon"
        for number in range(5):
            self._write(f"plan/file_{number}.py", f'class A:\n    _name = "model.{number}"\n')
        self._write("plan/__init__.py", "")

    def _write(self, path, text):
        file = self.addon / "models" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def _found(self):
        return list(chapters.structure(self.addon))

    def test_a_chapter_of_five_files_is_fine(self):
        self.assertEqual(self._found(), [])

    def test_too_few_and_too_many_files_are_found(self):
        (self.addon / "models/plan/file_0.py").unlink()
        self.assertEqual(self._found(), ["addon/models/plan: 4 files, but a chapter has 5 to 25"])
        for number in range(26):
            self._write(f"plan/file_{number}.py", "")
        self.assertEqual(self._found(), ["addon/models/plan: 26 files, but a chapter has 5 to 25"])

    def test_a_long_file_is_found(self):
        self._write("plan/file_0.py", "x = 1\n" * 451)
        self.assertEqual(
            self._found(), ["addon/models/plan/file_0.py: 451 lines, but a file has up to 450"]
        )

    def test_an_unknown_chapter_is_found(self):
        self._write("other/__init__.py", "")
        self.assertEqual(self._found(), ["addon/models/other: no chapter of this name"])

    def test_a_file_of_two_models_is_found(self):
        first = 'class A:\n    _name = "model.a"\n    _inherit = ["mixin"]\n'
        self._write("plan/file_0.py", f'{first}\nclass B:\n    _inherit = "model.b"\n')
        self.assertEqual(
            self._found(),
            ["addon/models/plan/file_0.py: holds model.a, model.b; one model per file"],
        )

    def test_two_classes_of_one_model_and_plain_classes_are_fine(self):
        again = 'class A:\n    _inherit = ["model.a", "mixin"]\n\nclass Plain:\n    size = 1\n'
        self._write("plan/file_0.py", f'class B:\n    _inherit = "model.a"\n\n{again}')
        self.assertEqual(self._found(), [])

    def test_a_view_inherited_in_its_own_chapter_is_found(self):
        view = '<record id="{}" model="ir.ui.view"><field name="inherit_id" ref="{}" /></record>'
        path = self.addon / "views/plan/plan_views.xml"
        path.parent.mkdir(parents=True)
        path.write_text(view.format("plan_form", "base.form") + view.format("more", "plan_form"))
        self.assertEqual(
            self._found(),
            [
                "addon/views/plan/plan_views.xml: more inherits plan_form of the same chapter;"
                " write it there"
            ],
        )
