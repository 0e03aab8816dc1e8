"""Reports on the delivery of a message: what became of it, for whom, and whose fault it was."""

import re
from dataclasses import dataclass

FAILURE, REFUSED, DELAY, RECEIPT = "failure", "refused", "delay", "receipt"
# The first of these that a report says of any recipient is what the report is about.
_ORDER = (FAILURE, REFUSED, DELAY, RECEIPT)
_ACTIONS = {"delayed": DELAY, "delivered": RECEIPT, "relayed": RECEIPT, "expanded": RECEIPT}
_STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
_RECEIPT_TYPES = (
    "message/disposition-notification",
    "message/global-disposition-notification",
)
# Of 5.1.x, these two are about the address of the sender.
_OURS = ("5.1.7", "5.1.8")
_DISABLED = "5.2.1"
_ENHANCED = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")
_BASIC = re.compile(r"(?<![\d.])([45]\d\d)(?=[\s:-])")
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+")
_MAX_TEXT = 20_000
_MAX_RECIPIENTS = 100
_DAEMONS = {"mailer-daemon", "mail-daemon", "maildaemon", "mailerdaemon"}
_SYSTEMS = {"postmaster", "mailadmin", "mail-admin", "mailsystem", "noreply", "no-reply", ""}
_RETURNED = re.compile(
    r"undeliver|non[- ]?deliver|not delivered|could not be delivered|returned (?:mail|to sender)"
    r"|(?:mail|delivery|message).{0,20}(?:fail|status notification|delay)|failure notice"
    r"|unzustellbar|nicht zugestellt|zustellung fehl|non remis|non distribu|onbestelbaar"
    r"|no se puede entregar|no entregado|não entregue|impossibile recapitare|mancato recapito"
    r"|退信|退回|无法投递|無法傳遞|未送达|投递失败|配信不能|配信できません"
    r"|недоставлен|не доставлено",
    re.IGNORECASE,
)
_LATER = re.compile(
    r"\(delay\)|delayed|will (?:be )?retr|still trying|not yet been delivered|has not been deliver"
    r"|will keep trying|warning: (?:message|could not)|verzögert|retard|retras|延迟|延遲|遅延",
    re.IGNORECASE,
)
# The recipient's server takes the address, but not this message or our server.
_UNWILLING = re.compile(
    r"spam|blocked|block ?list|black ?list|blocklisted|reputation|policy|\bspf\b|dkim|dmarc|relay"
    r"|quota|mailbox (?:is )?full|full mailbox|too (?:large|big)|size limit|rate limit|too many"
    r"|time[d]? ?out|connection|greylist|grey-list|denied by|unauthenticated|virus",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Recipient:
    """What became of a message for one recipient.

    :param fate: one of the names of this module
    :param addresses: the addresses that may be meant, the one we wrote to first
    :param reason: what the server said
    :param is_exact: whether the addresses are named as recipients, not only found in a text
    """

    fate: str
    addresses: tuple = ()
    reason: str = ""
    is_exact: bool = False


def worst(recipients):
    """Return what a report is about: a failure if it names any."""
    return min((one.fate for one in recipients), key=_ORDER.index)


def fate(action, status, text):
    """Return what became of a message, by the fields of a report and the words of the server.

    Only a permanent failure of the mailbox is a failure of the address.

    >>> fate("failed", "5.1.1", ""), fate("failed", "5.2.1", ""), fate("failed", "", "No such user")
    ('failure', 'failure', 'failure')
    >>> fate("delayed", "5.1.1", ""), fate("delivered", "2.0.0", "")
    ('delay', 'receipt')

    A full mailbox, a server that refuses ours and one that never answers are none.

    >>> fate("failed", "5.2.2", ""), fate("failed", "5.7.1", ""), fate("failed", "4.4.7", "")
    ('refused', 'refused', 'refused')
    >>> fate("failed", "5.0.0", "550 5.7.26 unauthenticated"), fate("", "", "452 mailbox full")
    ('refused', 'refused')
    >>> fate("failed", "5.1.8", "sender address rejected"), fate("", "", "4.2.1 will retry")
    ('refused', 'delay')
    >>> fate("failed", "5.0.0", "smtp; 550 5.1.1 unknown user"), fate("failed", "5.0.0", "550 gone")
    ('failure', 'failure')
    """
    if action in _ACTIONS:
        return _ACTIONS[action]
    code = _code(status, text)
    if code.startswith("2"):
        return RECEIPT
    if not action and _LATER.search(text):
        return DELAY
    if code.startswith("4"):
        return REFUSED
    if code.startswith("5.1.") or code == _DISABLED:
        return REFUSED if code in _OURS else FAILURE
    is_general = code in ("", "5.0.0")
    return REFUSED if not is_general or _UNWILLING.search(text) else FAILURE


def _code(status, text):
    """Return the most exact status, such as 5.1.1: what the server said beats a general one."""
    given = _ENHANCED.search(status or "")
    said = _ENHANCED.search(text)
    code = given[1] if given else ""
    if said and (code in ("", "4.0.0", "5.0.0", "5.1.0") or said[1].startswith("5.7.")):
        return said[1]
    basic = _BASIC.search(text)
    return code or (f"{basic[1][0]}.0.0" if basic else "")


def recipients(message, parts):
    """Return each :class:`Recipient` of a report on delivery; none for other e-mails.

    :param parts: the parts of the message, without those of attached ones
    """
    found = []
    for part in parts:
        if part.get_content_type() in _STATUS_TYPES:
            found += [_recipient(block) for block in _blocks(part) if _is_recipient(block)]
    if found:
        return found[:_MAX_RECIPIENTS]
    if not _is_about_delivery(message) or is_receipt(message, parts):
        return []
    if not _is_returned(message, parts):
        return []
    return [_recipient_in_words(message, parts)]


def is_receipt(message, parts):
    """Return whether a program reports that a message was displayed, deleted or processed."""
    kind = str(message.get_param("report-type") or "").lower()
    is_report = message.get_content_type() == "multipart/report"
    types = {part.get_content_type() for part in parts}
    return (is_report and kind == "disposition-notification") or not types.isdisjoint(
        _RECEIPT_TYPES
    )


def _is_returned(message, parts):
    if _is_status_report(message, parts) or message.get("X-Failed-Recipients"):
        return True
    local, subject = _local_part(message), str(message.get("Subject") or "")
    is_null = str(message.get("Return-Path") or "").strip() == "<>"
    is_system = is_null or local in _SYSTEMS
    return local in _DAEMONS or (is_system and bool(_RETURNED.search(subject)))


def _is_about_delivery(message):
    """Return whether a report may be about delivery, unlike one on abuse or encryption."""
    kind = str(message.get_param("report-type") or "delivery-status").lower()
    return message.get_content_type() != "multipart/report" or kind == "delivery-status"


def _is_status_report(message, parts):
    types = {part.get_content_type() for part in parts}
    return message.get_content_type() == "multipart/report" or not types.isdisjoint(_STATUS_TYPES)


def _local_part(message):
    address = _ADDRESS.search(str(message.get("From") or ""))
    text = address[0] if address else str(message.get("From") or "")
    return text.split("@")[0].strip(" <>\"'").lower()


def _recipient_in_words(message, parts):
    said = next((_text_of(part) for part in parts if part.get_content_maintype() == "text"), "")
    named = str(message.get("X-Failed-Recipients") or "")
    subject = str(message.get("Subject") or "")
    addresses = _ADDRESS.findall(named) or _ADDRESS.findall(said)
    outcome = fate("", "", f"{subject}\n{said}")
    return Recipient(outcome, _unique(addresses), said.strip(), bool(named))


def _recipient(block):
    words = block.get("diagnostic-code", "")
    action = block.get("action", "").split()[:1]
    addresses = [
        address
        for name in ("original-recipient", "x-original-to", "final-recipient")
        for address in _ADDRESS.findall(block.get(name, ""))
    ]
    status = block.get("status", "")
    outcome = fate(action[0].lower() if action else "failed", status, words)
    reason = " ".join(filter(None, [status, words]))
    return Recipient(outcome, _unique(addresses), reason, bool(addresses))


def _is_recipient(block):
    return any(name in block for name in ("action", "final-recipient", "status"))


def _blocks(part):
    """Yield the groups of fields of a report, ``{name in lower case: value}``."""
    payload = part.get_payload()
    for one in payload if isinstance(payload, list) else ():
        fields = {name.lower(): str(value).strip() for name, value in one.raw_items()}
        if fields:
            yield fields
        rest = one.get_payload()
        if isinstance(rest, str):
            # Some programs send all groups as one text.
            yield from filter(None, map(_fields, re.split(r"\r?\n\s*\r?\n", rest[:_MAX_TEXT])))


def _fields(text):
    lines = re.sub(r"\r?\n[ \t]+", " ", text).splitlines()
    pairs = (line.split(":", 1) for line in lines if ":" in line)
    return {name.strip().lower(): value.strip() for name, value in pairs}


def _text_of(part):
    content = part.get_payload(decode=True) or b""
    return content[:_MAX_TEXT].decode("utf-8", "replace")


def _unique(addresses):
    return tuple(dict.fromkeys(one.lower().strip(".") for one in addresses))
