"""Text of e-mails from bytes, whatever character set they name.

Programs name a smaller character set than they use: *gb2312* for GBK, *iso-8859-1* for
Windows-1252. The larger one is read, then UTF-8, then a guess.
"""

import codecs
import re

# The largest character sets behind a name, in the order in which they are tried.
_SUPERSETS = {
    "gb18030": "gb2312 gbk gb18030 euc-cn gb-2312-80 x-gbk cp936 936 ms936 windows-936 gb chinese",
    "cp950 big5hkscs": "big5 big5-tw csbig5 x-x-big5 cp950 ms950 windows-950 big5-eten",
    "big5hkscs cp950": "big5-hkscs big5hkscs hkscs",
    "cp932 shift_jisx0213": "shift-jis shiftjis sjis x-sjis s-jis ms-kanji windows-31j cp932 ms932"
    " x-ms-cp932 mskanji csshiftjis windows-932",
    "euc_jp euc_jis_2004": "euc-jp eucjp x-euc-jp eucjp-ms cp51932 eucjp-win ujis",
    "cp949": "euc-kr euckr ks-c-5601-1987 ks-c-5601 ksc5601 ks-c-5601-1989 cp949 uhc korean"
    " windows-949 ms949",
    "cp1252": "iso-8859-1 iso8859-1 latin-1 latin1 l1 8859-1 cp819 windows-1252 cp1252 ansi"
    " iso-8859-1-windows-3.1-latin-1 western",
    "cp1254": "iso-8859-9 latin5 latin-5 windows-1254",
    "cp874": "tis-620 iso-8859-11 windows-874 x-windows-874",
    "iso8859_8": "iso-8859-8-i iso-8859-8-e logical",
    "utf-8": "utf8 utf-8 utf8mb4 utf-8-sig utf8n unicode unicode-1-1-utf-8 x-utf-8 utf-8mb4 65001"
    " x-unknown unknown unknown-8bit us-ascii ascii ansi-x3.4-1968 7bit 8bit default none binary",
    "utf-7": "utf7 utf-7 unicode-1-1-utf-7 x-unicode-2-0-utf-7",
    "mac_roman": "macintosh x-mac-roman mac",
    "hz": "hz hz-gb-2312",
    "koi8_u": "koi8-r koi8-u koi8",
    "iso2022_kr": "iso-2022-kr",
}
_CODECS = {name: one.split() for one, names in _SUPERSETS.items() for name in names.split()}
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_ESCAPE = re.compile(rb"\x1b(?:\$[@B]|\$\([A-Z@]|\([A-Z])|[\x0e\x0f]")
_RUN = re.compile(rb"[\x80-\xff]+")
_UTF8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
# Control characters mean nothing in a text, and the database refuses the first one.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufeff]")
_NO_CHARSETS = {
    *("idna", "punycode", "undefined", "unicode_escape", "unicode-escape"),
    *("raw_unicode_escape", "raw-unicode-escape"),
}


def clean(text):
    """Return text without characters that a database or another program refuses.

    >>> clean("a\\x00b\\ud800\\tc")
    'ab\\tc'
    """
    return _CONTROL.sub("", text or "")


def decode(content, charset=None, hint=None):
    """Return the text of bytes.

    >>> decode("朱镕基".encode("gbk"), "gb2312"), decode("宏碁".encode("cp950"), "big5")
    ('朱镕基', '宏碁')
    >>> decode("Größe".encode(), "us-ascii"), decode("Größe".encode("latin-1"), "utf-8")
    ('Größe', 'Größe')
    >>> decode(b"5 \\x80", "iso-8859-1"), decode("①".encode("cp932"), "x-sjis")
    ('5 €', '①')
    >>> decode(b"\\x1b$B-!\\x1b(B", "_iso-2022-jp$esc"), decode(b"\\x1b(I6\\x1b(B")
    ('①', 'ｶ')

    Without a name, UTF-8 is tried, then the languages of the bytes are guessed.

    >>> decode("Größe".encode()), decode("您好，车门有异响".encode("gbk")), decode(b"Gr\\xfc\\xdfe")
    ('Größe', '您好，车门有异响', 'Grüße')
    >>> decode("Größe".encode("latin-1"), "hex"), decode(b"plain", "idna"), decode(b"", "x")
    ('Größe', 'plain', '')

    A few wrong bytes do not change the character set of the rest.

    >>> decode("Größe für Müller".encode() + b"\\xff", "utf-8")
    'Größe für Müller\\ufffd'

    :param hint: character set of the rest of the e-mail, for bytes without one
    """
    name = _name(charset)
    is_japanese = "iso2022jp" in name.replace("-", "")
    if is_japanese or (not name and _ESCAPE.search(content)):
        return clean(_iso2022(content))
    names = [one for start, one in _MARKS if content.startswith(start)]
    names += _codecs(name)
    if "utf-8" not in names:
        names.append("utf-8")
    for one in names:
        text = _strict(content, one)
        if text is not None:
            return clean(text)
    return clean(_guess(content, names[0], _codecs(_name(hint))))


def _name(charset):
    name = str(charset or "").strip().strip("'\"_$").lower().replace("_", "-").replace("$", "-")
    return re.split(r"[\s;,]", name)[0]


def _codecs(name):
    """Return the names of codecs for text behind the name of a character set."""
    if name in _CODECS:
        return list(_CODECS[name])
    bare = re.sub(r"^(?:x|cs|cp-?|charset=?)-?", "", name)
    if bare in _CODECS:
        return list(_CODECS[bare])
    if bare.isdigit():
        bare = f"cp{bare}"
    for one in (name, bare):
        if _is_text_codec(one):
            return [one]
    return []


def _is_text_codec(name):
    try:
        info = codecs.lookup(name)
        # Codecs such as hex or idna are none for the text of a message.
    except (LookupError, ValueError):
        return False
    return bool(name) and info._is_text_encoding and info.name not in _NO_CHARSETS


def _strict(content, name):
    try:
        return content.decode(name)
    except (UnicodeError, LookupError, ValueError):
        return None


def _guess(content, named, hinted):
    """Return the text in the most probable character set; wrong bytes are replaced."""
    valid = len(_UTF8.findall(content))
    invalid = sum(len(run) for run in _RUN.findall(_UTF8.sub(b"", content)))
    if valid > invalid:
        return content.decode("utf-8", "replace")
    if named not in ("utf-8", "utf-16", "utf-8-sig"):
        return content.decode(named, "replace")
    for one in (*hinted, _likely(content), "cp1252"):
        text = _strict(content, one) if one else None
        if text is not None:
            return text
    return content.decode("latin-1")


def _likely(content):
    """Return the character set in which high bytes come as they do here, or ``None``."""
    runs = _RUN.findall(content)
    high = b"".join(runs)
    # Common Chinese characters and punctuation, two bytes each.
    pairs = [run[at : at + 2] for run in runs for at in range(0, len(run) - 1, 2)]
    common = [one for one in pairs if one[0] in range(0xA1, 0xD8) and one[1] >= 0xA1]
    if pairs and len(common) >= 0.7 * len(pairs) and all(len(run) % 2 == 0 for run in runs):
        return "gb18030"
    if _strict(content, "gb18030") and len(pairs) > 3 and len(common) >= 0.6 * len(pairs):
        return "gb18030"
    letters = sum(byte >= 0xC0 for byte in high)
    if len(high) >= 3 * len(runs) and letters >= 0.9 * len(high):
        return "cp1251"
    return None


def _iso2022(content):
    """Return Japanese text by its escape sequences, with the characters of Windows."""
    parts, at, mode = [], 0, b"\x1b(B"
    for escape in _ESCAPE.finditer(content):
        parts.append(_in_mode(content[at : escape.start()], mode))
        at, mode = escape.end(), escape[0]
    parts.append(_in_mode(content[at:], mode))
    return "".join(parts)


def _in_mode(content, mode):
    if mode in (b"\x1b$B", b"\x1b$@"):
        lines = content.split(b"\n")
        return "\n".join(_shifted(line).decode("cp932", "replace") for line in lines)
    if mode in (b"\x1b(I", b"\x0e"):
        kana = bytes(byte | 0x80 if 0x21 <= byte <= 0x5F else byte for byte in content)
        return kana.decode("cp932", "replace")
    if mode.startswith(b"\x1b$("):
        return (mode + content + b"\x1b(B").decode("iso2022_jp_2004", "replace")
    return content.decode("utf-8") if _strict(content, "utf-8") is not None else decode(content)


def _shifted(content):
    """Return two-byte characters of JIS X 0208 as Shift-JIS.

    >>> _shifted(b"-!").decode("cp932")
    '①'
    """
    result = bytearray()
    for at in range(0, len(content) - 1, 2):
        row, cell = content[at] & 0x7F, content[at + 1] & 0x7F
        lead = (row + 1) // 2 + (0x70 if row <= 0x5E else 0xB0)
        trail = cell + (0x1F if cell < 0x60 else 0x20) if row % 2 else cell + 0x7E
        result += bytes((lead & 0xFF, trail & 0xFF))
    return bytes(result)
