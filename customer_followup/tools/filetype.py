"""The media type of a file by its first bytes: recordings of phones and office documents."""

# The media type of containers that begin with a box, by their brand.
_BRANDS = {
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heic",
    b"avif": "image/avif",
    b"qt  ": "video/quicktime",
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"3gp4": "video/3gpp",
    b"3gp5": "video/3gpp",
}
_STARTS = {
    b"ID3": "audio/mpeg",
    b"\xff\xfb": "audio/mpeg",
    b"\xff\xf3": "audio/mpeg",
    b"\xff\xf2": "audio/mpeg",
    b"OggS": "audio/ogg",
    b"#!AMR": "audio/amr",
    b"fLaC": "audio/flac",
}
_RIFF = {b"WAVE": "audio/x-wav", b"AVI ": "video/x-msvideo"}
_OFFICE = "application/vnd.openxmlformats-officedocument"
_PARTS = {
    b"word/": f"{_OFFICE}.wordprocessingml.document",
    b"xl/": f"{_OFFICE}.spreadsheetml.sheet",
}


_PROGRAM_STARTS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe")
_WORDS = """
    ade app appx bat bin chm cmd com cpl dll exe gadget hta img inf ins iso jar js
    jse lnk mde msc msi msp mst pif ps1 psm1 reg scf scr sct sh sys url vb vbe vbs
    vhd vxd wsc wsf wsh xll
"""
_PROGRAM_NAMES = frozenset(_WORDS.split())
BLOCKED = ".blocked"


def is_program(name, content):
    """Say whether a computer would run a file instead of showing it.

    >>> is_program("photo.png", b"MZ\\x90"), is_program("Invoice.pdf.js", b"x")
    (True, True)
    >>> is_program("form.docx", b"PK"), is_program("photo.png", b"\\x89PNG"), is_program("", b"")
    (False, False, False)
    """
    ending = name.rsplit(".", 1)[-1].strip().lower()
    return ending in _PROGRAM_NAMES or content.startswith(_PROGRAM_STARTS)


def media_type(content):
    """Return the media type of a file by its content, or ``None`` if it is none of these.

    >>> media_type(b"\\x00\\x00\\x00\\x18ftypmp42"), media_type(b"\\x00\\x00\\x00\\x18ftypheic")
    ('video/mp4', 'image/heic')
    >>> media_type(b"RIFF\\x24\\x00\\x00\\x00WAVEfmt "), media_type(b"ID3\\x03")
    ('audio/x-wav', 'audio/mpeg')
    >>> media_type(b"\\x1a\\x45\\xdf\\xa3\\x93\\x42\\x82\\x88webm"), media_type(b"OggS")
    ('video/webm', 'audio/ogg')
    >>> media_type(b"PK\\x03\\x04...[Content_Types].xml...word/document.xml")[-9:]
    '.document'

    A page that only looks like one is none of them.

    >>> media_type(b"<htmftypmp42<script>"), media_type(b"PK\\x03\\x04run.exe"), media_type(b"")
    (None, None, None)
    """
    if content[4:8] == b"ftyp" and content[:2] == b"\0\0":
        return _BRANDS.get(content[8:12], "video/mp4")
    if content[:4] == b"RIFF":
        return _RIFF.get(content[8:12])
    if content[:4] == b"\x1a\x45\xdf\xa3":
        return "video/webm" if b"webm" in content[:64] else "video/x-matroska"
    if content[:4] == b"PK\x03\x04":
        return _office(content)
    return next((kind for start, kind in _STARTS.items() if content.startswith(start)), None)


def _office(content):
    # The list of an archive's files stands at its end.
    if b"[Content_Types].xml" not in content:
        return None
    return next((kind for part, kind in _PARTS.items() if part in content), None)
