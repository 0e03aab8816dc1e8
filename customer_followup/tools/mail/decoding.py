"""A readable copy of an e-mail: its headers, file names and texts without what others fail on."""

import base64
import copy
import re
from binascii import Error
from email.errors import MessageError
from urllib.parse import quote, unquote_to_bytes

from .charset import clean, decode

_WORD = re.compile(r"=\?([^?\s]*)\?([bBqQ])\?([^?]*)\?=")
# Words of one text, cut between them even within a character.
_ONE_WORD = r"=\?[^?\s]*\?[bBqQ]\?[^?]*\?="
_WORDS = re.compile(rf"{_ONE_WORD}(?:\s+{_ONE_WORD})*")
_EXTENDED = re.compile(
    r"""(?P<key>filename|name)\*(?P<count>\d+)?(?P<mark>\*)?\s*=\s*(?P<value>"[^"]*"|[^;\s]+)""",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"""(?:^|[;\s])(?:filename|name)\s*=\s*("[^"]*"|[^;]+)""", re.IGNORECASE)
# Longer headers are cut, because reading them takes long.
_MAX_HEADER = 50_000
_MAX_NAME = 200
# With bounds: without them an odd header takes minutes.
_ADDRESS = re.compile(r"(?<![\w.+=-])[\w.+=-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,9}")
# What the standard library raises for headers and parts that follow no rule.
_FAILURES = (AttributeError, IndexError, KeyError, LookupError, TypeError, ValueError, MessageError)


def own_parts(message):
    """Yield the parts of an e-mail, without the parts of e-mails that are attached to it."""
    yield message
    is_container = message.get_content_maintype() == "multipart" and message.is_multipart()
    for part in message.get_payload() if is_container else ():
        yield from own_parts(part)


def readable(message, with_texts=True):
    """Return a copy of an e-mail that can be read without errors and losses.

    Headers and texts are in UTF-8 and have no NUL; a file keeps its bytes.

    :param with_texts: ``False`` if only headers will be read
    """
    result = copy.deepcopy(message)
    hint = next(filter(None, map(_charset, result.walk())), None)
    for part in result.walk():
        _clean_headers(part, hint)
        _clean_name(part, hint)
        if with_texts:
            _clean_content(part, hint)
    return result


def as_bytes(message):
    """Return an e-mail as it came, as far as its program kept to the rules."""
    try:
        return message.as_bytes(policy=message.policy.clone(refold_source="none"))
    except _FAILURES:
        return _written(message).encode("utf-8", "surrogateescape")


def _written(message):
    lines = [f"{name}: {value}" for name, value in message.raw_items()]
    payload = message.get_payload()
    if isinstance(payload, list):
        boundary = re.search(r'boundary\s*=\s*"?([^";\s]+)', raw_header(message, "Content-Type"))
        for part in payload:
            lines += ["", f"--{boundary[1]}" if boundary else "", _written(part)]
    else:
        lines += ["", payload or ""]
    return "\r\n".join(lines)


def header(value, hint=None):
    """Return a header in UTF-8, with its encoded words and without control characters.

    >>> header("=?gb2312?B?1uzpRrv5?=")
    '=?utf-8?b?5pyx6ZWV5Z+6?='
    >>> header("=?utf-8?Q?a=00b?= <li@example.com>")
    '=?utf-8?b?YWI=?= <li@example.com>'
    >>> header("Gr\\udcf6\\udcdfe"), header("a\\x00b")
    ('Größe', 'ab')
    """
    raw = str(value)[:_MAX_HEADER].encode("utf-8", "surrogateescape")
    text = decode(raw, hint=hint) if re.search(rb"[\x80-\xff]", raw) else raw.decode()
    return _WORDS.sub(lambda words: _encoded(words[0]), clean(text))


def header_text(value, hint=None):
    """Return a header as text, with its encoded words decoded.

    >>> header_text("=?gb2312?B?1uzpRrv5?= ok")
    '朱镕基 ok'
    """
    return _WORDS.sub(lambda words: _decoded(words[0]), header(value, hint))


def _encoded(words):
    """Return neighbouring encoded words in UTF-8; as they are if they cannot be read."""
    found, last = [], None
    try:
        for charset, way, text in _WORD.findall(words):
            content = _base64(text) if way in "bB" else _quoted(text)
            charset = charset.split("*")[0].lower()
            if charset == last:
                found[-1][1] += content
            else:
                found.append([charset, bytearray(content)])
            last = charset
    except (ValueError, Error):
        return words
    whole = "".join(decode(bytes(content), charset) for charset, content in found)
    whole = " ".join(whole.splitlines())
    return f"=?utf-8?b?{base64.b64encode(whole.encode()).decode()}?=" if whole else ""


def _base64(text):
    text = re.sub(r"[^A-Za-z0-9+/]", "", text)
    # A single last character holds no byte.
    text = text[:-1] if len(text) % 4 == 1 else text
    return base64.b64decode(text + "=" * (-len(text) % 4))


def _quoted(text):
    content = text.replace("_", " ").encode("utf-8", "surrogateescape")
    return re.sub(rb"=([0-9A-Fa-f]{2})", lambda code: bytes((int(code[1], 16),)), content)


def _clean_headers(part, hint):
    raw = list(part.raw_items())
    cleaned = [(clean(name), header(value, hint)) for name, value in raw]
    if cleaned != raw:
        for name in {name for name, _value in raw}:
            del part[name]
        for name, value in cleaned:
            part.set_raw(name, value)
    for name in {name for name, _value in cleaned}:
        try:
            part.get_all(name)
        except _FAILURES:
            plain = ", ".join(_ADDRESS.findall(raw_header(part, name)))
            del part[name]
            part.set_raw(name, plain)


def _clean_name(part, hint):
    """Give a file its name in UTF-8, where the name uses another character set."""
    raw = raw_header(part, "Content-Disposition")
    found = _name(raw, hint) or _name(raw_header(part, "Content-Type"), hint)
    if not found:
        found = _name_of_picture(part)
    try:
        is_same = not found or part.get_filename() == found
    except (ValueError, LookupError, TypeError, AttributeError):
        is_same = False
    if not is_same:
        kind = re.split(r"[;\s]", raw.strip())[0] or "attachment"
        del part["Content-Disposition"]
        part.set_raw("Content-Disposition", f"{kind}; filename*=utf-8''{quote(found, safe='')}")


def _name(raw, hint):
    """Return the name of a file by a header, or ``None``.

    >>> _name("attachment; filename*=us-ascii''Pr%F6fung.png", None)
    'Pröfung.png'
    >>> _name("attachment; filename*0*=utf-8''a%00; filename*1*=b.png", None)
    'ab.png'
    >>> _name('attachment; filename="=?utf-8?b?YWI=?="', None)
    'ab'
    """
    pieces = sorted(_EXTENDED.finditer(raw), key=lambda one: int(one["count"] or 0))
    if pieces:
        found = _extended(pieces, hint)
    else:
        plain = _PLAIN.search(raw)
        text = plain[1].strip().strip('"') if plain else ""
        found = _WORDS.sub(lambda words: _decoded(words[0]), text)
    return " ".join(clean(found).split())[:_MAX_NAME] or None


def _extended(pieces, hint):
    content, charset = b"", None
    for number, piece in enumerate(pieces):
        value = piece["value"].strip('"')
        is_coded = piece["mark"] or piece["count"] is None
        if is_coded and not number and value.count("'") >= 2:
            charset, _language, value = value.split("'", 2)
        text = value.encode("utf-8", "surrogateescape")
        content += unquote_to_bytes(text) if is_coded else text
    return decode(content, charset, hint)


def _decoded(words):
    encoded = _WORD.match(_encoded(words))
    return _base64(encoded[3]).decode() if encoded and encoded[1] == "utf-8" else words


def _name_of_picture(part):
    """Return a name for a picture that a text shows, without which it would be lost to the text."""
    has_id = part.get("Content-Id") and part.get_content_maintype() == "image"
    return f"image.{part.get_content_subtype()}" if has_id else None


def raw_header(part, name):
    """Return a header of a part as it is written, on one line."""
    values = (str(value) for key, value in part.raw_items() if key.lower() == name.lower())
    return re.sub(r"\r?\n[ \t]*", " ", next(values, ""))


def _charset(part):
    if part.get_content_maintype() != "text":
        return None
    named = re.search(r"charset\*?\s*=\s*[\"']?([\w.:-]+)", raw_header(part, "Content-Type"), re.I)
    return named[1] if named else None


def _clean_content(part, hint):
    main = part.get_content_maintype()
    if main == "multipart" and not part.is_multipart():
        # Its parts cannot be separated, but it can be read.
        _set(part, part.get_payload(decode=True) or b"", "text/plain")
        main = "text"
    if main == "text" and not part.is_multipart():
        _clean_text(part, hint)
    elif main != "multipart":
        try:
            part.get_content()
        except _FAILURES:
            content = as_bytes(part) if part.is_multipart() else part.get_payload(decode=True)
            kind = part.get_content_type()
            _set(part, content or b"", "application/octet-stream")
            part["X-Content-Type"] = kind


def _clean_text(part, hint):
    content = part.get_payload(decode=True) or b""
    if part.get_content_disposition() == "attachment" or part.get_filename():
        # Odoo would read it as text and replace what it cannot read.
        kind = part.get_content_type()
        _set(part, content, "application/octet-stream")
        part["X-Content-Type"] = kind
        return
    text = decode(content, _charset(part), hint)
    _set(part, text.encode(), f"{part.get_content_type()}; charset=utf-8")


def _set(part, content, kind):
    name = part.get_filename()
    for header_name in ("Content-Type", "Content-Transfer-Encoding"):
        del part[header_name]
    part.set_raw("Content-Type", kind)
    part.set_raw("Content-Transfer-Encoding", "base64")
    if name and not part.get_filename():
        # Only the type of the content named the file.
        del part["Content-Disposition"]
        part.set_raw("Content-Disposition", f"attachment; filename*=utf-8''{quote(name, safe='')}")
    part.set_payload(base64.encodebytes(content).decode())


def unreadable_texts(message):
    """Return the bytes of texts of which something could not be read, to be kept as they came."""
    found = []
    for part in own_parts(message):
        if part.get_content_maintype() == "text" and not part.is_multipart():
            content = part.get_payload(decode=True) or b""
            if "\ufffd" in decode(content, _charset(part)) and not part.get_filename():
                found.append(content)
    return found
