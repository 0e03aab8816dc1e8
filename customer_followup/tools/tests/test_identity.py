import unittest

from tools import identity, masking

SPELLINGS = (
    "138 1234 5678",
    "138–1234–5678",
    "138/1234/5678",
    "(138) 1234.5678",
    "１３８１２３４５６７８",
    "138\u200b1234\ufeff5678",
    "1\ufe0f\u20e3381234\u00ad5678",
    "13812345678.0",
    "١٣٨١٢٣٤٥٦٧٨",
    "138-1234-5678 ext. 12",
    "13812345678;ext=12",
    "13812345678 转 8001",
    "13812345678（分机 12）",
    "13812345678#3",
    "\u202a13812345678\u202c",
)
ABROAD = ("+33 6 12 34 56 78", "0033612345678", "+33 (0)6 12 34 56 78", "tel:+33-6-12345678")


class TestNumbers(unittest.TestCase):
    def test_a_number_is_the_same_in_each_spelling(self):
        for text in SPELLINGS:
            with self.subTest(text=text):
                self.assertEqual(identity.numbers(text), ("13812345678",))
        for text in ABROAD:
            with self.subTest(text=text):
                self.assertEqual(identity.numbers(text), ("+33612345678",))
        for text in ("029-88881234-8001", "029-88881234 转 8001, 8002", "(029) 8888 1234 x12"):
            with self.subTest(text=text):
                self.assertEqual(identity.numbers(text), ("02988881234",))

    def test_each_number_of_a_field_is_one(self):
        both = ("13812345678", "13912345678")
        for sign in (
            " ",
            ", ",
            "/",
            " / ",
            ";",
            "\n",
            "、",
            "，",
            "；",
            " or ",
            " 或 ",
            "|",
            " & ",
        ):
            with self.subTest(sign=sign):
                self.assertEqual(identity.numbers(sign.join(both)), both)
        self.assertEqual(
            identity.numbers("+33 6 12 34 56 78 / +86 138 1234 5678"),
            ("+33612345678", "+8613812345678"),
        )
        self.assertEqual(identity.numbers("030/1234567"), ("0301234567",))
        for text in (
            "138 1234 5678 139 1234 5678",
            "13812345678(office)13912345678(home)",
            "138-1234-5678 王 139-1234-5678",
        ):
            self.assertEqual(identity.numbers(text), both, text)

    def test_what_is_no_number_is_none(self):
        for text in (None, "", "none", "12", "ext. 12", "-"):
            self.assertEqual(identity.numbers(text), ())

    def test_a_blocked_number_is_found_whatever_is_known_of_its_country(self):
        unknown = identity.unknown_number("13812345678", "li na")
        for known in (True, False):
            tidied = identity.known_number("+8613812345678", is_guessed=known)
            self.assertTrue({*unknown.kept} & {*tidied.asked})
            self.assertTrue({*tidied.kept} & {*unknown.asked})

    def test_numbers_of_other_people_are_others(self):
        for one, other in (
            (identity.known_number("+33612345678"), identity.known_number("+34612345678")),
            (
                identity.unknown_number("88881234", "li na, xi'an"),
                identity.unknown_number("88881234", "li na, beijing"),
            ),
            (
                identity.known_number("+6588881234", is_guessed=True),
                identity.unknown_number("88881234", "li na"),
            ),
        ):
            self.assertFalse({*one.kept} & {*other.asked})
            self.assertFalse({*other.kept} & {*one.asked})


class TestEmails(unittest.TestCase):
    def test_an_address_is_the_same_in_each_spelling(self):
        for text in (
            "li.na@a.example.com",
            " LI.NA@A.Example.COM ",
            "Li Na <li.na@a.example.com>",
            '"Na, Li" <li.na@a.example.com>',
            "li.na＠a.example.com",
            "li.na﹫a.example.com",
            "li\u200b.na@a.exam\u00adple.com",
            "mailto:li.na@a.example.com",
            "ｌｉ.na@a.example.com",
            "li.na@a.example.com.",
        ):
            with self.subTest(text=text):
                self.assertEqual(identity.emails(text), ("li.na@a.example.com",))

    def test_each_address_of_a_field_is_one(self):
        both = ("li@a.example.com", "li.na@b.example.com")
        for sign in (" ", ", ", ";", "\n", "、", "，", " / ", "|"):
            with self.subTest(sign=sign):
                self.assertEqual(identity.emails(sign.join(both)), both)


class TestMasking(unittest.TestCase):
    def test_numbers_in_texts_are_hidden_in_each_spelling(self):
        for spelling in (*SPELLINGS[:3], *SPELLINGS[4:7], SPELLINGS[8], "138 -- 1234 . 5678"):
            with self.subTest(spelling=spelling):
                self.assertEqual(masking.text(f"Li Na {spelling}"), "Li Na 138****5678")

    def test_addresses_in_texts_are_hidden_in_each_spelling(self):
        for address in (
            "li.na@a.example.com",
            "li.na＠a.example.com",
            "li.na﹫a.example.com",
            "li.na[at]a.example.com",
            "li.na (AT) a.example.com",
            "li.na @ a.example.com",
            "li\u200b.na@a.example.com",
        ):
            with self.subTest(address=address):
                self.assertEqual(masking.text(f"Li Na {address}!"), "Li Na l***@a.example.com!")

    def test_what_is_plainly_no_number_stays(self):
        for text in (
            "Row 12, seat 7",
            "2026-03-05",
            "5.3.2026",
            "05/03/2026 10:30",
            "2026-03-05 10:30:59",
            "192.168.100.200",
            "19.0.1.0.123",
            "W20260305-001 again",
            "สวัสดี नमस्ते",
            "Ame\u0301lie",
        ):
            with self.subTest(text=text):
                self.assertEqual(masking.text(text), text)

    def test_what_only_looks_like_a_date_is_hidden(self):
        for text, hidden in (
            ("06.12.34.56.78", "******5678"),
            ("2026-03-05 13812345678", "***************5678"),
            ("20260305", "****0305"),
            ("138.1234.5678", "138****5678"),
        ):
            with self.subTest(text=text):
                self.assertEqual(masking.text(text), hidden)
