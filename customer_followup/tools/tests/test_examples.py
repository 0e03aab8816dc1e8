import datetime
import doctest
import importlib
import pkgutil
import unittest

import tools
from tools import schedule

NAMES = {**vars(schedule), "date": datetime.date, "datetime": datetime.datetime}


class TestExamples(unittest.TestCase):
    def test_examples_in_docstrings_hold(self):
        names = {
            one.name
            for one in pkgutil.walk_packages(tools.__path__, "tools.")
            if not one.name.startswith("tools.tests")
        }
        self.assertGreater(len(names), 10)
        attempted = 0
        for name in sorted(names):
            with self.subTest(module=name):
                module = importlib.import_module(name)
                result = doctest.testmod(module, extraglobs=NAMES)
                self.assertEqual(result.failed, 0)
                attempted += result.attempted
        self.assertGreater(attempted, 60)
