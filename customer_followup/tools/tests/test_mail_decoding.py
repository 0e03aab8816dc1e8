"""Readable copies of e-mails, by e-mails as programs send them."""

import unittest
from email import message_from_bytes, policy

from tools.mail.charset import decode
from tools.mail.decoding import readable, unreadable_texts


def _read(raw):
    return readable(message_from_bytes(raw, policy=policy.SMTP))


def _body(content, charset="", way="8bit"):
    kind = f"text/plain; charset={charset}" if charset else "text/plain"
    head = f"From: li@example.com\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: {way}"
    return head.encode() + b"\r\n\r\n" + content


class TestDecoding(unittest.TestCase):
    """Text in all the character sets that programs name, rightly or wrongly."""

    def test_texts_are_read_in_the_larger_character_set(self):
        for text, encoding, charset in (
            ("朱镕基", "gb18030", "gb2312"),
            ("朱镕基", "gb18030", "GBK"),
            ("宏碁", "cp950", "big5"),
            ("①髙﨑", "cp932", "shift_jis"),
            ("①髙﨑", "cp932", "x-sjis"),
            ("똠방각하", "cp949", "euc-kr"),
            ("똠방각하", "cp949", "ks_c_5601-1987"),
            ("5 € “ok”", "cp1252", "iso-8859-1"),
            ("5 € “ok”", "cp1252", "us-ascii"),
            ("Größe", "utf-8", "us-ascii"),
            ("Größe", "utf-8", "x-unknown"),
            ("Größe", "latin-1", "utf-8"),
            ("Größe", "utf-8", ""),
            ("Größe", "latin-1", ""),
            ("您好，我的车门有异响，请尽快处理。", "gbk", ""),
            ("您好，我的车门有异响，请尽快处理。", "gbk", "utf-8"),
            ("Здравствуйте, дверь скрипит", "cp1251", ""),
            ("Größe", "utf-8", "idna"),
            ("Größe", "utf-8", "base64"),
            ("Größe", "utf-8", "undefined"),
            ("Größe", "utf-8", "rot13"),
            ("Größe", "utf-16", "utf-16"),
            ("Größe", "utf-8-sig", "utf-8"),
        ):
            with self.subTest(text=text, encoding=encoding, charset=charset):
                content = text.encode(encoding)
                self.assertEqual(decode(content, charset), text)
                self.assertEqual(_read(_body(content, charset)).get_content(), text)

    def test_japanese_of_mail_programs(self):
        for content, text in (
            (b"\x1b$B%/%l!<\x1b(B", "クレー"),
            (b"\x1b$B-!\x1b(B ok", "① ok"),
            (b"\x1b(I6\x1b(B", "ｶ"),
            (b"a\n\x1b$B%/\n%l\x1b(B", "a\nク\nレ"),
        ):
            for charset in ("iso-2022-jp", "_iso-2022-jp$esc", "ISO-2022-JP", "csiso2022jp", ""):
                with self.subTest(text=text, charset=charset):
                    self.assertEqual(decode(content, charset), text)

    def test_no_character_set_is_an_error(self):
        for charset in ("hex", "zlib", "punycode", "unicode_escape", "x" * 300, "utf-7", "\udcff"):
            for content in (b"plain", b"\xff\xfe\x00", b"\x80", b"=?", b"\x1b$B", b"\x1b"):
                with self.subTest(charset=charset, content=content):
                    self.assertNotIn("\x00", decode(content, charset))

    def test_headers_are_read(self):
        for raw, text in (
            (b"=?utf-8?Q?a=00b?=", "ab"),
            (b"=?gb2312?B?1uzpRrv5?=", "朱镕基"),
            (b"=?iso-2022-jp?B?GyRCLSEbKEI=?=", "①"),
            (b"=?x-sjis?B?h0A=?=", "①"),
            ("Größe".encode("latin-1"), "Größe"),
            ("Größe".encode(), "Größe"),
            # A character is cut between two words.
            (b"=?utf-8?B?5pw=?= =?utf-8?B?sQ==?=", "朱"),
            (b"=?utf-8?B?YQ=?= b", "a b"),
            (b"=?nonsense?B?w6Q=?=", "ä"),
            (b"=?utf-8?Q?a=0Ab?=", "a b"),
            (b"a\x00b", "ab"),
            (b"plain", "plain"),
        ):
            with self.subTest(raw=raw):
                self.assertEqual(str(_read(b"Subject: " + raw + b"\r\n\r\nx")["Subject"]), text)

    def test_names_of_people_stay_names(self):
        for raw, name in (
            (b"=?utf-8?Q?Li=2C_Na?= <li@a.com>", "Li, Na"),
            (b"=?utf-8?Q?Li=00_Na?= <li@a.com>", "Li Na"),
            (b"M\xfcller <li@a.com>", "Müller"),
            ("李娜 <li@a.com>".encode("gbk"), "李娜"),
        ):
            with self.subTest(raw=raw):
                message = _read(b"From: " + raw + b"\r\n\r\n" + "您好，车门有异响。".encode("gbk"))
                [sender] = message["From"].addresses
                self.assertEqual((sender.display_name, sender.addr_spec), (name, "li@a.com"))

    def test_files_keep_their_names_and_bytes(self):
        for raw, name in (
            (b"filename*=us-ascii''Pr%F6fung.png", "Pröfung.png"),
            (b"filename*=utf-8''a%00b.png", "ab.png"),
            (b'filename="=?gb2312?B?1uzpRg==?=.png"', "朱镕.png"),
            (b"filename*0*=utf-8''a%C3; filename*1*=%A4.png", "aä.png"),
            (b'filename="Pr\xf6fung.png"', "Pröfung.png"),
            (b'filename="a.png"', "a.png"),
        ):
            for kind in (b"image/png", b"text/csv", b"text/plain; charset=utf-8"):
                with self.subTest(raw=raw, kind=kind):
                    message = _read(
                        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: "
                        + kind
                        + b"\r\nContent-Disposition: attachment; "
                        + raw
                        + b"\r\nContent-Transfer-Encoding: base64\r\n\r\nxOO6ww==\r\n--b--"
                    )
                    [part] = message.iter_parts()
                    self.assertEqual(part.get_filename(), name)
                    self.assertEqual(part.get_content(), "你好".encode("gbk"))

    def test_a_picture_without_a_name_gets_one(self):
        raw = b"Content-Type: image/png\r\nContent-Id: <a>\r\n\r\nx"
        self.assertEqual(_read(raw).get_filename(), "image.png")

    def test_what_stays_unreadable_is_known(self):
        for content, charset, expected in (
            ("Größe für Müller".encode() + b"\xff", "utf-8", 1),
            ("Größe".encode(), "utf-8", 0),
        ):
            message = message_from_bytes(_body(content, charset), policy=policy.SMTP)
            self.assertEqual(unreadable_texts(message), [content] * expected)

    def test_parts_of_unknown_types_are_files(self):
        for kind in ("font/ttf", "model/stl", "nonsense", "x/"):
            with self.subTest(kind=kind):
                raw = f"Content-Type: {kind}\r\nContent-Disposition: attachment\r\n\r\nabc"
                content = _read(raw.encode()).get_content()
                self.assertEqual(
                    content if isinstance(content, bytes) else content.encode(), b"abc"
                )

    def test_a_container_without_parts_is_text(self):
        self.assertEqual(_read(b"Content-Type: multipart/mixed\r\n\r\nHi").get_content(), "Hi")

    def test_senders_that_follow_no_rule_are_readable(self):
        for raw, text in (
            (b"From: a:b <li@a.com>, c:;", "li@a.com"),
            (b"From: <MAILER-DAEMON:;, li@a.com", "li@a.com"),
        ):
            with self.subTest(raw=raw):
                self.assertIn(text, str(_read(raw + b"\r\n\r\nx")["From"]))

    def test_strange_mails_are_readable(self):
        for raw in (
            b"",
            b"\x00",
            b"Subject\x00: a\r\n\r\nx",
            b"References: <a\x00b@c>\r\nMessage-Id: <\xff@c>\r\n\r\nx",
            b"Content-Type: \xff\r\n\r\n\xff",
            b"Content-Type: text/plain; charset*=utf-8''%FF\r\n\r\n\xff",
            b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n@@@",
            b"Content-Type: multipart/mixed\r\n\r\nx",
            b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nYQ==",
            b"From: =?utf-8?Q?=3C=3E=2C?=\r\n\r\nx",
        ):
            with self.subTest(raw=raw):
                message = _read(raw)
                for part in message.walk():
                    list(part.items())
                    part.get_filename()
