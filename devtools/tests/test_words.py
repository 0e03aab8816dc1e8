import unittest
from pathlib import Path
from tempfile import TemporaryDirectory

from devtools import words


class TestWords(unittest.TestCase):
    def test_a_word_is_found_in_text_and_in_any_case(self):
        self.assertEqual(words.found("What nobody knows, HE does."), ["nobody", "he"])

    def test_a_word_is_found_within_names(self):
        for name in ("test_who_is_told", "whatHerTeamDoes", "_let_go", "HIS_NAME", "sla.told("):
            self.assertEqual(len(words.found(name)), 1, name)

    def test_a_word_is_found_before_an_apostrophe_and_a_tag(self):
        self.assertEqual(words.found("let's say <b>she</b>"), ["let", "she"])

    def test_longer_words_are_fine(self):
        self.assertEqual(words.found("The other letter: history, there, outlet, toldot"), [])

    def test_a_script_declares_variables_with_let(self):
        for line in ("    let row = 1;", "for (let i = 0;", "let { a, b } = c;", "x = 1; let y"):
            self.assertEqual(words.found(line, is_script=True), [], line)
        self.assertEqual(words.found("// let it run", is_script=True), ["let"])
        self.assertEqual(words.found("let row = 1"), ["let"])

    def test_replaced_names_are_found(self):
        lines = (
            "self._reckon()",
            "confidant_id",
            "first_user_id",
            "_name = 'customer.facts.mixin'",
        )
        lines += ("string='Came by'", "self._tell(users)", "NOTICES_MOST = 3", "Pointless after")
        for line in lines:
            self.assertTrue(words.found(line), line)

    def test_names_that_only_resemble_replaced_ones_are_fine(self):
        lines = (
            "kept",
            "is_kept",
            "must not know",
            "may know",
            "most",
            "in turn",
            "confidential",
            "just",
            "_meets",
            "turn_on",
        )
        for line in lines:
            self.assertEqual(words.found(line), [], line)

    def test_each_place_is_listed_with_its_line(self):
        with TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "one.md").write_text("Fine.\nFor him.\n")
            (folder / "two.txt").write_text("For him.\n")
            (folder / ".hidden").mkdir()
            (folder / ".hidden" / "three.md").write_text("For him.\n")
            self.assertEqual(list(words.violations(folder)), ["one.md:2: him"])
