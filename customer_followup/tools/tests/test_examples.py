import doctest

from odoo.tests import BaseCase

from ..tools import filetype, masking, repeat, reply, schedule, scoring, sla, worktime

MODULES = (filetype, masking, repeat, reply, schedule, scoring, sla, worktime)


class TestTools(BaseCase):
    def test_examples_in_tools_hold(self):
        for module in MODULES:
            with self.subTest(module=module.__name__):
                result = doctest.testmod(module)
                self.assertGreater(result.attempted, 0)
                self.assertEqual(result.failed, 0)
