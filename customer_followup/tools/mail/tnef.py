"""What a winmail.dat contains: the text and the files of an e-mail of Outlook (MS-OXTNEF)."""

import struct
from contextlib import suppress
from dataclasses import dataclass, field

from . import rtf
from .charset import decode

_SIGNATURE = 0x223E9F78
_BODY, _PROPERTIES, _CODEPAGE = 0x0002800C, 0x00069003, 0x00069007
_SUBJECT = 0x00018004
_TEXTS = {_SUBJECT: "subject", _BODY: "text"}
# Of an attachment: its beginning, name, content and properties.
_BEGIN, _TITLE, _DATA, _MORE = 0x00069002, 0x00018010, 0x0006800F, 0x00069005
_PLAIN, _RTF, _HTML = 0x1000, 0x1009, 0x1013
_NAME, _LONG_NAME, _CONTENT, _CONTENT_ID = 0x3001, 0x3707, 0x3701, 0x3712
_TEXT, _UNICODE, _OBJECT, _BINARY = 0x001E, 0x001F, 0x000D, 0x0102
_SIZES = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 10: 4, 11: 4, 20: 8, 64: 8, 72: 16}
_MAX_FILES, _MAX_VALUES, _MAX_DEPTH = 200, 100_000, 3


@dataclass
class Unpacked:
    """The text and the files of a winmail.dat.

    :param files: ``[(name, bytes, content id or None)]``
    """

    subject: str = ""
    text: str = ""
    html: str = ""
    files: list = field(default_factory=list)


def unpack(content, depth=0):
    """Return what a winmail.dat contains, or ``None`` if it cannot be read.

    >>> unpack(b"") is None, unpack(b"x" * 100) is None
    (True, True)
    """
    if len(content) < 6 or struct.unpack_from("<I", content)[0] != _SIGNATURE:
        return None
    result, files = Unpacked(), []
    # What was read before a broken place is kept.
    with suppress(struct.error, ValueError, IndexError):
        _read(content, result, files)
    _add_files(result, files, depth)
    return result


def _read(content, result, files):
    codepage = "cp1252"
    for name, value in _attributes(content):
        if name == _CODEPAGE and len(value) >= 4:
            codepage = f"cp{struct.unpack_from('<I', value)[0]}"
        elif name == _PROPERTIES:
            _read_properties(result, value, codepage)
        elif name == _BEGIN and len(files) < _MAX_FILES:
            files.append({})
        elif name in _TEXTS:
            setattr(result, _TEXTS[name], _text(value, codepage))
        elif files:
            _read_file(files[-1], name, value, codepage)


def _attributes(content):
    at = 6
    while at + 9 <= len(content):
        name, length = struct.unpack_from("<II", content, at + 1)
        if at + 9 + length > len(content):
            return
        yield name, content[at + 9 : at + 9 + length]
        at += 9 + length + 2


def _text(value, codepage):
    return decode(value.split(b"\0")[0], codepage)


def _read_properties(result, value, codepage):
    packed = b""
    for name, kind, content in _properties(value):
        if name == _PLAIN:
            result.text = _as_text(kind, content, codepage) or result.text
        elif name == _HTML:
            result.html = decode(content.rstrip(b"\0"), codepage)
        elif name == _RTF:
            packed = content
    if packed and not (result.text or result.html):
        result.text = rtf.plain_text(rtf.decompress(packed))


def _read_file(file, name, value, codepage):
    if name == _TITLE:
        file.setdefault("name", _text(value, codepage))
    elif name == _DATA:
        file["content"] = value
    elif name == _MORE:
        for number, kind, content in _properties(value):
            if number in (_LONG_NAME, _NAME, _CONTENT_ID):
                file[number] = _as_text(kind, content, codepage)
            elif number == _CONTENT:
                # An object begins with the number of its interface.
                file[number] = content[16:] if kind == _OBJECT else content


def _add_files(result, files, depth):
    for number, file in enumerate(files, 1):
        name = file.get(_LONG_NAME) or file.get("name") or file.get(_NAME) or f"file {number}"
        content = file.get("content") or file.get(_CONTENT) or b""
        # A message within the message.
        inner = unpack(content, depth + 1) if depth < _MAX_DEPTH else None
        if inner:
            result.files += inner.files
            result.text = "\n\n".join(filter(None, [result.text, inner.text]))
        elif content:
            result.files.append((name, content, file.get(_CONTENT_ID) or None))
    del result.files[_MAX_FILES:]


def _as_text(kind, content, codepage):
    if kind == _UNICODE:
        return decode(content, "utf-16-le").rstrip("\0")
    return _text(content, codepage)


def _properties(value):
    """Yield number, type and first value of each property of MAPI."""
    [count], at = struct.unpack_from("<I", value), 4
    for _number in range(min(count, _MAX_VALUES)):
        kind, name = struct.unpack_from("<HH", value, at)
        at += 4
        if name >= 0x8000:
            at = _skip_name(value, at)
        values, at = _values(value, kind, at)
        yield name, kind & 0x0FFF, values[0] if values else b""


def _skip_name(value, at):
    [is_text] = struct.unpack_from("<I", value, at + 16)
    [length] = struct.unpack_from("<I", value, at + 20)
    return at + 24 + (_padded(length) if is_text else 0)


def _values(value, kind, at):
    is_many, base = kind & 0x1000, kind & 0x0FFF
    is_long = base in (_TEXT, _UNICODE, _OBJECT, _BINARY)
    count = 1
    if is_many or is_long:
        [count] = struct.unpack_from("<I", value, at)
        at += 4
    found = []
    for _number in range(min(count, _MAX_VALUES)):
        if is_long:
            [length] = struct.unpack_from("<I", value, at)
            at += 4
        else:
            length = _SIZES.get(base, 4)
        if at + length > len(value):
            raise ValueError
        found.append(value[at : at + length])
        at += _padded(length)
    return found, at


def _padded(length):
    return -(-length // 4) * 4
