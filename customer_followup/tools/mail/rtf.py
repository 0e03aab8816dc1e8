"""The text of RTF, in which Outlook keeps the text of an e-mail, also if it is compressed."""

import re
import struct
from contextlib import suppress

from .charset import clean, decode

_TOKEN = re.compile(
    r"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z'])|([{}])|[\r\n]+"
    r"|([^\\{}\r\n]+)"
)
# Groups that hold settings and not text.
_WORDS = """
    fonttbl colortbl stylesheet info pict header footer generator themedata
    datastore listtable listoverridetable rsidtbl xmlnstbl latentstyles mmathPr
    fldinst
"""
_SETTINGS = frozenset(_WORDS.split())
_BREAKS = {"par": "\n", "line": "\n", "tab": "\t", "row": "\n", "cell": "\t", "sect": "\n"}
_SIGNS = {"emdash": "—", "endash": "–", "bullet": "•", "lquote": "‘", "rquote": "’"} | {
    "ldblquote": "“",
    "rdblquote": "”",
}
_MAX_DEPTH = 200
_MAX_RTF, _WINDOW = 20_000_000, 4096
# What programs take as written before.
_RTF_START = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
    b"\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0"
    b"\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)


def plain_text(content):
    r"""Return the text of RTF, without its formats.

    >>> plain_text(rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}\pard It\'e9\par rattles\u8364?}")
    'Ité\nrattles€'
    >>> plain_text(rb"{\ansicpg936 \'c4\'e3{\*\htmltag84 <br>}\htmlrtf x\htmlrtf0 !}")
    '你!'
    """
    reader = _Reader()
    for token in _TOKEN.finditer(content.decode("latin-1")):
        reader.take(token)
    return clean(reader.text()).strip()


class _Reader:
    """Reads RTF token by token."""

    def __init__(self):
        self._parts, self._bytes = [], bytearray()
        self._codepage, self._hidden, self._groups = "cp1252", False, []
        self._skipped, self._skip, self._starred = 1, 0, False

    def text(self):
        self._flush()
        return "".join(self._parts)

    def take(self, token):
        word, number, code, sign, brace, text = token.groups()
        if brace:
            self._read_brace(brace)
        elif word:
            self._read_word(word, number)
        elif code:
            self._add_byte(int(code, 16))
        elif sign:
            self._read_sign(sign)
        elif text:
            self._starred = False
            self._add(text)

    def _read_brace(self, brace):
        self._flush()
        if brace == "{" and len(self._groups) < _MAX_DEPTH:
            self._groups.append((self._hidden, self._skipped))
        elif brace == "}" and self._groups:
            self._hidden, self._skipped = self._groups.pop()
        self._starred = False

    def _read_sign(self, sign):
        if sign == "*":
            self._starred = True
        else:
            self._add({"~": "\xa0", "_": "-", "-": ""}.get(sign, sign))

    def _read_word(self, word, number):
        if self._starred or word in _SETTINGS:
            self._hidden = True
        self._starred = False
        if word == "ansicpg" and number:
            self._codepage = f"cp{number}"
        elif word == "htmlrtf":
            # Formats for programs that do not read the HTML within.
            self._hidden = number != "0"
        elif word == "uc" and number:
            self._skipped = int(number)
        elif word == "u" and number:
            self._flush()
            self._add(chr(int(number) % 0x10000))
            self._skip = self._skipped
        else:
            self._add(_BREAKS.get(word) or _SIGNS.get(word) or "")

    def _add(self, text):
        if not text:
            return
        self._flush()
        cut = min(self._skip, len(text))
        self._skip -= cut
        if not self._hidden:
            self._parts.append(text[cut:])

    def _add_byte(self, byte):
        if self._skip:
            self._skip -= 1
        elif not self._hidden:
            self._bytes.append(byte)

    def _flush(self):
        if self._bytes:
            self._parts.append(decode(bytes(self._bytes), self._codepage))
            self._bytes.clear()


def decompress(content):
    r"""Return RTF that is compressed as MS-OXRTFCP says, as far as it can be read.

    >>> start, end = b"-\0\0\0+\0\0\0LZFu\xf1\xc5\xc7\xa7\x03\0\n\0", b"\x05\xb0ld}\n\x80\x0f\xa0"
    >>> decompress(start + b"rcpg125B2\n\xf3 hel\t\0 bw" + end)
    b'{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n'
    """
    if len(content) < 16:
        return b""
    _length, size, mark = struct.unpack_from("<II4s", content)
    if mark == b"MELA":
        return content[16 : 16 + size]
    result = bytearray()
    with suppress(IndexError):
        for byte in _decompressed(content):
            result.append(byte)
            if len(result) >= min(size, _MAX_RTF):
                break
    return bytes(result)


def _decompressed(content):
    """Yield the bytes that compressed ones stand for, until their end."""
    window, place = bytearray(_RTF_START.ljust(_WINDOW, b"\0")), len(_RTF_START)
    at, flags = 16, 1
    while True:
        if flags == 1:
            # The last bit says that all eight others were read.
            flags, at = content[at] | 0x100, at + 1
        if flags & 1:
            pair, at = content[at] << 8 | content[at + 1], at + 2
            start, length = pair >> 4, (pair & 15) + 2
            if start == place:
                return
        else:
            start, length = None, 1
        for step in range(length):
            byte = content[at] if start is None else window[(start + step) % _WINDOW]
            window[place] = byte
            place = (place + 1) % _WINDOW
            yield byte
        at += start is None
        flags >>= 1
