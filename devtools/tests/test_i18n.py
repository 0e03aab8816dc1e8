"""The translations and their templates, without Odoo."""

import doctest
import json
import unittest
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import polib

from devtools import i18n, translation
from devtools.translation import Glossary, differences, has_words

GLOSSARY = Glossary(
    [
        {"term": "plan", "zh_CN": "计划", "zh_TW": "計畫"},
        {"term": "plan step", "zh_CN": "计划步骤|步骤", "zh_TW": "計畫步驟"},
        {"term": "category", "zh_CN": "类别", "zh_TW": "類別"},
    ],
    [{"term": "plan", "msgid": "Do you plan to come?"}],
)


class TestTranslation(unittest.TestCase):
    def test_the_examples_are_right(self):
        self.assertEqual(doctest.testmod(translation).failed, 0)

    def test_a_translation_keeps_placeholders_in_any_order(self):
        self.assertEqual(list(differences("%(a)s of %(b)s", "%(b)s 的 %(a)s")), [])
        for source, target in (
            ("%(a)s due", "%(b)s 到期"),
            ("%s due", "到期"),
            ("Dear {{ object.name }}", "亲爱的 {{object.name}}"),
            ("{count} left", "剩下"),
            ("${object.name}", "名称"),
        ):
            self.assertTrue(list(differences(source, target)), source)

    def test_a_percentage_in_a_sentence_is_no_placeholder(self):
        self.assertEqual(list(differences("80 % done", "完成 80%")), [])

    def test_a_translation_keeps_tags_and_translates_what_they_say(self):
        source = '<i class="fa fa-phone" title="Call"/> <b>Now</b>'
        self.assertEqual(
            list(differences(source, '<i class="fa fa-phone" title="打电话"/> <b>现在</b>')), []
        )
        self.assertTrue(list(differences(source, '<i class="fa" title="打电话"/> <b>现在</b>')))
        self.assertTrue(list(differences(source, '<i class="fa fa-phone" title="打电话"/> 现在')))

    def test_a_translation_keeps_spaces_at_its_ends_and_lines(self):
        self.assertTrue(list(differences(" Due", "到期")))
        self.assertTrue(list(differences("One\nTwo", "一 二")))
        self.assertEqual(list(differences("One\n    two", "一二")), [])

    def test_a_text_without_words_needs_no_translation(self):
        for text in ("%(plan)s: %(customer)s", "<span>@</span>", "{{ object.name }}", "24 / 7"):
            self.assertFalse(has_words(text), text)
        self.assertTrue(has_words('<i class="fa" title="Call"/>'))

    def test_a_term_is_found_as_whole_words_in_any_case_and_as_plural(self):
        for source, terms in (
            ("New PLANS", ["plan"]),
            ("The planner", []),
            ("Categories", ["category"]),
            ("A plan step", ["plan step"]),
            ("%(plan)s is late", []),
            ("Do you plan to come?", []),
        ):
            self.assertEqual([term for term, _ in GLOSSARY.found(source)], terms, source)

    def test_a_term_is_translated_in_one_of_its_ways(self):
        self.assertEqual(list(GLOSSARY.violations("A plan step", "一个步骤", "zh_CN")), [])
        self.assertEqual(
            list(GLOSSARY.violations("New plan", "新方案", "zh_CN")), ["plan is 计划 in zh_CN"]
        )


class TestFiles(unittest.TestCase):
    def test_the_files_are_in_order(self):
        self.assertEqual(list(i18n.violations()), [])

    def test_the_glossary_has_each_term_once_with_a_translation(self):
        rows = translation.rows(translation.GLOSSARY)
        terms = [row["term"].lower() for row in rows]
        self.assertEqual(len(terms), len(set(terms)))
        for row in rows:
            for language in i18n.LANGUAGES:
                self.assertTrue(all(row[language].split("|")), row)

    def test_an_exception_is_about_a_term_and_a_text_that_there_are(self):
        terms = {row["term"] for row in translation.rows(translation.GLOSSARY)}
        texts = {entry.msgid for _addon, _language, file in i18n.files() for entry in file}
        for row in translation.rows(translation.EXCEPTIONS):
            self.assertIn(row["term"], terms)
            self.assertIn(row["msgid"], texts)

    def test_the_same_texts_make_the_same_files(self):
        entries = {"b": {"occurrences": {("code:x", "0")}, "comments": {"odoo-python"}}}
        entries["a"] = {"occurrences": {("model:y", ""), ("model:x", "")}, "comments": set()}
        source = i18n.template("addon", entries)
        self.assertEqual([one.msgid for one in source], ["a", "b"])
        once = i18n.merged("addon", "zh_CN", source, {"a": "甲"})
        known = {one.msgid: one.msgstr for one in polib.pofile(str(once))}
        again = i18n.merged("addon", "zh_CN", polib.pofile(str(source)), known)
        self.assertEqual(str(again), str(once))
        self.assertNotIn("Date", str(once))

    def test_a_fault_of_an_entry_is_found(self):
        for entry, is_complete, expected in (
            (polib.POEntry(msgid="Plan", msgstr="计划"), True, 0),
            (polib.POEntry(msgid="Plan", msgstr="方案"), False, 1),
            (polib.POEntry(msgid="Plan"), False, 0),
            (polib.POEntry(msgid="Plan"), True, 1),
            (polib.POEntry(msgid="%(plan)s"), True, 0),
            (polib.POEntry(msgid="Due %s", msgstr="到期"), True, 1),
            (polib.POEntry(msgid="Due", msgstr="到期", flags=["fuzzy"]), True, 1),
        ):
            found = list(i18n.entry_violations(entry, "zh_CN", GLOSSARY, is_complete))
            self.assertEqual(len(found), expected, (entry.msgid, found))


class TestWork(unittest.TestCase):
    """What translators get is written, and what they give is taken."""

    def setUp(self):
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        for name in ("customer_followup", "customer_followup_glue"):
            (self.folder / name).mkdir()
            (self.folder / name / "__manifest__.py").write_text("{}")
            entries = {"New plan": {"occurrences": {("model:x", "")}, "comments": set()}}
            entries["Due %s"] = {"occurrences": {("code:x", "0")}, "comments": {"odoo-python"}}
            source = i18n.template(name, entries)
            folder = self.folder / name
            with patch.object(i18n, "ROOT", self.folder):
                i18n.save(source, i18n.template_path(name))
                for language in i18n.LANGUAGES:
                    i18n.save(i18n.merged(name, language, source, {}), i18n.path_of(name, language))
        places = sorted(self.folder.iterdir())
        for what, value in (
            ("ROOT", self.folder),
            ("addons", lambda: places),
            ("say", lambda text: self.said.append(text)),
        ):
            patcher = patch.object(i18n, what, value)
            patcher.start()
            self.addCleanup(patcher.stop)
        patcher = patch.object(Glossary, "read", lambda: GLOSSARY)
        patcher.start()
        self.addCleanup(patcher.stop)
        self.said = []

    def _given(self, *rows):
        path = self.folder / "given.json"
        path.write_text(json.dumps(rows), encoding="utf-8")
        return path

    def test_a_text_of_two_addons_is_written_once(self):
        i18n.write_missing("1", self.folder / "po")
        files = sorted((self.folder / "po").iterdir())
        rows = [row for file in files for row in json.loads(file.read_text(encoding="utf-8"))]
        self.assertEqual(len(files), 2)
        self.assertEqual([row["id"] for row in rows], ["Due %s", "New plan"])
        self.assertEqual(rows[0]["where"], ["code:x", "odoo-python"])
        self.assertEqual(rows[0]["zh_CN"], "")
        self.assertEqual(rows[1]["terms"]["plan"]["zh_TW"], ["計畫"])

    def test_a_translation_is_taken_in_all_addons(self):
        code = i18n.take(self._given({"id": "New plan", "zh_CN": "新计划", "zh_TW": "新計畫"}))
        self.assertEqual(code, 0)
        texts = {
            (addon, language): {one.msgid: one.msgstr for one in file}
            for addon, language, file in i18n.files()
        }
        self.assertEqual(texts["customer_followup_glue", "zh_TW"]["New plan"], "新計畫")
        self.assertEqual(texts["customer_followup", "zh_CN"]["New plan"], "新计划")
        self.assertEqual([row["id"] for row in i18n.untranslated()], ["Due %s"])
        self.assertEqual(list(i18n.violations(is_complete=False)), [])
        self.assertEqual(len(list(i18n.violations(is_complete=True))), 4)

    def test_a_wrong_translation_is_refused_and_named(self):
        code = i18n.take(
            self._given(
                {"id": "Due %s", "zh_CN": "到期", "zh_TW": "到期 %s"},
                {"id": "Gone", "zh_CN": "没有"},
            )
        )
        self.assertEqual(code, 1)
        refused = [line for line in self.said if line.startswith("Refused")]
        self.assertEqual(len(refused), 2)
        self.assertIn("'Due %s' in zh_CN: placeholders", refused[0])
        self.assertIn("'Gone'", refused[1])

    def test_a_file_that_differs_from_its_template_is_found(self):
        path = i18n.path_of("customer_followup", "zh_CN")
        file = polib.pofile(str(path))
        file.remove(file[0])
        i18n.save(file, path)
        self.assertEqual(len(list(i18n.violations(is_complete=False))), 1)
