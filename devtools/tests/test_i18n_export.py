"""The templates and translations in Odoo."""

import polib

from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import code_translations

from devtools import i18n

ADDON = "customer_followup"


@tagged("standard")
class TestExport(TransactionCase):
    def test_the_templates_are_what_odoo_exports(self):
        self.assertEqual(list(i18n.outdated(self.env)), [])

    def test_a_text_that_is_new_is_noticed(self):
        self.env.ref(f"{ADDON}.menu_customers").name = "A text of this test"
        found = list(i18n.outdated(self.env))
        self.assertEqual(len(found), 1)
        self.assertIn("A text of this test", found[0])


@tagged("standard")
class TestLanguage(TransactionCase):
    def test_a_label_is_read_in_each_language(self):
        for language in i18n.LANGUAGES:
            file = polib.pofile(str(i18n.path_of(ADDON, language)))
            expected = file.find("Category").msgstr
            self.assertTrue(expected)
            self.env["res.lang"]._activate_lang(language)
            self.env["ir.module.module"]._load_module_terms([ADDON], [language])
            complaints = self.env["customer.complaint"].with_context(lang=language)
            self.assertEqual(
                complaints.fields_get(["category_id"])["category_id"]["string"], expected
            )

    def test_odoo_reads_the_texts_of_code_from_the_files(self):
        for language in i18n.LANGUAGES:
            path = i18n.path_of(ADDON, language)
            count = 0
            found = code_translations.get_python_translations(ADDON, language)
            for entry in polib.pofile(str(path)).translated_entries():
                if "odoo-python" in entry.comment:
                    self.assertEqual(found.get(entry.msgid), entry.msgstr)
                    count += 1
            self.assertGreater(count, 500)
