import unittest

from devtools import xml_format

LONG = "x" * 60


class TestXmlFormat(unittest.TestCase):
    def _check(self, text, expected):
        self.assertEqual(xml_format.formatted(text), expected)
        self.assertEqual(xml_format.formatted(expected), expected)

    def test_elements_are_indented_and_blank_lines_stay(self):
        self._check(
            "<odoo>\n  <data  a = '1'/>\n\n\n\t<b><c/></b >\n      </odoo>\n\n",
            "<odoo>\n    <data a='1' />\n\n    <b><c /></b>\n</odoo>\n",
        )

    def test_a_long_tag_has_one_attribute_per_line(self):
        self._check(
            f'<a>\n    <field name="{LONG}" string="{LONG}"/>\n</a>\n',
            f'<a>\n    <field\n        name="{LONG}"\n        string="{LONG}"\n    />\n</a>\n',
        )

    def test_a_short_tag_is_one_line(self):
        self._check('<a\n    b="1"\n    c="2"\n>\n</a>\n', '<a b="1" c="2">\n</a>\n')

    def test_a_tag_is_wrapped_where_its_text_makes_the_line_long(self):
        self._check(
            f'<a b="1" c="2">{LONG * 2}</a>\n',
            f'<a\n    b="1"\n    c="2"\n>{LONG * 2}</a>\n',
        )

    def test_text_comments_and_values_of_many_lines_stay(self):
        for text in (
            "<p>One\n      two <b>three</b>\nfour </p>\n",
            f"<a>\n    <!-- one\n  two -->\n    <p>{LONG * 3}</p>\n</a>\n",
            '<field name="x" eval="[\n        1,\n    ]" />\n',
            "<a><![CDATA[<b   c>\n]]></a>\n",
            '<?xml version="1.0" encoding="utf-8"?>\n<a b="1 &gt; 0">&lt;</a>\n',
            "<a>\n    <pre>\n  one\n   <b>two</b>\n  </pre>\n</a>\n",
            "<p><b>One</b> <i>two</i></p>\n",
        ):
            self._check(text, text)

    def test_a_greater_sign_in_a_value_does_not_end_a_tag(self):
        self._check('<a b="x > 0"  c="() => 1"/>\n', '<a b="x > 0" c="() => 1" />\n')

    def test_a_change_of_meaning_is_seen(self):
        for one, other in (
            ("<a>x</a>", "<a>x </a>"),
            ("<a><b/> <b/></a>", "<a><b/><b/></a>"),
            ("<a><b/>\n<b/></a>", "<a><b/> <b/></a>"),
            ('<a b="1" />', '<a b="1 " />'),
            ('<a b="1" c="2" />', '<a c="2" b="1" />'),
            ("<a><!-- x --></a>", "<a><!--x--></a>"),
            ("<pre>\n<b/></pre>", "<pre>\n <b/></pre>"),
            ("<a><b/></a>", "<a><b/><b/></a>"),
        ):
            self.assertFalse(xml_format.same(one, other), one)
        self.assertTrue(xml_format.same("<a>\n<b/>\n</a>", "<a>\n    <b />\n\n</a>"))
