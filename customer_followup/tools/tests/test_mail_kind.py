"""Which kind of e-mail comes in, by whole e-mails as programs send them."""

import unittest
from email import message_from_bytes, policy

from tools.mail.automatic import is_automatic_subject
from tools.mail.kind import kind_of


def _parse(text):
    return message_from_bytes(text.strip().encode(), policy=policy.SMTP)


def _mail(headers="", body="The brakes squeak", subject="Re: How are you?"):
    return _parse(f"From: li@example.com\nSubject: {subject}\n{headers}\n\n{body}")


def _report(kind, *blocks, sender="MAILER-DAEMON@mx.example.com"):
    fields = "\n\n".join(blocks)
    return _parse(
        f"""
From: {sender}
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type={kind}; boundary="b"

--b
Content-Type: text/plain

I could not deliver your message.
--b
Content-Type: message/{kind}

{fields}
--b
Content-Type: text/rfc822-headers

Message-Id: <1@garage.example.com>
--b--
"""
    )


def _status(*blocks):
    return _report("delivery-status", "Reporting-MTA: dns; mx.example.com", *blocks)


def _with_part(kind, content, disposition="inline"):
    return _mail(
        'Content-Type: multipart/mixed; boundary="b"',
        f"--b\nContent-Type: text/plain\n\nLi Na\n--b\nContent-Type: {kind}\n"
        f"Content-Disposition: {disposition}\n\n{content}\n--b--",
    )


class TestMailKind(unittest.TestCase):
    """The kind of e-mails."""

    def assertKind(self, message, name):
        self.assertEqual(kind_of(message).name, name)

    def test_a_person(self):
        for headers in (
            "",
            "Auto-Submitted: no",
            "X-Auto-Response-Suppress: DR, RN",
            "X-MS-Exchange-Organization-AuthAs: Internal",
            "Disposition-Notification-To: li@example.com",
            "Precedence: first-class",
        ):
            with self.subTest(headers):
                self.assertKind(_mail(headers), "person")

    def test_a_person_behind_a_list(self):
        for headers in (
            "List-Id: <office.example.com>",
            "Precedence: list",
            "List-Id: <a>\nX-Auto-Response-Suppress: All",
            "List-Id: <a>\nList-Post: <mailto:a@example.com>\nPrecedence: bulk",
        ):
            with self.subTest(headers):
                self.assertKind(_mail(headers), "list")

    def test_automatic_replies_by_their_headers(self):
        for headers in (
            "Auto-Submitted: auto-replied (vacation)",
            "Auto-Submitted: auto-generated",
            "X-Auto-Response-Suppress: All",
            "X-Auto-Response-Suppress: OOF, AutoReply",
            "X-AutoReply-From: li@example.com",
            "X-MS-Exchange-Inbox-Rules-Loop: li@example.com",
            "X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent",
            "X-Mailer: vacation 1.2",
            "Precedence: auto_reply",
            "Return-Path: <>",
            "List-Id: <a>\nAuto-Submitted: auto-replied",
        ):
            with self.subTest(headers):
                self.assertKind(_mail(headers), "automatic")

    def test_automatic_replies_by_their_subjects(self):
        for subject in (
            "Automatic reply: Hello",
            "Automatische Antwort: Hello",
            "Réponse automatique : Hello",
            "Respuesta automática: Hola",
            "Risposta automatica: Ciao",
            "Automatisch antwoord: Hallo",
            "Automatyczna odpowiedź: Cześć",
            "Автоматический ответ: Привет",
            "Out of Office Re: Hello",
            "Out of office",
            "自动回复：您好",
            "自动回复:您好",
            "自动回复 您好",
            "【自动回复】您好",
            "自動回覆: 您好",
            "自動応答: こんにちは",
            "자동 회신: 안녕하세요",
        ):
            with self.subTest(subject):
                self.assertTrue(is_automatic_subject(subject))
                self.assertKind(_mail(subject=subject), "automatic")

    def test_a_person_writes_about_automatic_replies_and_offices(self):
        for subject in (
            "Re: Automatic reply: Hello",
            "Out of office hours your door was closed",
            "Automatic replies are no help",
            "自动回复没有用",
            "Absence of a spare part",
            "Undeliverable parcel",
        ):
            with self.subTest(subject):
                self.assertKind(_mail(subject=subject), "person")

    def test_receipts(self):
        self.assertKind(
            _report(
                "disposition-notification",
                "Disposition: manual-action/MDN-sent-manually; displayed",
                sender="li@example.com",
            ),
            "receipt",
        )
        self.assertKind(_status("Final-Recipient: rfc822; li@a.com\nAction: delivered"), "receipt")

    def test_a_report_tells_whose_fault_it_is(self):
        for action, status, words, name in (
            ("failed", "5.1.1", "", "failure"),
            ("failed", "5.1.10", "", "failure"),
            ("failed", "5.2.1", "", "failure"),
            ("failed", "5.0.0", "smtp; 550 No such user", "failure"),
            ("delayed", "4.4.1", "", "delay"),
            ("failed", "4.4.7", "", "refused"),
            ("failed", "5.7.1", "", "refused"),
            ("failed", "5.1.0", "smtp; 550 5.7.1 listed at spamhaus", "refused"),
            ("failed", "5.2.2", "", "refused"),
            ("failed", "5.4.4", "", "refused"),
            ("failed", "5.1.8", "", "refused"),
            ("failed", "5.0.0", "smtp; 550 mailbox full", "refused"),
        ):
            with self.subTest(status=status, words=words):
                fields = f"Final-Recipient: rfc822; Li@a.com\nAction: {action}\nStatus: {status}"
                kind = kind_of(_status(f"{fields}\nDiagnostic-Code: {words}"))
                self.assertEqual(kind.name, name)
                self.assertEqual(kind.recipients[0].addresses, ("li@a.com",))

    def test_each_recipient_has_a_fate(self):
        kind = kind_of(
            _status(
                "Final-Recipient: rfc822; li@a.com\nAction: delayed\nStatus: 4.4.1",
                "Original-Recipient: rfc822; wang@a.com\nFinal-Recipient: rfc822; x@b.com\n"
                "Action: failed\nStatus: 5.1.1",
            )
        )
        self.assertEqual(kind.name, "failure")
        self.assertEqual(
            [(one.fate, one.addresses) for one in kind.recipients],
            [("delay", ("li@a.com",)), ("failure", ("wang@a.com", "x@b.com"))],
        )

    def test_a_report_in_words(self):
        for words, name in (
            ("<li@a.com>: 550 5.1.1 unknown user", "failure"),
            ("Sorry, no mailbox here by that name: li@a.com", "failure"),
            ("li@a.com: 554 5.7.1 your server is listed", "refused"),
            ("li@a.com: 552 mailbox full", "refused"),
            ("li@a.com: delivery is delayed, we will retry", "delay"),
        ):
            for sender, headers in (
                ("MAILER-DAEMON@mx.example.com", ""),
                ("postmaster@mx.example.com", "Return-Path: <>"),
            ):
                with self.subTest(words=words, sender=sender):
                    mail = f"From: {sender}\nSubject: failure notice\n{headers or 'X-A: 1'}\n\n"
                    kind = kind_of(_parse(mail + words))
                    self.assertEqual(kind.name, name)
                    self.assertEqual(kind.recipients[0].addresses, ("li@a.com",))

    def test_reports_of_other_kinds_change_nothing(self):
        self.assertKind(_report("feedback-report", "Feedback-Type: abuse"), "automatic")

    def test_an_attached_report_is_what_a_person_sends(self):
        inner = _status("Final-Recipient: rfc822; li@a.com\nAction: failed\nStatus: 5.1.1")
        text = inner.as_string().replace('"b"', '"i"').replace("--b", "--i")
        self.assertKind(_with_part("message/rfc822", text), "person")

    def test_answers_to_meetings(self):
        for kind, text, name in (
            ("text/calendar; method=REPLY", "BEGIN:VCALENDAR\nMETHOD:REPLY", "calendar"),
            ("text/calendar", "BEGIN:VCALENDAR\nMETHOD:REPLY\nCOMMENT:\n", "calendar"),
            ("text/calendar", "BEGIN:VCALENDAR\nMETHOD:REPLY\nCOMMENT:Too late\n", "person"),
            ("text/calendar; method=REQUEST", "BEGIN:VCALENDAR\nMETHOD:REQUEST", "person"),
            ("text/calendar; method=COUNTER", "BEGIN:VCALENDAR\nMETHOD:COUNTER", "person"),
        ):
            with self.subTest(kind=kind, text=text):
                self.assertKind(_with_part(kind, text), name)
        attached = _with_part("text/calendar", "METHOD:REPLY", "attachment; filename=a.ics")
        self.assertKind(attached, "person")

    def test_reactions(self):
        emoji = '{"version": 1, "emoji": "x"}'
        self.assertKind(_with_part("text/vnd.google.email-reaction+json", emoji), "reaction")
        self.assertKind(_with_part("text/plain; charset=utf-8", "x", "reaction"), "reaction")

    def test_outlook_names_its_kinds_in_its_own_format(self):
        for name, kind in (
            ("IPM.Schedule.Meeting.Resp.Pos", "calendar"),
            ("IPM.Note.Rules.OofTemplate.Microsoft", "automatic"),
            ("IPM.Note", "person"),
        ):
            with self.subTest(name):
                self.assertKind(_with_part("application/ms-tnef", name), kind)

    def test_strange_mails_have_a_kind(self):
        for text in (
            "Content-Type: multipart/report",
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n--b\n'
            "Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\nQQ==\n",
            "Content-Type: text/calendar; method*=utf-8''REPLY\n\nx",
            "Content-Type: nonsense\n\nx",
            "",
        ):
            with self.subTest(text):
                self.assertTrue(kind_of(_parse(text)).name)
