"""The e-mail within a signed one of S/MIME (``smime.p7m``), without checking who signed it."""

_SIGNED = bytes.fromhex("06092a864886f70d010702")
_DATA = bytes.fromhex("06092a864886f70d010701")
_SEQUENCE, _OCTETS, _OCTETS_IN_PARTS, _EXPLICIT = 0x30, 0x04, 0x24, 0xA0
_MAX_DEPTH, _MAX_PARTS = 20, 100_000


def content_of(data):
    """Return the bytes that were signed; ``None`` if they are encrypted or cannot be read.

    >>> inner = b"\\x04\\x02hi"
    >>> def wrap(tag, *parts):
    ...     whole = b"".join(parts)
    ...     return bytes((tag, len(whole))) + whole
    >>> signed = wrap(0x30, _DATA, wrap(0xA0, inner))
    >>> signed = wrap(0x30, b"\\x02\\x01\\x01", wrap(0x31), signed, wrap(0x31))
    >>> content_of(wrap(0x30, _SIGNED, wrap(0xA0, signed)))
    b'hi'
    >>> content_of(b""), content_of(wrap(0x30, _DATA)), content_of(b"\\x30\\x80" * 99)
    (None, None, None)
    """
    try:
        outer = _children(data, 0)[0]
        kind, explicit = _children(outer[2], 1)[:2]
        if outer[0] != _SEQUENCE or kind[1] != _SIGNED or explicit[0] != _EXPLICIT:
            return None
        [signed] = _children(explicit[2], 2)
        _version, _digests, inner = _children(signed[2], 3)[:3]
        kind, explicit = _children(inner[2], 4)[:2]
        return _octets(explicit[2], 5) if kind[1] == _DATA else None
    except (IndexError, ValueError, TypeError):
        return None


def _octets(data, depth):
    """Return a string of bytes, which may come in parts."""
    found = b""
    for tag, _whole, content in _children(data, depth):
        found += _octets(content, depth + 1) if tag == _OCTETS_IN_PARTS else content
        if tag not in (_OCTETS, _OCTETS_IN_PARTS):
            raise ValueError
    return found


def _children(data, depth):
    """Return the values within a value of BER: ``[(tag, whole, content)]``."""
    found, at = [], 0
    while at < len(data) and len(found) < _MAX_PARTS:
        if data[at : at + 2] == b"\0\0":
            break
        end, start, stop = _extent(data, at, depth)
        found.append((data[at], data[at:end], data[start:stop]))
        at = end
    return found


def _extent(data, at, depth):
    """Return the end of a value, and the start and the end of its content."""
    if depth > _MAX_DEPTH or data[at] & 0x1F == 0x1F:
        raise ValueError
    length, start = data[at + 1], at + 2
    if length == 0x80:
        stop = start
        while data[stop : stop + 2] != b"\0\0":
            stop = _extent(data, stop, depth + 1)[0]
        return stop + 2, start, stop
    if length & 0x80:
        size = length & 0x7F
        if size > 4:
            raise ValueError
        length, start = int.from_bytes(data[start : start + size], "big"), start + size
    if start + length > len(data):
        raise ValueError
    return start + length, start, start + length
