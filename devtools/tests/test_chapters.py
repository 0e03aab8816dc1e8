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
