import unittest

from tools import masking

LONG = 300_000


class TestMasking(unittest.TestCase):
    def test_each_letter_of_a_long_text_is_read_once(self):
        # A number of steps in the square of the length would take minutes for each.
        for text, masked in (
            ("a" * LONG, "a" * LONG),
            ("a." * LONG, "a." * LONG),
            ("a [at" * (LONG // 5), "a [at" * (LONG // 5)),
            ("1     " * LONG, "1     " * LONG),
        ):
            with self.subTest(text=text[:5]):
                self.assertEqual(masking.text(text), masked)

    def test_an_address_is_masked_wherever_it_stands(self):
        for text, masked in (
            ("li.na@example.com", "l***@example.com"),
            ("<li.na@example.com>", "<l***@example.com>"),
            ("a,li.na@example.com;b", "a,l***@example.com;b"),
            ("li.na [at] example.com", "l***@example.com"),
            ("li.na @ example.com", "l***@example.com"),
            ("@li.na@example.com", "@l***@example.com"),
            ("of li@a.com, na@b.com", "of l***@a.com, n***@b.com"),
        ):
            with self.subTest(text=text):
                self.assertEqual(masking.text(text), masked)

    def test_what_is_masked_stays_so(self):
        for text in ("Li 13812345678", "+86 138 1234 5678 or 029-88881234", "a@x.com, li@y.com"):
            with self.subTest(text=text):
                masked = masking.text(text)
                self.assertEqual(masking.text(masked), masked)

    def test_stars_between_digits_hide_nothing(self):
        self.assertEqual(masking.text("138*1234*5678"), "138****5678")

    def test_an_error_is_cut_after_it_is_masked(self):
        problem = ValueError("x" * 495 + " li.na@example.com " + "y" * 10_000)
        self.assertEqual(masking.error(problem), "x" * 495 + " l***")
