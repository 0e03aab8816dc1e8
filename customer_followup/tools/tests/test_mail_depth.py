"""E-mails with parts in parts."""

import base64
import re
import unittest
from email import message_from_bytes, policy

from tools.mail.decoding import as_bytes, readable
from tools.mail.depth import MAX_DEPTH, shallow
from tools.mail.kind import kind_of
from tools.mail.parts import mark, unpack


def _boxes(depth, inner="Content-Type: text/plain\r\n\r\nThe door squeaks"):
    """Return a part in ``depth`` parts, each of which has a text of its own before it."""
    for number in range(depth, 0, -1):
        inner = (
            f'Content-Type: multipart/mixed; boundary="b{number}"\r\n\r\n'
            f"--b{number}\r\nContent-Type: text/plain\r\n\r\nText {number}\r\n"
            f"--b{number}\r\n{inner}\r\n--b{number}--\r\n"
        )
    return f"From: li@example.com\r\nSubject: Squeaks\r\n{inner}".encode()


def _forwarded(depth):
    return (
        b"From: li@example.com\r\nSubject: Squeaks\r\n"
        + b"Content-Type: message/rfc822\r\n\r\n" * depth
        + b"Content-Type: text/plain\r\n\r\nThe door squeaks"
    )


def _whole(raw):
    """Return all texts of an e-mail, also those within its files."""
    message = message_from_bytes(raw, policy=policy.SMTP)
    found = b""
    for part in message.walk():
        if not part.is_multipart():
            found += part.get_payload(decode=True) or b""
    return found


class TestDepth(unittest.TestCase):
    """Every e-mail can be read, and nothing of it is lost."""

    def test_parts_in_parts_are_read(self):
        for raw in (_boxes(180), _boxes(1000), _forwarded(180), _forwarded(1000)):
            with self.subTest(length=len(raw)):
                message = message_from_bytes(shallow(raw), policy=policy.SMTP)
                unpacked = readable(unpack(readable(message)))
                self.assertEqual(kind_of(message).name, "person")
                self.assertTrue(mark(unpacked))
                self.assertIn(b"Squeaks", as_bytes(unpacked))
                self.assertIn(b"The door squeaks", _whole(shallow(raw)))

    def test_all_texts_are_kept(self):
        found = re.findall(rb"Text (\d+)", _whole(shallow(_boxes(1000))))
        self.assertEqual([int(number) for number in found], [*range(1, 1001)])

    def test_usual_mails_stay_as_they_came(self):
        many = b"\r\n".join([b"multipart/mixed and message/rfc822"] * 50)
        for raw in (
            _boxes(3),
            _boxes(MAX_DEPTH),
            _forwarded(3),
            b"Subject: Hello\r\n\r\n" + many,
            b"",
            b"\x00\xff",
        ):
            self.assertIs(shallow(raw), raw)

    def test_a_file_that_lies_deep_keeps_its_bytes(self):
        content = bytes(range(256)) * 20
        inner = (
            "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + base64.encodebytes(content).decode()
        )
        raw = shallow(_boxes(300, inner))
        for _level in range(30):
            message = message_from_bytes(raw, policy=policy.SMTP)
            last = list(message.walk())[-1]
            if last.get_filename() != "attached.eml":
                break
            raw = shallow(last.get_payload(decode=True))
        self.assertEqual(last.get_payload(decode=True), content)
