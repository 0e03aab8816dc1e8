"""What is packed in e-mails, by files as Outlook and programs for signatures make them."""

import unittest
from email import message_from_bytes, policy
from email.message import EmailMessage

from tools.mail import rtf, signed, tnef
from tools.mail.decoding import readable
from tools.mail.parts import mark, unpack
from tools.tests.mail_samples import outlook, sign

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 9000


def _mail(*parts, body=""):
    message = EmailMessage()
    message["From"] = "li@example.com"
    message.set_content(body)
    for name, content, kind in parts:
        main, sub = kind.split("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    raw = message.as_bytes()
    return readable(unpack(message_from_bytes(raw, policy=policy.SMTP)))


def _files(message):
    mark(message)
    return [part.get_filename() for part in message.walk() if part.get_filename()]


def _texts(message):
    return [
        part.get_content().strip()
        for part in message.walk()
        if part.get_content_maintype() == "text" and not part.get_filename()
    ]


class TestUnpacking(unittest.TestCase):
    """Parts within parts."""

    def test_a_winmail_has_its_text_and_files(self):
        found = tnef.unpack(outlook("Größe 大", "<p>大</p>", files=[("门把手 photo.png", PNG)]))
        self.assertEqual((found.text, found.html), ("Größe 大", "<p>大</p>"))
        self.assertEqual(found.files, [("门把手 photo.png", PNG, None)])

    def test_files_of_a_winmail_are_files_of_the_mail(self):
        packed = outlook("The door rattles", files=[("a.png", PNG), ("b.docx", b"PK")])
        message = _mail(("winmail.dat", packed, "application/ms-tnef"))
        self.assertEqual(_files(message), ["a.png", "b.docx", "winmail.dat"])
        self.assertEqual(_texts(message), ["", "The door rattles"])
        message = _mail(("winmail.dat", packed, "application/octet-stream"), body="Hello")
        self.assertEqual(_texts(message), ["Hello"])

    def test_rtf_of_outlook_is_text(self):
        packed = (
            b"\x2d\0\0\0\x2b\0\0\0LZFu\xf1\xc5\xc7\xa7\x03\0\n\0rcpg125B2\n\xf3 hel"
            b"\t\0 bw\x05\xb0ld}\n\x80\x0f\xa0"
        )
        self.assertEqual(tnef.unpack(outlook(packed=packed)).text, "hello world")

    def test_a_signed_mail_is_a_mail(self):
        inner = EmailMessage()
        inner.set_content("It rattles")
        inner.add_attachment(PNG, maintype="image", subtype="png", filename="a.png")
        for is_indefinite in (False, True):
            for kind in ("application/pkcs7-mime", "application/x-pkcs7-mime"):
                with self.subTest(is_indefinite=is_indefinite, kind=kind):
                    content = sign(inner.as_bytes(), is_indefinite)
                    self.assertEqual(signed.content_of(content), inner.as_bytes())
                    message = _mail(("smime.p7m", content, kind))
                    self.assertEqual(_files(message), ["a.png", "smime.p7m"])
                    self.assertEqual(_texts(message), ["", "It rattles"])

    def test_a_mail_that_is_one_signed_part_is_unpacked(self):
        message = EmailMessage()
        message["Subject"] = "Hello"
        content = sign(b"Content-Type: text/plain\r\n\r\nIt rattles")
        message.set_content(content, maintype="application", subtype="pkcs7-mime")
        message = readable(unpack(message_from_bytes(message.as_bytes(), policy=policy.SMTP)))
        self.assertEqual((message["Subject"], _texts(message)), ("Hello", ["It rattles"]))

    def test_an_attached_mail_is_a_file_beside_its_files(self):
        inner = EmailMessage()
        inner["Subject"] = "What I was promised"
        inner.set_content("Free")
        inner.add_alternative("<p>Free</p>", subtype="html")
        inner.add_attachment(PNG, maintype="image", subtype="png", filename="a.png")
        for body, texts in (("See below", ["See below"]), ("", ["", "Free", "<p>Free</p>"])):
            with self.subTest(body=body):
                outer = EmailMessage()
                outer.set_content(body)
                outer.add_attachment(inner)
                raw = outer.as_bytes()
                message = readable(unpack(message_from_bytes(raw, policy=policy.SMTP)))
                self.assertEqual(_files(message), ["a.png", "What I was promised.eml"])
                self.assertEqual(_texts(message), texts)

    def test_what_is_broken_is_kept_and_no_error(self):
        packed = outlook("Hello", "<p>Hello</p>", files=[("a.png", PNG)])
        wrapped = sign(b"Content-Type: text/plain\r\n\r\nIt rattles" * 9)
        for content, kind in ((packed, "ms-tnef"), (wrapped, "pkcs7-mime")):
            for at in [*range(0, 300, 7), len(content) // 2]:
                for broken in (
                    content[:at],
                    content[:at] + b"\xff\xff\xff\xff" + content[at + 4 :],
                ):
                    message = _mail(("x.bin", broken, f"application/{kind}"))
                    self.assertEqual(_files(message)[-1], "x.bin")

    def test_strange_rtf_is_no_error(self):
        for content in (b"{" * 999, b"}" * 99, b"\\u-1?\\u99999 \\'ff\\'", b"\\ansicpg0 \\'80"):
            with self.subTest(content=content[:20]):
                self.assertIsInstance(rtf.plain_text(content), str)


class TestMarks(unittest.TestCase):
    """Which files a person attached."""

    def test_what_programs_add_is_technical(self):
        message = _mail(
            ("photo.png", PNG, "image/png"),
            ("smime.p7s", b"x", "application/pkcs7-signature"),
            ("signature.asc", b"x", "application/pgp-signature"),
            ("winmail.dat", b"x", "application/ms-tnef"),
        )
        files = list(mark(message).values())
        self.assertEqual([one.is_technical for one in files], [False, True, True, True])

    def test_an_attached_mail_is_named_by_its_subject(self):
        inner, message = EmailMessage(), EmailMessage()
        inner["Subject"] = "What I was promised"
        inner.set_content("Free")
        message.set_content("See below")
        message.add_attachment(inner)
        message = readable(message_from_bytes(message.as_bytes(), policy=policy.SMTP))
        self.assertEqual(_files(message), ["What I was promised.eml"])

    def test_another_form_of_the_text_is_technical(self):
        message = EmailMessage()
        message.set_content("Hello")
        message.add_alternative("Hello", subtype="x-amp-html")
        message.add_alternative("<p>Hello</p>", subtype="html")
        [file] = mark(readable(message)).values()
        self.assertTrue(file.is_technical)
