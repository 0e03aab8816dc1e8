"""Which kind of e-mail comes in: the one place that decides it."""

import re
from dataclasses import dataclass

from . import automatic, report
from .decoding import own_parts, readable
from .report import DELAY, FAILURE, RECEIPT, REFUSED

PERSON, LIST, AUTOMATIC = "person", "list", "automatic"
CALENDAR, REACTION = "calendar", "reaction"
# What these say was written by a person.
WRITTEN = frozenset({PERSON, LIST})
# What these say is about a message of ours and its delivery.
REPORTS = frozenset({FAILURE, REFUSED, DELAY, RECEIPT})
# Programs for calendars send these on their own when a meeting is accepted or declined.
_METHODS = {"reply", "refresh", "declinecounter"}
_GMAIL_REACTION = "text/vnd.google.email-reaction+json"
_COMMENT = re.compile(r"^COMMENT(?:;[^:\r\n]*)?:[ \t]*(?=[^\s\\])", re.MULTILINE)
# The class by which Outlook calls an answer to a meeting, a receipt and an out-of-office reply.
_CLASSES = {
    "ipm.schedule.meeting.resp": CALENDAR,
    "ipm.microsoft schedule.mtgresp": CALENDAR,
    "report.ipm.note.ipnrn": RECEIPT,
    "report.ipm.note.ipnnrn": RECEIPT,
    "ipm.note.rules.ooftemplate": AUTOMATIC,
    "ipm.note.rules.replytemplate": AUTOMATIC,
}


@dataclass(frozen=True)
class Kind:
    """The kind of an e-mail; for reports, what became of each recipient of our message.

    :param name: one of the names of this module
    :param recipients: each :class:`report.Recipient` of a report
    """

    name: str
    recipients: tuple = ()

    @property
    def is_written(self):
        """Whether a person wrote it."""
        return self.name in WRITTEN

    @property
    def is_report(self):
        """Whether it reports on the delivery of a message of ours."""
        return self.name in REPORTS


def kind_of(message):
    """Return the :class:`Kind` of an e-mail, an ``email.message.Message``.

    >>> from email import message_from_string
    >>> def name(text):
    ...     return kind_of(message_from_string(text)).name
    >>> name("Subject: Re: Hello\\n\\nThe brakes squeak")
    'person'
    >>> name("Subject: Re: Hello\\nList-Id: <office.example.com>\\n\\nThe brakes squeak")
    'list'
    >>> name("Subject: Automatische Antwort: Hello\\n\\nBack on Monday")
    'automatic'
    >>> name("Content-Type: multipart/report; report-type=disposition-notification\\n")
    'receipt'
    >>> name("Content-Type: text/calendar; method=REPLY\\n\\nBEGIN:VCALENDAR")
    'calendar'
    >>> name("From: MAILER-DAEMON@example.com\\n\\n<li@example.com>: 550 5.1.1 unknown user")
    'failure'
    """
    message = readable(message, with_texts=False)
    parts = list(own_parts(message))
    recipients = report.recipients(message, parts)
    if recipients:
        return Kind(report.worst(recipients), tuple(recipients))
    for name, is_kind in (
        (RECEIPT, report.is_receipt(message, parts)),
        (AUTOMATIC, message.get_content_type() == "multipart/report"),
        (REACTION, any(map(_is_reaction, parts))),
        (CALENDAR, any(map(_is_calendar_answer, parts))),
        (AUTOMATIC, automatic.is_automatic(message, _text(message.get("Subject")))),
        (LIST, automatic.is_list(message)),
    ):
        if is_kind:
            return Kind(name)
    return Kind(_outlook_kind(parts))


def _is_reaction(part):
    disposition = _text(part.get("Content-Disposition")).strip().lower()
    return part.get_content_type() == _GMAIL_REACTION or disposition.startswith("reaction")


def _is_calendar_answer(part):
    if part.get_content_type() != "text/calendar" or _is_attached(part):
        return False
    text = (part.get_payload(decode=True) or b"").decode("utf-8", "replace")
    method = re.search(r"^METHOD:\s*(\w+)", text, re.MULTILINE)
    method = method[1] if method else str(part.get_param("method") or "")
    # Who accepts may add words of their own.
    return method.lower() in _METHODS and not _COMMENT.search(text)


def _is_attached(part):
    return _text(part.get("Content-Disposition")).strip().lower().startswith("attachment")


def _outlook_kind(parts):
    for part in parts:
        if part.get_content_type() in ("application/ms-tnef", "application/vnd.ms-tnef"):
            content = (part.get_payload(decode=True) or b"")[:4096].lower()
            for name, kind in _CLASSES.items():
                if name.encode() in content:
                    return kind
    return PERSON


def _text(value):
    return str(value or "")
