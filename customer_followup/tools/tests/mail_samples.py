"""Files as Outlook and programs for signatures make them."""

import struct


def _attribute(level, name, value):
    return struct.pack("<BII", level, name, len(value)) + value + struct.pack("<H", 0)


def _padded(value):
    return value + b"\0" * (-len(value) % 4)


def _property(name, kind, value):
    return struct.pack("<HHII", kind, name, 1, len(value)) + _padded(value)


def _properties(*rows):
    return struct.pack("<I", len(rows)) + b"".join(rows)


def outlook(text="", html="", packed=b"", files=()):
    """Return a winmail.dat."""
    rows = [struct.pack("<HHI", 3, 0x3FDE, 65001)]
    rows.append(
        struct.pack("<HH", 0x001E, 0x8001)
        + b"g" * 16
        + struct.pack("<II", 1, 5)
        + _padded(b"name\0")
        + struct.pack("<II", 1, 3)
        + _padded(b"ab\0")
    )
    if text:
        rows.append(_property(0x1000, 0x001F, text.encode("utf-16-le") + b"\0\0"))
    if html:
        rows.append(_property(0x1013, 0x0102, html.encode()))
    if packed:
        rows.append(_property(0x1009, 0x0102, packed))
    result = struct.pack("<IH", 0x223E9F78, 1)
    result += _attribute(1, 0x00069007, struct.pack("<II", 65001, 0))
    result += _attribute(1, 0x00069003, _properties(*rows))
    for name, content in files:
        result += _attribute(2, 0x00069002, b"\0" * 14)
        result += _attribute(2, 0x00018010, b"SHORT~1.PNG\0")
        result += _attribute(2, 0x0006800F, content)
        long_name = name.encode("utf-16-le") + b"\0\0"
        result += _attribute(2, 0x00069005, _properties(_property(0x3707, 0x001F, long_name)))
    return result


def sign(content, is_indefinite=False):
    """Return an smime.p7m with this content, as a signature wraps it."""

    def wrap(tag, *parts):
        whole = b"".join(parts)
        if is_indefinite and tag & 0x20:
            return bytes((tag, 0x80)) + whole + b"\0\0"
        return bytes((tag, 0x84)) + len(whole).to_bytes(4, "big") + whole

    data = wrap(0x24, wrap(0x04, content[:5]), wrap(0x04, content[5:]))
    data = data if is_indefinite else wrap(0x04, content)
    inner = wrap(0x30, bytes.fromhex("06092a864886f70d010701"), wrap(0xA0, data))
    body = wrap(0x30, b"\x02\x01\x01", wrap(0x31), inner, wrap(0x31))
    return wrap(0x30, bytes.fromhex("06092a864886f70d010702"), wrap(0xA0, body))
