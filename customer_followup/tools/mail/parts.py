"""The parts of an e-mail: what is packed in them, and which of them a person attached."""

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from urllib.parse import quote

from . import signed, tnef
from .decoding import as_bytes, header_text, own_parts, raw_header
from .depth import shallow

_OUTLOOK = {"application/ms-tnef", "application/vnd.ms-tnef"}
_SIGNED = {"application/pkcs7-mime", "application/x-pkcs7-mime"}
# What mail programs add or wrap an e-mail in: no person chose these files.
_TECHNICAL = frozenset(
    {
        *_OUTLOOK,
        *_SIGNED,
        *("application/pkcs7-signature", "application/x-pkcs7-signature"),
        *("application/pgp-signature", "application/pgp-encrypted", "application/pgp-keys"),
        *("message/delivery-status", "message/disposition-notification", "text/rfc822-headers"),
        *("text/vnd.google.email-reaction+json", "application/applefile"),
    }
)
_TECHNICAL_NAME = re.compile(r"winmail\.dat|smime\.p7[ms]|(?:signature|openpgp\w*)\.asc", re.I)
_MARK = "part-%s@customer-followup"
_MAX_DEPTH, _MAX_PARTS, _MAX_NAME = 3, 500, 100
# Pictures of signatures are small; a photo is not.
MAX_DECORATION = 5_000


@dataclass(frozen=True)
class File:
    """A part of an e-mail that is kept as a file.

    :param is_technical: whether a mail program added it
    :param is_attached: whether its sender attached it, instead of showing it within the text
    :param cid: the name by which the text may show it, or ``None``
    """

    is_technical: bool
    is_attached: bool
    cid: str | None = None


def unpack(message, depth=0):
    """Add the parts that are packed in parts of an e-mail, such as winmail.dat, to the e-mail."""
    if depth < _MAX_DEPTH:
        for part in list(own_parts(message))[:_MAX_PARTS]:
            _unpack_part(message, part, depth)
    return message


def _unpack_part(message, part, depth):
    kind = _kind(part)
    if kind == "message/rfc822" and part.is_multipart():
        _unpack_attached(message, part, depth)
    elif part.is_multipart():
        return
    elif kind in _OUTLOOK or _is_named(part, "winmail.dat"):
        _unpack_outlook(message, part)
    elif kind in _SIGNED or _is_named(part, "smime.p7m"):
        _unpack_signed(message, part, depth)


def mark(message):
    """Give each file of an e-mail a name and an identity; return ``{identity: File}``."""
    found = {}
    for number, (part, is_choice) in enumerate(_files(message)):
        if not part.get_filename():
            _name_file(part)
        given = (part.get("Content-Id") or "").strip(" <>")
        identity = given or _MARK % number
        if not given:
            part["Content-Id"] = f"<{identity}>"
        found[identity] = File(
            is_technical=is_choice
            or _kind(part) in _TECHNICAL
            or bool(_TECHNICAL_NAME.fullmatch(part.get_filename() or "")),
            is_attached=not given or part.get_content_disposition() == "attachment",
            cid=given or None,
        )
    return found


def is_decoration(file, content, text):
    """Return whether a file is a picture such as the logo of a signature.

    >>> logo = File(is_technical=False, is_attached=False, cid="a@b")
    >>> is_decoration(logo, b"x", '<img src="cid:a@b">'), is_decoration(logo, b"x", "no picture")
    (True, False)

    :param text: the text of the e-mail, as HTML
    """
    if file is None or file.is_attached or not file.cid:
        return False
    return len(content) <= MAX_DECORATION and f"cid:{file.cid}" in text


def _files(message):
    """Yield each part of an e-mail that is a file, and whether it only repeats the text."""
    for part in message.walk():
        is_choice = part.get_content_type() == "multipart/alternative"
        parts = part.get_payload() if part.get_content_maintype() == "multipart" else ()
        for one in parts if isinstance(parts, list) else ():
            if _is_file(one):
                yield one, is_choice and one.get_content_maintype() != "image"
    if message.get_content_maintype() != "multipart" and _is_file(message):
        yield message, False


def _is_file(part):
    if part.get_content_maintype() == "multipart":
        return False
    is_text = part.get_content_type() in ("text/plain", "text/html")
    return not is_text or bool(
        part.get_filename() or part.get_content_disposition() == "attachment"
    )


def _kind(part):
    return (part.get("X-Content-Type") or part.get_content_type()).lower()


def _is_named(part, name):
    return (part.get_filename() or "").lower() == name


def _name_file(part):
    name = "attachment"
    if _kind(part) == "message/rfc822" and part.is_multipart():
        subject = " ".join(header_text(part.get_payload(0).get("Subject") or "").split())
        name = f"{subject[:_MAX_NAME]}.eml" if subject else "attachment.eml"
    elif part.get_content_maintype() in ("image", "audio", "video"):
        name = f"{part.get_content_maintype()}.{part.get_content_subtype()}"
    kind = part.get_content_disposition() or "attachment"
    del part["Content-Disposition"]
    part["Content-Disposition"] = f"{kind}; filename*=utf-8''{quote(name, safe='')}"


def _unpack_outlook(message, part):
    found = tnef.unpack(part.get_payload(decode=True) or b"")
    if not found:
        return
    parts = [] if _has_text(message) else _text_parts(found, message.policy)
    for name, content, identity in found.files:
        file = EmailMessage(message.policy)
        file.set_content(content, maintype="application", subtype="octet-stream")
        file["Content-Disposition"] = f"attachment; filename*=utf-8''{quote(name, safe='')}"
        if identity:
            file["Content-Id"] = f"<{''.join(identity.split()).strip('<>')}>"
        parts.append(file)
    if found.subject and not message.get("Subject"):
        message.set_raw("Subject", " ".join(found.subject.split()))
    _put_before(part, parts)


def _text_parts(found, policy):
    text = EmailMessage(policy)
    if found.html:
        text.set_content(found.html, subtype="html", charset="utf-8", cte="base64")
    elif found.text.strip():
        text.set_content(found.text, charset="utf-8", cte="base64")
    return [text] if text.get_content_type() and text.get_payload() else []


def _has_text(message):
    for part in own_parts(message):
        if part.get_content_type() in ("text/plain", "text/html") and not part.get_filename():
            content = part.get_payload(decode=True) or b""
            if re.sub(rb"<[^<>]*>|&nbsp;|\s", b"", content):
                return True
    return False


def _unpack_signed(message, part, depth):
    content = signed.content_of(part.get_payload(decode=True) or b"")
    if content:
        inner = message_from_bytes(shallow(content), policy=message.policy)
        _put_before(part, [unpack(inner, depth + 1)])


def _unpack_attached(message, part, depth):
    """Keep an attached e-mail as a file, beside its files; its text counts if there is no other."""
    inner = part.get_payload(0)
    if not part.get_filename():
        _name_file(part)
    content = as_bytes(inner)
    inner = unpack(inner, depth + 1)
    parts = [one for one, _is_choice in _files(inner)] if _has_text(message) else [inner]
    disposition = raw_header(part, "Content-Disposition")
    part.set_payload([])
    file = EmailMessage(part.policy)
    file.set_content(content, maintype="application", subtype="octet-stream")
    file.set_raw("X-Content-Type", "message/rfc822")
    file.set_raw("Content-Disposition", disposition)
    for name in ("Content-Type", "Content-Transfer-Encoding", "Content-Disposition"):
        del part[name]
    part.set_raw("Content-Type", 'multipart/mixed; boundary="unpacked"')
    part.set_payload([*parts, file])


def _put_before(part, parts):
    """Make a part a container of other parts and of what it was."""
    if not parts:
        return
    original = EmailMessage(part.policy)
    for name in ("Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "Content-Id"):
        for key, value in part.raw_items():
            if key.lower() == name.lower():
                original.set_raw(name, value)
        del part[name]
    original.set_payload(part.get_payload())
    part.set_raw("Content-Type", 'multipart/mixed; boundary="unpacked"')
    part.set_payload([*parts, original])
