import base64
from datetime import timedelta
from email.message import EmailMessage
from email.utils import parseaddr
from itertools import count
from unittest.mock import patch

import psycopg2
from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import html2plaintext, mute_logger

from ...tools.tests.mail_samples import outlook, sign
from ..common import PHONE, ComplaintCommon

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
NUMBERS = count(1)
REPORT = """From: MAILER-DAEMON@mx.example.com
To: b@intake.example.com
Message-Id: <{number}@mx.example.com>
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; {email}
Status: {status}
--b
Content-Type: text/rfc822-headers

Message-Id: {parent}
--b--
"""
# Not used in the demo data.
EMAIL = "li.na@intake-customer.example.com"
ADDRESS = "complaints@intake.example.com"


class IntakeCommon(ComplaintCommon):
    """A team with an e-mail address for complaints."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.email = EMAIL
        domain = cls.env["mail.alias.domain"].create(
            {"name": "intake.example.com", "bounce_alias": "b", "catchall_alias": "c"}
        )
        cls.company.write({"alias_domain_id": domain.id, "email": "office@intake.example.com"})
        cls.team.write({"alias_name": "complaints", "alias_domain_id": domain.id})

    def _letters(self, complaint):
        return (
            self.env["mail.mail"]
            .search([("model", "=", complaint._name), ("res_id", "=", complaint.id)])
            .sorted("id")
        )

    def _mail(self, sender=f"Li Na <{EMAIL}>", subject="It rattles", body="Since Monday", **more):
        message = EmailMessage()
        headers = {"From": sender, "To": ADDRESS, "Subject": subject, **more.pop("headers", {})}
        for name, value in headers.items():
            if value is not None:
                message[name] = value
        message["Message-Id"] = f"<{next(NUMBERS)}@customer.example.com>"
        if body is not None:
            message.set_content(body, subtype=more.get("subtype", "plain"))
        for attached in more.get("mails", ()):
            message.add_attachment(attached)
        for name, content, kind in more.get("files", ()):
            main, sub = kind.split("/")
            message.add_attachment(content, maintype=main, subtype=sub, filename=name)
        return message.as_bytes()

    def _receive(self, *args, raw=None, **kwargs):
        """Process an incoming message and return the complaint it created, if any."""
        before = self.env["customer.complaint"].search([])
        with mute_logger("odoo.addons.mail.models.mail_thread"):
            self.env["mail.thread"].message_process(None, raw or self._mail(*args, **kwargs))
        return self.env["customer.complaint"].search([]) - before


@tagged("post_install", "-at_install")
class TestMail(IntakeCommon):
    """Complaints by e-mail."""

    def test_a_mail_with_parts_in_a_thousand_parts_is_a_complaint(self):
        head = f"From: {EMAIL}\r\nTo: {ADDRESS}\r\nSubject: It rattles\r\n"
        text = "Content-Type: text/plain\r\n\r\nSince Monday"
        boxes = "".join(
            f"Content-Type: multipart/mixed; boundary=b{number}\r\n\r\n--b{number}\r\n"
            for number in range(1000)
        )
        forwarded = "Content-Type: message/rfc822\r\n\r\n" * 1000
        for deep in (boxes, forwarded):
            raw = f"{head}Message-Id: <{next(NUMBERS)}@customer.example.com>\r\n{deep}{text}"
            complaint = self._receive(raw=raw.encode())
            self.assertEqual(complaint.title, "It rattles")
            self.assertEqual(complaint.partner_id, self.customer)
            files = complaint.message_ids.sudo().attachment_ids
            self.assertTrue(any(b"Since Monday" in file.raw for file in files))

    def test_a_mail_of_a_known_customer_becomes_their_complaint(self):
        with freeze_time("2024-03-05 12:00:00"):
            complaint = self._receive(headers={"Date": "Tue, 05 Mar 2024 10:00:00 +0100"})
        self.assertRecordValues(
            complaint,
            [
                {
                    "title": "It rattles",
                    "partner_id": self.customer.id,
                    "team_id": self.team.id,
                    "company_id": self.company.id,
                    "channel_id": self.env.ref("customer_followup.customer_channel_email").id,
                    "complainant_email": False,
                    "state": "new",
                }
            ],
        )
        self.assertEqual(str(complaint.date_received), "2024-03-05 09:00:00")
        self.assertIn("Since Monday", complaint.description)
        self.assertTrue(complaint.name.startswith("W"))
        self.assertIn(complaint.user_id, self.team.member_ids)

    def test_a_mail_with_an_old_date_is_received_now(self):
        for date in ("Thu, 01 Jan 1970 00:00:00 +0000", "Tue, 27 Feb 2024 10:00:00 +0100"):
            with self.subTest(date=date), freeze_time("2024-03-05 12:00:00"):
                complaint = self._receive(headers={"Date": date})
                self.assertEqual(str(complaint.date_received), "2024-03-05 12:00:00")

    def test_the_owner_of_the_customer_handles_it(self):
        self.env["customer.ownership"].create(
            {"commercial_partner_id": self.customer.id, "user_id": self.leader.id}
        )
        self.assertEqual(self._receive().user_id, self.leader)

    def test_the_acknowledgement_is_sent_once_and_is_no_answer(self):
        complaint = self._receive()
        letter = self._letters(complaint)
        self.assertEqual(letter.recipient_ids, self.customer)
        self.assertIn(complaint.name, letter.subject)
        self.assertIn(complaint.user_id.name, letter.body_html)
        self.assertFalse(complaint.date_answered)
        complaint._acknowledge()
        self.assertEqual(self._letters(complaint), letter)
        self.assertEqual(self._sent_reply_to(letter), (self.company.name, ADDRESS))

    def _sent_reply_to(self, letter):
        """Send a letter; return name and address of its Reply-To header."""
        sent = []

        def send_email(_server, message, *_args, **_kwargs):
            sent.append(message)
            return message["Message-Id"]

        server = type(self.env["ir.mail_server"])
        with (
            patch.object(server, "_disable_send", lambda *_args: False),
            patch.object(server, "_connect__", lambda *_args, **_kwargs: None),
            patch.object(server, "send_email", send_email),
        ):
            letter.send()
        self.assertEqual(len(sent), 1)
        return parseaddr(sent[0]["Reply-To"])

    def test_replies_go_to_the_team_in_the_name_of_the_company(self):
        self.company.name = "Gao & Co"
        complaint = self._make_settled(description="It rattles")
        complaint.with_user(self.agent)._write_to_customer("We ordered the part.")
        letters = self._letters(complaint)
        self.assertEqual(len(letters), 2)
        for letter in letters:
            self.assertEqual(self._sent_reply_to(letter), ("Gao & Co", ADDRESS))

    def test_replies_go_to_the_company_if_the_team_has_no_address(self):
        self.team.alias_name = False
        letter = self._letters(self._complain_by_letter())
        self.assertEqual(self._sent_reply_to(letter), (self.company.name, "c@intake.example.com"))

    def test_a_letter_names_no_address_where_there_is_none(self):
        self.team.alias_name = False
        self.company.alias_domain_id = False
        letter = self._letters(self._complain_by_letter())
        self.assertFalse(letter.reply_to)

    def test_a_long_name_of_the_company_leaves_the_bare_address(self):
        self.company.name = "Gao Yuan Automobile Sales and Service Company of Suzhou"
        letter = self._letters(self._complain_by_letter())
        self.assertEqual(self._sent_reply_to(letter), ("", ADDRESS))

    def _complain_by_letter(self):
        complaint = self._complain(team_id=self.team.id)
        complaint._acknowledge()
        return complaint

    def test_the_token_is_only_in_the_letter_to_the_customer(self):
        complaint = self._receive()
        token = complaint.access_token
        self.assertTrue(token)
        self.assertIn(token, self._letters(complaint).body_html)
        self.assertNotIn(token, "".join(complaint.message_ids.mapped("body")))

    def test_an_unknown_sender_stays_outside_the_contacts(self):
        before = self.env["res.partner"].search_count([])
        complaint = self._receive("Wang Wei <Wang@Example.com>")
        self.assertEqual(self.env["res.partner"].search_count([]), before)
        self.assertFalse(complaint.partner_id)
        self.assertEqual(complaint.complainant_name, "Wang Wei")
        self.assertEqual(complaint.complainant_email, "wang@example.com")
        self.assertEqual(self._letters(complaint).email_to, "wang@example.com")
        shown = complaint.with_user(self.agent)
        self.assertNotIn("wang@", shown.unknown_email)

    def test_an_unknown_sender_becomes_a_contact_if_the_company_wants(self):
        self.company.customer_mail_contacts = True
        complaint = self._receive("Wang Wei <wang@example.com>")
        self.assertEqual(complaint.partner_id.name, "Wang Wei")
        self.assertEqual(complaint.partner_id.email, "wang@example.com")

    def test_an_ambiguous_address_is_assigned_by_users(self):
        self._make_customer("Li Senior", email=EMAIL)
        self.assertFalse(self._receive().partner_id)

    def test_a_colleague_who_forwards_is_not_the_customer(self):
        self.agent.partner_id.email = "agent@example.com"
        complaint = self._receive("agent@example.com")
        self.assertTrue(complaint)
        self.assertFalse(complaint.partner_id)

    def test_a_colleague_who_forwards_does_not_get_the_token(self):
        self.agent.partner_id.email = "agent@example.com"
        complaint = self._receive("agent@example.com")
        self.assertFalse(self._letters(complaint))
        self.assertFalse(complaint.date_acknowledged)
        with self.assertRaisesRegex(UserError, "Call them"):
            complaint._write_to_customer("Hello")

    def test_a_contact_of_another_company_is_not_taken(self):
        self._make_second_company()
        self.customer.company_id = self.other_company
        complaint = self._receive()
        self.assertEqual(complaint.company_id, self.company)
        self.assertFalse(complaint.partner_id)

    def test_an_unusual_mail_becomes_a_complaint(self):
        broken = self._mail().replace(b"Since Monday", b"caf\xe9 \xff\xfe\x00 broken")
        for name, given in {
            "no subject": {"subject": None},
            "no body": {"body": ""},
            "neither": {"subject": None, "body": None},
            "no sender": {"sender": None},
            "a sender that is no address": {"sender": "someone"},
            "a strange date": {"headers": {"Date": "yesterday, or so"}},
            "a long subject": {"subject": "x" * 900},
            "bytes that are no text": {"raw": broken},
            "an unknown character set": {"raw": self._mail().replace(b"utf-8", b"x-nonsense")},
        }.items():
            with self.subTest(name):
                complaint = self._receive(**given)
                self.assertEqual(len(complaint), 1)
                self.assertTrue(complaint.title)
                self.assertLessEqual(complaint.date_received, fields.Datetime.now())

    def test_no_mail_is_lost_to_a_nul_or_a_strange_character_set(self):
        plain = self._mail(files=[("b.png", PIXEL, "image/png")])
        for old, new in (
            (b"Subject: It rattles", b"Subject: =?utf-8?Q?It=00_rattles?="),
            (b"Subject: It rattles", b"Subject: It\x00 rattles"),
            (b"From: Li Na", b"From: =?utf-8?Q?Li=00_Na?="),
            (b"Subject:", b"Cc: =?utf-8?Q?a=00b?= <a@example.com>\r\nSubject:"),
            (b"Subject:", b"References: <a\x00b@example.com>\r\nSubject:"),
            (b'filename="b.png"', b"filename*=utf-8''b%00.png"),
            (b'charset="utf-8"', b'charset="idna"'),
            (b'charset="utf-8"', b'charset="base64"'),
            (b'charset="utf-8"', b'charset="hex"'),
            (b'charset="utf-8"', b'charset="rot13"'),
            (b'charset="utf-8"', b'charset="undefined"'),
            (b'charset="utf-8"', b'charset="\xff"'),
        ):
            with self.subTest(new=new):
                self.assertIn(old, plain)
                number = b"%d@customer" % next(NUMBERS)
                raw = plain.replace(old, new).replace(plain.split(b"Message-Id: <")[1][:20], number)
                complaint = self._receive(raw=raw)
                self.assertEqual(complaint.title, "It rattles")
                self.assertEqual(complaint.partner_id, self.customer)
                self.assertEqual(complaint.evidence_ids.mapped("name"), ["b.png"])
                self.assertEqual(html2plaintext(complaint.description).strip(), "Since Monday")

    def test_a_mail_is_read_in_the_character_set_of_its_program(self):
        text = "门把手坏了，朱镕基"
        head = f"From: 李娜 <{EMAIL}>\r\nTo: {ADDRESS}\r\nSubject: {text}\r\n"
        for charset, encoding in (("gb2312", "gbk"), ("", "gbk"), ("utf-8", "gbk"), ("", "utf-8")):
            with self.subTest(charset=charset, encoding=encoding):
                kind = f"text/plain; charset={charset}" if charset else "text/plain"
                raw = head.encode(encoding)
                raw += f"Message-Id: <{next(NUMBERS)}@a>\r\nContent-Type: {kind}\r\n\r\n".encode()
                complaint = self._receive(raw=raw + text.encode(encoding))
                self.assertEqual(complaint.title, text)
                self.assertEqual(html2plaintext(complaint.description).strip(), text)
                [message] = complaint.message_ids.filtered(lambda one: one.message_type == "email")
                self.assertEqual(message.email_from, f'"李娜" <{EMAIL}>')

    def test_a_text_that_cannot_be_read_is_kept_as_it_came(self):
        body = "Größe für Müller".encode() + b"\xff"
        raw = self._mail(body="Hello").replace(b"Hello", body)
        complaint = self._receive(raw=raw)
        [kept] = complaint.message_ids.attachment_ids
        self.assertEqual((kept.name, kept.raw.strip()), ("unreadable.txt", body))
        self.assertFalse(complaint.evidence_ids)

    def test_a_mail_without_subject_is_named_by_its_first_words(self):
        complaint = self._receive(subject=None, body="\nThe door rattles\nSince Monday")
        self.assertEqual(complaint.title, "The door rattles")

    def test_html_of_a_mail_is_sanitized(self):
        body = "<p onclick='x()'>Hi<script>alert(1)</script><img src=x onerror=alert(2)></p>"
        complaint = self._receive(subject="<script>alert(3)</script>", body=body, subtype="html")
        for word in ("<script", "onerror", "onclick"):
            self.assertNotIn(word, complaint.description)
        self.assertNotIn("<script", self._letters(complaint).body_html)

    def test_an_automatic_mail_creates_no_complaint(self):
        for headers in (
            {"Auto-Submitted": "auto-replied"},
            {"X-Autoreply": "yes"},
            {"Precedence": "bulk"},
            {"Return-Path": "<>"},
        ):
            with self.subTest(headers=headers):
                self.assertFalse(self._receive(headers=headers))

    def test_a_mail_from_our_own_address_creates_no_complaint(self):
        self.assertFalse(self._receive(ADDRESS))

    def test_a_mail_of_a_mailing_list_is_not_acknowledged(self):
        complaint = self._receive(headers={"List-Id": "<complaints.example.com>"})
        self.assertTrue(complaint)
        self.assertFalse(self._letters(complaint))

    def test_a_no_reply_address_gets_no_letter(self):
        complaint = self._receive("Robot <no-reply@example.com>")
        self.assertTrue(complaint)
        self.assertFalse(self._letters(complaint))

    def test_a_mail_to_two_teams_creates_one_complaint(self):
        second = self.team.copy({"name": "Second"})
        second.alias_name = "second"
        complaint = self._receive(headers={"Cc": second.alias_email})
        self.assertEqual(len(complaint), 1)

    def test_many_mails_from_one_address_are_limited(self):
        self.env["ir.config_parameter"].set_param("mail.gateway.loop.threshold", 2)
        made = [len(self._receive(f"Wang <{name}>")) for name in ["wang@example.com"] * 4]
        self.assertEqual(made, [1, 1, 0, 0])

    def test_the_address_of_a_team_decides_only_the_team(self):
        defaults = {"team_id": self.team.id, "verdict": "malicious", "user_id": self.admin.id}
        self.team.alias_id.alias_defaults = repr(defaults)
        complaint = self._receive()
        self.assertEqual(complaint.team_id, self.team)
        self.assertFalse(complaint.verdict)
        self.assertNotEqual(complaint.user_id, self.admin)

    def test_files_are_accepted_or_refused_and_the_complaint_is_created(self):
        self.company.write({"customer_files_most": 2, "customer_evidence_mb": 1})
        complaint = self._receive(
            files=[
                ("photo.png", PIXEL, "image/png"),
                ("run.png", b"MZ\x90\x00 a program" * 9, "image/png"),
                ("huge.txt", b"x" * (1024 * 1024 + 1), "text/plain"),
                ("second.png", PIXEL + b"2", "image/png"),
                ("third.png", PIXEL + b"3", "image/png"),
            ]
        )
        self.assertEqual(complaint.evidence_ids.mapped("name"), ["photo.png", "second.png"])
        self.assertEqual(complaint.evidence_ids.mapped("kind"), ["photo", "photo"])
        note = complaint.message_ids.filtered(lambda one: "not accepted" in (one.body or ""))
        letter = self._letters(complaint).body_html
        for name in ("run.png", "huge.txt", "third.png"):
            self.assertIn(name, note.body)
            self.assertIn(name, letter)
        kept = complaint.message_ids.attachment_ids.mapped("name")
        self.assertEqual(
            sorted(kept),
            ["huge.txt", "photo.png", "run.png.blocked", "second.png", "third.png"],
        )

    def test_an_attached_mail_is_a_file_like_others(self):
        attached = EmailMessage()
        attached["Subject"] = "What I was promised"
        attached.set_content("Free of charge")
        name = "What I was promised.eml"
        for types, names in (("image/", []), ("message/, text/", [name])):
            with self.subTest(types=types):
                self.company.customer_evidence_types = types
                complaint = self._receive(mails=[attached])
                self.assertEqual(len(complaint), 1)
                self.assertEqual(complaint.evidence_ids.mapped("name"), names)
                notes = "".join(complaint.message_ids.mapped("body"))
                self.assertEqual(
                    f"“{name}” has a file type that is not accepted" in notes, not names
                )

    def test_every_file_of_a_mail_is_kept(self):
        form = b"PK\x03\x04 form"
        complaint = self._receive(
            subject=None, body="", files=[("form.docx", form, "application/octet-stream")]
        )
        self.assertEqual(complaint.title, "form.docx")
        self.assertEqual(
            html2plaintext(complaint.description).strip(),
            "This message has no text. See its files: form.docx",
        )
        [kept] = complaint.message_ids.attachment_ids
        self.assertEqual((kept.name, kept.raw), ("form.docx", form))
        self.assertFalse(complaint.evidence_ids)

    def test_what_a_mail_program_adds_is_named_in_no_letter(self):
        files = [
            ("smime.p7s", b"x", "application/pkcs7-signature"),
            ("winmail.dat", b"x", "application/ms-tnef"),
            ("signature.asc", b"x", "application/pgp-signature"),
        ]
        complaint = self._receive(files=files)
        self.assertEqual(
            sorted(complaint.message_ids.attachment_ids.mapped("name")),
            ["signature.asc", "smime.p7s", "winmail.dat"],
        )
        self.assertFalse(complaint.evidence_ids)
        self.assertNotIn("not accepted", "".join(complaint.message_ids.mapped("body")))
        for name, _content, _kind in files:
            self.assertNotIn(name, self._letters(complaint).body_html)

    def _receive_html(self, body, *pictures, subject="It rattles"):
        mail = EmailMessage()
        for name, value in (("From", EMAIL), ("To", ADDRESS), ("Subject", subject)):
            mail[name] = value
        mail["Message-Id"] = f"<{next(NUMBERS)}@customer.example.com>"
        mail.set_content(body, subtype="html")
        for name, content, cid, disposition in pictures:
            mail.add_related(
                content, "image", "png", cid=f"<{cid}>", filename=name, disposition=disposition
            )
        return self._receive(raw=mail.as_bytes())

    def test_a_photo_within_the_text_is_evidence_and_a_logo_is_not(self):
        photo = PIXEL + b"x" * 20_000
        for name, body, picture, names in (
            ("Gmail", "<p>See</p>", ("a.png", PIXEL, "f_img", "attachment"), ["a.png"]),
            ("not shown", "<p>See</p>", ("a.png", PIXEL, "f_img", "inline"), ["a.png"]),
            ("photo", '<img src="cid:f">', ("a.png", photo, "f", "inline"), ["a.png"]),
            ("logo", '<p>Li</p><img src="cid:f">', ("a.png", PIXEL, "f", "inline"), []),
        ):
            with self.subTest(name):
                complaint = self._receive_html(body, picture)
                self.assertEqual(complaint.evidence_ids.mapped("name"), names)
                self.assertEqual(complaint.message_ids.attachment_ids.mapped("name"), ["a.png"])
                self.assertNotIn("cid:", complaint.description)

    def test_pictures_make_no_title(self):
        photo = PIXEL + b"x" * 20_000
        picture = ("door.png", photo, "part1", "inline")
        complaint = self._receive_html('<p><img src="cid:part1"></p>', picture, subject="")
        self.assertEqual(complaint.title, "door.png")
        body = '<p><img src="cid:part1"></p><p>The door</p>'
        complaint = self._receive_html(body, picture, subject="")
        self.assertEqual(complaint.title, "The door")

    def test_a_signed_mail_and_a_mail_of_outlook_are_read(self):
        inner = EmailMessage()
        inner.set_content("The door rattles")
        inner.add_attachment(PIXEL, maintype="image", subtype="png", filename="a.png")
        for name, content, kind in (
            ("smime.p7m", sign(inner.as_bytes()), "application/pkcs7-mime"),
            (
                "winmail.dat",
                outlook("The door rattles", files=[("a.png", PIXEL)]),
                "application/ms-tnef",
            ),
        ):
            with self.subTest(name):
                complaint = self._receive(subject=None, body="", files=[(name, content, kind)])
                self.assertEqual(complaint.title, "The door rattles")
                self.assertEqual(complaint.evidence_ids.mapped("name"), ["a.png"])
                self.assertEqual(
                    complaint.message_ids.attachment_ids.mapped("name"), ["a.png", name]
                )

    def test_the_same_picture_is_evidence_once(self):
        complaint = self._receive(files=[("a.png", PIXEL, "image/png")] * 2)
        self.assertEqual(complaint.evidence_ids.mapped("name"), ["a.png"])

    def test_the_copy_of_a_mail_by_odoo_is_not_evidence(self):
        before = self.env["customer.complaint"].search([])
        with mute_logger("odoo.addons.mail.models.mail_thread"):
            self.env["mail.thread"].message_process(None, self._mail(), save_original=True)
        complaint = self.env["customer.complaint"].search([]) - before
        self.assertFalse(complaint.evidence_ids)
        self.assertNotIn("original_email", self._letters(complaint).body_html)
        self.assertNotIn("not accepted", "".join(complaint.message_ids.mapped("body")))
        self.assertIn("original_email.eml", complaint.message_ids.attachment_ids.mapped("name"))


@tagged("post_install", "-at_install")
class TestReplies(IntakeCommon):
    """Replies of customers by e-mail."""

    def setUp(self):
        super().setUp()
        self.complaint = self._receive()

    def _reply(self, complaint=None, headers=None, **kwargs):
        letter = self._letters(complaint or self.complaint)[:1]
        return self._receive(
            subject="Re: it",
            headers={"In-Reply-To": letter.message_id, **(headers or {})},
            **kwargs,
        )

    def _close(self):
        complaint = self.complaint
        complaint.write({"cause": "A screw", "solution": "Tightened", "verdict": "confirmed"})
        complaint.stage_id = self.stages["awaiting"]
        complaint._customer_confirms("By phone")
        self.assertEqual(complaint.state, "closed")

    def test_a_reply_belongs_to_its_complaint(self):
        self.assertFalse(self._reply(body="And it smells"))
        posted = self.complaint.message_ids.filtered(lambda one: "And it smells" in one.body)
        self.assertEqual(posted.author_id, self.customer)
        self.assertFalse(posted.is_internal)
        self.assertEqual(self._talks(self.complaint).mapped("result"), ["replied"])
        self.assertEqual(self.complaint.activity_ids.user_id, self.complaint.user_id)
        self.assertFalse(self.complaint.date_answered)

    def test_a_reply_within_the_period_reopens_it(self):
        self._close()
        self.assertFalse(self._reply())
        self.assertEqual((self.complaint.state, self.complaint.reopen_count), ("assessing", 1))

    def test_a_later_reply_opens_a_linked_complaint(self):
        self._close()
        self.complaint.date_closed = fields.Datetime.now() - timedelta(days=40)
        following = self._reply(body="It rattles again", files=[("b.png", PIXEL, "image/png")])
        self.assertEqual(following.previous_id, self.complaint)
        self.assertIn("It rattles again", following.description)
        self.assertEqual(following.evidence_ids.mapped("name"), ["b.png"])
        self.assertEqual(self.complaint.state, "closed")

    def test_a_later_reply_of_an_unknown_person_keeps_the_address(self):
        self.complaint = self._receive("Wang Wei <wang@example.com>")
        self._close()
        self.complaint.date_closed = fields.Datetime.now() - timedelta(days=40)
        following = self._reply(sender="wang@example.com")
        self.assertEqual(following.complainant_email, "wang@example.com")

    def test_an_accused_leader_is_not_notified_of_a_reply(self):
        self.complaint.user_id = False
        self.complaint.sudo()._accuse(self.leader)
        self.assertIn(self.leader, self.complaint.sudo().excluded_user_ids)
        self.complaint.activity_ids.unlink()
        self._reply()
        notified = self.complaint.activity_ids.user_id
        self.assertTrue(notified)
        self.assertNotIn(self.leader, notified)

    def test_an_automatic_mail_reopens_nothing(self):
        self._close()
        self._reply(headers={"Auto-Submitted": "auto-replied"})
        self.assertEqual((self.complaint.state, self.complaint.reopen_count), ("closed", 0))

    def test_a_mail_of_another_person_reaches_the_handler(self):
        self._make_customer("Wang Wei", email="wang@example.com")
        self._close()
        for sender in ("stranger@example.com", "wang@example.com"):
            for _turn in range(2):
                with self.subTest(sender=sender):
                    self.complaint.activity_ids.unlink()
                    known = self.complaint.message_ids
                    self._reply(sender=sender, body="OTHER WORDS")
                    self.assertEqual(
                        (self.complaint.state, self.complaint.reopen_count), ("closed", 0)
                    )
                    self.assertEqual(
                        self.complaint.activity_ids.mapped("summary"),
                        [f"Another person wrote about {self.complaint.name}: decide"],
                    )
                    self.assertEqual(self.complaint.activity_ids.user_id, self.complaint.user_id)
                    message = self.complaint.message_ids - known
                    self.assertEqual(message.mapped("is_internal"), [True])
                    self.assertFalse(message.notification_ids)

    def test_a_customer_sees_nothing_of_another_person(self):
        photo = ("theirs.png", PIXEL, "image/png")
        self._reply(sender="stranger@example.com", body="OTHER WORDS", files=[photo])
        self._reply(body="My words", files=[("mine.png", PIXEL + b"2", "image/png")])
        evidence = self.complaint.evidence_ids
        self.assertEqual(
            [(one.name, one.is_from_other) for one in evidence],
            [("theirs.png", True), ("mine.png", False)],
        )
        card = self.complaint._customer_card()
        self.assertEqual(card["files"], ["mine.png"])
        said = [html2plaintext(one["body"]).strip() for one in card["messages"] if one["is_mine"]]
        self.assertEqual(said, ["Since Monday", "My words"])

    def test_another_person_who_answers_the_customer_does_not_write_to_them(self):
        mail = self.complaint.message_ids.filtered(lambda one: one.message_type == "email")
        copy = {"In-Reply-To": mail.message_id, "Cc": EMAIL}
        self._receive(sender="stranger@example.com", body="OTHER WORDS", headers=copy)
        posted = self.complaint.message_ids.filtered(lambda one: "OTHER WORDS" in one.body)
        self.assertEqual(posted.is_internal, True)
        self.assertFalse(posted.notification_ids)

    def test_a_mail_of_a_colleague_stays_as_it_is(self):
        self.agent.partner_id.email = "agent@example.com"
        known = self.complaint.activity_ids
        self._reply(sender="agent@example.com", body="I called")
        self.assertEqual(self.complaint.activity_ids, known)

    def test_programs_change_nothing_and_stay_readable(self):
        parts = EmailMessage()
        parts.set_content("Li Na")
        parts.add_attachment(
            b"{}", maintype="text", subtype="vnd.google.email-reaction+json", filename=None
        )
        self._close()
        for subject, headers in (
            ("自动回复：您好", {}),
            ("Automatic reply: it", {}),
            ("Re: it", {"X-Auto-Response-Suppress": "All"}),
            ("Re: it", {"X-AutoReply-From": EMAIL}),
        ):
            with self.subTest(subject=subject, headers=headers):
                known = self.complaint.message_ids
                letter = self._letters(self.complaint)[:1]
                headers["In-Reply-To"] = letter.message_id
                self.assertFalse(self._receive(subject=subject, headers=headers))
                self.assertEqual((self.complaint.state, self.complaint.reopen_count), ("closed", 0))
                self.assertEqual((self.complaint.message_ids - known).mapped("is_internal"), [True])

    def test_a_programs_answer_to_an_old_letter_begins_nothing(self):
        self._close()
        self.complaint.date_closed = fields.Datetime.now() - timedelta(days=40)
        self.assertFalse(self._reply(headers={"X-Auto-Response-Suppress": "OOF, AutoReply"}))

    def test_an_answer_without_headers_belongs_to_the_case_it_names(self):
        name = self.complaint.name
        for subject in (f"Re: {name}: a message", f"AW: [{name.lower()}]", f"回复：{name}"):
            with self.subTest(subject=subject):
                known = self.complaint.contact_ids
                self.assertFalse(self._receive(subject=subject, body="It still rattles"))
                added = self.complaint.contact_ids - known
                self.assertEqual(added.mapped("result"), ["replied"])

    def test_another_person_who_names_a_case_complains_on_their_own(self):
        name = self.complaint.name
        complaint = self._receive("stranger@example.com", subject=f"Re: {name}: a message")
        self.assertEqual(len(complaint), 1)
        notes = "".join(complaint.message_ids.mapped("body"))
        self.assertEqual(notes.count(f"The subject names another complaint: {name}"), 1)
        self.assertNotIn(name, self._letters(complaint).body_html)
        self.assertNotIn("replied", self.complaint.contact_ids.mapped("result"))

    def test_a_program_without_marks_is_answered_once(self):
        made = [self._receive("robot@example.com", subject="Prove who you are") for _turn in "123"]
        self.assertEqual([len(one) for one in made], [1, 1, 1])
        self.assertEqual([len(self._letters(one)) for one in made], [1, 0, 0])

    def test_a_letter_that_does_not_arrive_is_work_for_the_handler(self):
        for status, expected in (("5.1.1", 1), ("5.7.1", 1), ("4.4.1\nAction: delayed", 0)):
            with self.subTest(status=status):
                complaint = self._receive(subject=f"It rattles {status[:5]}")
                complaint.activity_ids.unlink()
                letter = self._letters(complaint)[:1].message_id
                raw = REPORT.format(status=status, parent=letter, number=next(NUMBERS), email=EMAIL)
                self._receive(raw=raw.encode())
                summaries = complaint.activity_ids.mapped("summary")
                self.assertEqual(len(summaries), expected)
                for summary in summaries:
                    self.assertIn("was not delivered: write again", summary)

    def test_a_reply_with_an_attached_mail_arrives(self):
        attached = EmailMessage()
        attached.set_content("Free of charge")
        for sender in (EMAIL, "stranger@example.com"):
            with self.subTest(sender=sender):
                self._reply(sender=sender, body=f"From {sender}", mails=[attached])
                texts = "".join(self.complaint.message_ids.mapped("body"))
                self.assertIn(f"From {sender}", texts)

    def test_a_forbidden_file_of_a_reply_is_kept_and_no_evidence(self):
        program = b"MZ\x90\x00 a program" * 9
        for sender in (EMAIL, "stranger@example.com"):
            with self.subTest(sender=sender):
                known = self.complaint.message_ids.attachment_ids
                self._reply(sender=sender, files=[("run.exe", program, "image/png")])
                self.assertFalse(self.complaint.evidence_ids)
                kept = self.complaint.message_ids.attachment_ids - known
                self.assertEqual((kept.name, kept.raw), ("run.exe.blocked", program))


@tagged("post_install", "-at_install")
class TestLetter(IntakeCommon):
    """Letters to the customer from the complaint."""

    def _write(self, complaint, user=None, **vals):
        dialog = self.env["customer.complaint.letter"].with_user(user or self.agent)
        letter = dialog.create({"complaint_id": complaint.id, "text": "We come at 9.", **vals})
        letter.action_send()
        return letter

    def _upload(self, user, **vals):
        return (
            self.env["ir.attachment"]
            .with_user(user)
            .create(
                {
                    "name": "offer.txt",
                    "raw": b"Free",
                    "res_model": "customer.complaint.letter",
                    "res_id": 0,
                    **vals,
                }
            )
        )

    def test_a_masked_agent_writes_without_seeing_the_address(self):
        complaint = self._complain()
        action = complaint.action_write()
        self.assertEqual(action["context"], {"default_complaint_id": complaint.id})
        letter = self._write(complaint, text="We come at 9.\n<b>Promised</b>")
        self.assertEqual(letter.customer, self.customer.name)
        sent = self._letters(complaint)
        self.assertEqual(sent.recipient_ids, self.customer)
        self.assertEqual(sent.author_id, self.agent.partner_id)
        self.assertIn(complaint.name, sent.subject)
        self.assertIn("&lt;b&gt;Promised", sent.body_html)
        self.assertIn(complaint.sudo().access_token, sent.body_html)
        shown = complaint.message_ids.filtered(lambda one: "at 9" in (one.body or ""))
        self.assertEqual(shown.author_id, self.agent.partner_id)
        self.assertNotIn(complaint.sudo().access_token, shown.body)
        self.assertNotIn("<b>", shown.body)
        self.assertEqual(complaint.contact_ids.mapped("result"), ["informed"])
        self.assertEqual(complaint.contact_ids.message_id, shown)
        self.assertEqual(
            (complaint.contact_ids.delivery, complaint.date_answered), ("queued", False)
        )
        self._empty_queues()
        self.assertEqual(complaint.contact_ids.delivery, "sent")
        self.assertEqual(complaint.date_answered, complaint.contact_ids.date)
        [message] = complaint.sudo()._customer_messages()
        self.assertFalse(message["is_mine"])
        self.assertIn("We come at 9.", message["body"])
        seen = [letter.read()[0], shown.read()[0], complaint.contact_ids.read()]
        self.assertNotIn(EMAIL, str(seen))

    def test_a_complainant_without_a_contact_reads_letters_on_the_complaint_page(self):
        complaint = self._receive("Wang Wei <wang@example.com>")
        self._write(complaint, self.leader)
        self.assertEqual(self._letters(complaint)[-1].email_to, "wang@example.com")
        [message] = complaint.sudo()._customer_messages()[-1:]
        self.assertIn("We come at 9.", message["body"])

    def test_a_customer_without_an_address_must_be_called(self):
        self.customer.email = False
        complaint = self._complain()
        with self.assertRaisesRegex(UserError, f"{complaint.name}.*Call them"):
            complaint.action_write()
        with self.assertRaisesRegex(UserError, "Call them"):
            self._write(complaint)
        self.assertFalse(complaint.contact_ids)

    def test_it_is_written_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        template = self.env.ref("customer_followup.mail_template_complaint_letter")
        template.with_context(lang="fr_FR").subject = "{{ object.name }} : un message"
        self.customer.lang = "fr_FR"
        complaint = self._complain()
        letter = self._write(complaint)
        self.assertIn("French", letter.language)
        self.assertIn("un message", self._letters(complaint).subject)

    def test_files_that_were_chosen_go_with_it_and_no_others(self):
        complaint = self._complain()
        own, foreign = self._upload(self.agent), self._upload(self.admin)
        elsewhere = self._upload(self.agent, res_model=False)
        self._write(complaint, attachment_ids=[(6, 0, (own | elsewhere).ids)])
        self.assertEqual(self._letters(complaint).attachment_ids, own)
        self.assertEqual((own.res_model, own.res_id), (complaint._name, complaint.id))
        with self.assertRaises(AccessError):
            self._write(complaint, attachment_ids=[(6, 0, foreign.ids)])

    def test_writing_to_the_customer_needs_write_access(self):
        complaint = self._complain()
        for user in (self.colleague, self.auditor):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._write(complaint, user)
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                complaint.with_user(user)._write_to_customer("Hello")
        letter = self.env["customer.complaint.letter"].with_user(self.agent)
        letter = letter.create({"complaint_id": complaint.id, "text": "Soon"})
        with self.assertRaises(AccessError):
            letter.with_user(self.leader).read(["text"])
        with self.assertRaisesRegex(UserError, "write it in words"):
            self._write(complaint, text=" \n ")
        self.assertFalse(self._letters(complaint))

    def test_a_letter_that_is_not_delivered_is_shown_as_failed(self):
        complaint = self._complain()
        self._write(complaint)
        notice = self._letters(complaint).mail_message_id.notification_ids
        self.assertEqual(notice.res_partner_id, self.customer)
        self._letters(complaint)._postprocess_sent_message(
            success_pids=[], success_emails=[], failure_reason="Full", failure_type="mail_smtp"
        )
        self.assertEqual(notice.notification_status, "exception")

    @freeze_time("2026-03-05 10:00")
    def test_a_letter_that_comes_back_has_informed_no_one(self):
        """The answer, and what it met, are taken back; a later answer counts instead."""
        complaint = self._complain()
        self._write(complaint)
        [letter] = self._empty_queues()
        self.assertEqual(letter["To"], f'"Li Na" <{EMAIL}>')
        promise = complaint.sudo().promise_ids.filtered(lambda one: one.kind == "first_answer")
        self.assertEqual((promise.state, bool(complaint.date_answered)), ("met", True))
        entry, complaint = complaint.contact_ids, complaint.sudo()
        bounce = {"notification_status": "bounce", "failure_type": "mail_bounce"}
        entry.sudo().message_id.notification_ids.write(bounce)
        self.assertEqual((entry.delivery, complaint.date_answered), ("failed", False))
        self.assertEqual((promise.state, promise.date_met), ("open", False))
        self.assertRegex(
            complaint.activity_ids.filtered("summary")[-1].summary,
            "^The message of 03/05/2026 was not delivered: write again",
        )
        with freeze_time("2026-03-05 10:10"):
            complaint._customer_informed("By phone")
        self.assertEqual((promise.state, promise.date_met), ("met", complaint.date_answered))

    def test_a_letter_that_could_not_be_sent_has_informed_no_one(self):
        for failure in (OSError("No route"), UnicodeError("No such address")):
            with self.subTest(type(failure).__name__):
                complaint = self._complain()
                self._write(complaint)
                with mute_logger("odoo.addons.mail.models.mail_mail"):
                    self._empty_queues(smtp_error=failure)
                self.assertEqual(complaint.contact_ids.delivery, "failed")
                self.assertFalse(complaint.date_answered)

    def test_a_letter_does_not_leave_for_a_customer_of_before(self):
        complaint = self._complain()
        self._write(complaint)
        complaint.sudo().partner_id = self._make_customer("Wang Wei", email="wang@example.com")
        self.assertEqual(self._empty_queues(), [])
        self.assertEqual(complaint.contact_ids.delivery, "failed")

    def test_a_receipt_that_comes_back_is_not_confirmed(self):
        complaint = self._complain()
        complaint._acknowledge()
        self._empty_queues()
        entry = complaint.contact_ids
        self.assertEqual((entry.result, entry.delivery), ("acknowledged", "sent"))
        bounce = {"notification_status": "bounce", "failure_type": "mail_bounce"}
        entry.sudo().message_id.notification_ids.write(bounce)
        self.assertEqual((entry.delivery, complaint.date_acknowledged), ("failed", False))

    def test_a_letter_lost_in_a_crash_is_found(self):
        complaint = self._complain()
        self._write(complaint)
        self._letters(complaint).unlink()
        self.env["customer.complaint.contact"]._settle_lost()
        self.assertEqual(complaint.contact_ids.delivery, "failed")


@tagged("post_install", "-at_install")
class TestAsking(IntakeCommon):
    """The letter that asks whether the complaint is solved."""

    def test_a_complaint_that_waits_asks_its_customer_with_two_links(self):
        complaint = self._complain(
            self.agent, cause="A screw", solution="Tightened, free", verdict="confirmed"
        )
        complaint.stage_id = self.stages["awaiting"]
        letter = self._letters(complaint)
        self.assertEqual(letter.recipient_ids, self.customer)
        self.assertIn("Tightened, free", letter.body_html)
        token = complaint.sudo().access_token
        for answer in ("solved", "unsolved"):
            link = f"/my/complaints/{complaint.id}/{answer}?access_token={token}"
            self.assertIn(link, letter.body_html)
        self._empty_queues()
        self.assertTrue(complaint.date_answered)
        self.assertNotIn(token, "".join(complaint.message_ids.mapped("body")))

    def test_imported_complaints_send_no_questions(self):
        facts = {"cause": "A screw", "solution": "Tightened", "verdict": "confirmed"}
        complaint = self._complain(**facts)
        complaint.with_context(import_file=True).stage_id = self.stages["awaiting"]
        self.assertFalse(self._letters(complaint))

    def test_no_letter_without_an_address_or_if_the_company_does_not_ask(self):
        facts = {"cause": "A screw", "solution": "Tightened", "verdict": "confirmed"}
        mute = self._make_customer("Chen", phone=PHONE)
        for partner, is_asking in ((mute, True), (self.customer, False)):
            self.company.customer_ask_by_mail = is_asking
            complaint = self._complain(partner_id=partner.id, **facts)
            complaint.stage_id = self.stages["awaiting"]
            self.assertFalse(self._letters(complaint))
            self.assertFalse(complaint.date_answered)


@tagged("post_install", "-at_install")
class TestLowScore(ComplaintCommon):
    """Complaints opened by low scores."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.metric = cls.env["customer.satisfaction.metric"].create(
            {
                "name": "Overall",
                "scale_min": 0,
                "scale_max": 10,
                "opens_complaint": True,
                "complaint_value": 4,
            }
        )
        cls.second = cls.metric.copy({"name": "Work"})

    def _score(self, value, contact, metric=None, user=None):
        return (
            self.env["customer.satisfaction.score"]
            .with_user(user or self.agent)
            .create(
                {"metric_id": (metric or self.metric).id, "value": value, "followup_id": contact.id}
            )
        )

    def _opened(self, contact):
        return self.env["customer.complaint"].search([("low_followup_id", "=", contact.id)])

    def test_an_answer_is_stored_even_if_no_complaint_can_be_opened(self):
        complaints = type(self.env["customer.complaint"])
        for error in (UserError("No category"), psycopg2.errors.UniqueViolation()):
            with (
                self.subTest(error=type(error).__name__),
                patch.object(complaints, "create", side_effect=error),
                mute_logger(
                    "odoo.addons.customer_followup.models.listen.customer_satisfaction_score"
                ),
            ):
                score = self._score(1, self._make_followup())
                self.assertEqual(score.exists().value, 1)
                self.assertFalse(
                    self.env["customer.complaint"].search([("low_score_id", "=", score.id)])
                )

    def test_a_score_at_the_threshold_opens_a_complaint_and_one_above_does_not(self):
        for value, expected in ((5, 0), (4, 1), (0, 1)):
            contact = self._make_followup()
            self._score(value, contact)
            self.assertEqual(len(self._opened(contact)), expected, value)

    def test_one_answer_opens_one_complaint(self):
        contact = self._make_followup()
        self._score(1, contact)
        self._score(2, contact, self.second)
        complaint = self._opened(contact)
        self.assertEqual(len(complaint), 1)
        self.assertEqual(complaint.partner_id, self.customer)
        self.assertEqual(complaint.team_id, self.team)
        self.assertIn(complaint.user_id, self.team.member_ids)
        self.assertEqual(complaint.followup_id, contact)

    def test_the_owner_of_the_customer_handles_it(self):
        self.env["customer.ownership"].create(
            {"commercial_partner_id": self.customer.id, "user_id": self.leader.id}
        )
        contact = self._make_followup()
        self._score(1, contact)
        self.assertEqual(self._opened(contact).user_id, self.leader)

    def test_a_contact_with_a_complaint_needs_no_second(self):
        contact = self._make_followup()
        complaint = self._complain(followup_id=contact.id)
        self._score(1, contact)
        self.assertEqual(contact.complaint_ids, complaint)

    def test_a_metric_that_opens_nothing_opens_nothing(self):
        self.metric.opens_complaint = False
        contact = self._make_followup()
        self._score(0, contact)
        self.assertFalse(self._opened(contact))

    def test_an_answered_survey_opens_it_too(self):
        contact = self._make_followup(channel_id=self.survey_channel.id)
        contact.step_id = self.plan.step_ids[0]
        contact.step_id.survey_id = self.env.ref("customer_followup.survey_after_delivery")
        contact._send_survey()
        answer = contact.invitation_ids.user_input_id
        question = answer.survey_id.question_ids.filtered("customer_metric_id")[:1]
        question.customer_metric_id = self.metric
        answer._save_lines(question, "2")
        answer._mark_done()
        self.assertEqual(len(self._opened(contact)), 1)

    def test_a_complaint_received_in_a_follow_up_links_to_it(self):
        contact = self._make_followup()
        context = contact.with_user(self.agent).action_complaint()["context"]
        complaint = (
            self.env["customer.complaint"]
            .with_user(self.agent)
            .with_context(**context)
            .create({"title": "It rattles"})
        )
        self.assertEqual(complaint.followup_id, contact)
        self.assertEqual(complaint.partner_id, self.customer)
        self.assertEqual(contact.complaint_ids, complaint)


@tagged("post_install", "-at_install")
class TestForm(IntakeCommon, HttpCase):
    """The public form."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"customer_form_on": True, "customer_form_team_id": cls.team.id})
        cls.form = {
            "title": "It rattles",
            "description": "Since Monday\n<script>alert(1)</script>",
            "reference": "SO 17",
            "wish": "repair",
            "name": "Wang Wei",
            "email": "wang@example.com",
            "consent": "1",
        }

    def _send(self, files=None, **vals):
        data = {**self.form, **vals}
        page = self.url_open("/complaint")
        token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
        data["csrf_token"] = token
        before = self.env["customer.complaint"].search([])
        answer = self.url_open(f"/complaint/{self.company.id}", data=data, files=files)
        self.env.invalidate_all()
        return answer, self.env["customer.complaint"].search([]) - before

    def test_a_disabled_form_is_not_found(self):
        self._make_second_company()
        self.company.customer_form_on = False
        for path in (
            "/complaint",
            f"/complaint/{self.company.id}",
            f"/complaint/{self.other_company.id}",
            "/complaint/2147483647",
            "/complaint/99999999999999",
        ):
            with self.subTest(path=path), mute_logger("odoo.http"):
                self.assertEqual(self.url_open(path).status_code, 404)

    def test_a_visitor_complains_and_sees_the_number(self):
        answer, complaint = self._send()
        self.assertEqual(answer.status_code, 200)
        self.assertIn(complaint.name, answer.text)
        self.assertRecordValues(
            complaint,
            [
                {
                    "title": "It rattles",
                    "object_name": "SO 17",
                    "remedy_asked": "repair",
                    "channel_id": self.env.ref("customer_followup.customer_channel_website").id,
                    "complainant_name": "Wang Wei",
                    "complainant_email": "wang@example.com",
                    "team_id": self.team.id,
                    "partner_id": False,
                    "consent_version": self.company.customer_consent_version,
                    "consent_text": self.company.customer_consent_text,
                }
            ],
        )
        self.assertNotIn("<script", complaint.description)
        self.assertIn(complaint.user_id, self.team.member_ids)
        self.assertEqual(self._letters(complaint).email_to, "wang@example.com")

    def test_a_known_address_reads_the_same(self):
        one, known = self._send(email=EMAIL)
        other, unknown = self._send()
        self.assertEqual(known.partner_id, self.customer)
        texts = [page.text.split("<main>")[1].split("</main>")[0] for page in (one, other)]
        self.assertIn(known.name, texts[0])
        self.assertEqual(texts[0].replace(known.name, "N"), texts[1].replace(unknown.name, "N"))
        self.assertNotIn("Li Na", one.text)

    def test_the_page_that_thanks_may_be_loaded_again(self):
        answer, complaint = self._send()
        self.assertEqual([step.status_code for step in answer.history], [303])
        again = self.url_open(answer.url)
        self.assertIn(complaint.name, again.text)
        self.assertNotIn(complaint.access_token, f"{answer.url}{again.text}")
        self.assertFalse(self.env["customer.complaint"].search([("id", ">", complaint.id)]))

    def test_the_thank_you_page_cannot_be_forged(self):
        address, key = self._send()[0].url.rsplit("/", 1)
        changed = key[:-6] + ("AAAAAA" if key[-6:] != "AAAAAA" else "BBBBBB")
        for name, wrong in (("another", changed), ("half", key[:20]), ("none", "x"), ("odd", "ä")):
            with self.subTest(name), mute_logger("odoo.http"):
                self.assertEqual(self.url_open(f"{address}/{wrong}").status_code, 404)
        with freeze_time(fields.Datetime.now() + timedelta(days=2)), mute_logger("odoo.http"):
            self.assertEqual(self.url_open(f"{address}/{key}").status_code, 404)

    def _log_in_customer(self):
        user = new_test_user(self.env, "cf_li_form", groups="base.group_portal")
        user.partner_id = self.customer
        self.authenticate("cf_li_form", "cf_li_form")

    def test_a_logged_in_customer_may_use_a_disabled_form(self):
        self.company.customer_form_on = False
        self._log_in_customer()
        self.assertIn(f"/complaint/{self.company.id}", self.url_open("/my/complaints").text)
        page = self.url_open(f"/complaint/{self.company.id}").text
        self.assertIn(f'value="{EMAIL}"', page)
        self.assertIn(f'value="{self.customer.name}"', page)
        answer, complaint = self._send(email="elsewhere@example.com")
        self.assertEqual(complaint.partner_id, self.customer)
        self.assertEqual(
            complaint.channel_id, self.env.ref("customer_followup.customer_channel_portal")
        )
        self.assertIn("/my/complaints", answer.text)
        self.assertIn(complaint.name, self.url_open("/my/complaints").text)
        self.assertEqual(self._letters(complaint).recipient_ids, self.customer)

    def test_a_logged_in_customer_needs_no_address(self):
        self._log_in_customer()
        self.assertEqual(self._send(email="", phone="")[1].partner_id, self.customer)

    def test_a_customer_complains_only_to_their_own_company(self):
        self._make_second_company()
        self._log_in_customer()
        with mute_logger("odoo.http"):
            page = self.url_open(f"/complaint/{self.other_company.id}")
        self.assertEqual(page.status_code, 404)
        self.other_company.customer_form_on = True
        page = self.url_open(f"/complaint/{self.other_company.id}")
        self.assertNotIn(EMAIL, page.text)

    def test_a_colleague_at_the_form_writes_for_a_customer(self):
        self.authenticate("cf_agent", "cf_agent")
        complaint = self._send(email=EMAIL)[1]
        self.assertEqual(complaint.partner_id, self.customer)
        self.company.customer_form_on = False
        with mute_logger("odoo.http"):
            self.assertEqual(self.url_open("/complaint").status_code, 404)

    def test_what_is_missing_is_asked_for_and_nothing_typed_is_lost(self):
        for vals in (
            {"title": "", "description": ""},
            {"email": "", "phone": ""},
            {"email": "wang"},
            {"consent": ""},
        ):
            with self.subTest(vals=vals):
                answer, complaint = self._send(**vals)
                self.assertFalse(complaint)
                self.assertIn('role="alert"', answer.text)
                self.assertIn('value="Wang Wei"', answer.text)
                self.assertNotIn("<script>alert", answer.text)

    def test_only_what_the_form_asks_for_is_taken(self):
        _answer, complaint = self._send(
            verdict="malicious", user_id=self.admin.id, partner_id=self.customer.id, wish="gold"
        )
        self.assertFalse(complaint.verdict)
        self.assertFalse(complaint.partner_id)
        self.assertFalse(complaint.remedy_asked)
        self.assertNotEqual(complaint.user_id, self.admin)

    def test_files_are_kept_or_refused(self):
        files = [
            ("files", ("photo.png", PIXEL, "image/png")),
            ("files", ("run.png", b"MZ\x90\x00 program" * 9, "image/png")),
        ]
        answer, complaint = self._send(files=files)
        self.assertEqual(complaint.evidence_ids.mapped("name"), ["photo.png"])
        self.assertIn("run.png", answer.text)

    def test_a_bot_is_thanked_but_creates_nothing(self):
        answer, complaint = self._send(website="http://spam.example.com")
        self.assertFalse(complaint)
        self.assertEqual(answer.status_code, 200)

    def test_malformed_requests_cause_no_server_error(self):
        for files, vals in (
            ({"name": ("a.txt", b"x", "text/plain")}, {}),
            ({"website": ("a.txt", b"x", "text/plain")}, {}),
            (None, {"email": "li\x00@example.com"}),
            (None, {"description": "It\x00 rattles"}),
        ):
            with self.subTest(files=files, vals=vals):
                answer, _made = self._send(files=files, **vals)
                self.assertEqual(answer.status_code, 200)

    def test_a_form_from_elsewhere_is_refused(self):
        with mute_logger("odoo.http"):
            answer = self.url_open("/complaint", data=self.form)
        self.assertEqual(answer.status_code, 400)

    def test_one_address_and_all_together_are_limited(self):
        self.company.customer_form_day = 1
        self.assertTrue(self._send()[1])
        answer, complaint = self._send(email="other@example.com")
        self.assertEqual(answer.status_code, 429)
        self.assertFalse(complaint)
        self.company.write({"customer_form_day": 99, "customer_form_hour": 2})
        self.assertEqual(self._send()[0].status_code, 429)

    def test_counters_identify_no_one_and_are_deleted_after_days(self):
        self._send()
        counters = self.env["customer.intake.counter"].search([])
        for digest in counters.mapped("digest"):
            self.assertRegex(digest, r"^[0-9a-f]{32}$")
        counters.date = fields.Datetime.now() - timedelta(days=3)
        counters._gc_counters()
        self.assertFalse(counters.exists())

    def test_a_new_consent_text_is_a_new_version(self):
        before = self.company.customer_consent_version
        self.company.customer_consent_text = "Something else"
        self.company.customer_consent_text = "Something else"
        self.assertEqual(self.company.customer_consent_version, before + 1)

    def test_a_company_has_its_own_form(self):
        self._make_second_company()
        self.other_company.write(
            {"customer_form_on": True, "customer_form_team_id": self.other_team.id}
        )
        page = self.url_open(f"/complaint/{self.other_company.id}")
        token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
        self.url_open(
            f"/complaint/{self.other_company.id}", data={**self.form, "csrf_token": token}
        )
        complaint = self.env["customer.complaint"].search(
            [("company_id", "=", self.other_company.id)]
        )
        self.assertEqual(complaint.team_id, self.other_team)
        self.assertEqual(complaint.user_id, self.other_agent)
        self.assertFalse(complaint.with_user(self.agent).has_access("read"))
