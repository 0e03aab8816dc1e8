"""When two spellings are the same number or the same address.

A field may hold several of them. Each number or address has one main form, by which it is stored,
and other forms by which it is found again when less, or more, is known of its country.
"""

import re
from email.utils import getaddresses
from typing import NamedTuple

from .folding import fold

# As Odoo and E.164 count: with fewer digits than this a number is one of a place, or of a firm.
MIN_NATIONAL_DIGITS = 9
MAX_DIGITS = 15
_MIN_DIGITS = 5
# Digits of a number that another one can follow behind a comma or a slash.
_WHOLE = 7
_CODE_1 = frozenset("17")
_CODES_2 = frozenset(
    (
        *("20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45"),
        *("46", "47", "48", "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61"),
        *("62", "63", "64", "65", "66", "81", "82", "84", "86", "90", "91", "92", "93", "94"),
        *("95", "98"),
    )
)
_EXTENSION = re.compile(
    r"(?:;\s*ext\s*=|[;,]?\s*(?:extension|ext|poste|durchwahl|app)\b\.?|(?<=[\d\s)])x(?=\s*\d)|#"
    r"|转接?|轉接?|分机号?|分機號?|内线|內線|内線)[\s.:：]*\d{1,7}\)?",
    re.IGNORECASE,
)
# As switchboards in China are written: 029-88881234-8001.
_SWITCHBOARD = re.compile(r"(?<!\d)((?:\+?86-)?0?\d{2,3}-\d{7,8})-\d{3,5}(?!\d)")
# What a spreadsheet makes of a number.
_DECIMALS = re.compile(r"(?<=\d{5})\.0+(?!\d)")
_TRUNK = re.compile(r"^\s*((?:\+|00)\s*\d{1,3})\s*\(\s*0\s*\)")
_APART = re.compile(r"[;|\n、]|\s(?:or|und|and|ou|oder|y)\s|[和或及]", re.IGNORECASE)
# What most fields hold: one number with single spaces or dashes.
_PLAIN = re.compile(r"\+?[(]?\d(?:[ ()-]?\d){4,14}")
_MAYBE_APART = re.compile(r"[,/&]|\s{2,}")
_EMAIL = re.compile(r"[^\s<>,;:\"'()\[\]、|/\\]+@[^\s<>,;:\"'()\[\]、|/\\@]+")
# As nearly all are; the gate reads those of many people at once.
_PLAIN_NUMBER = re.compile(r"\+[1-9][0-9]{4,14}")
_PLAIN_EMAIL = re.compile(r"[a-z0-9][a-z0-9._+-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)+")


class Number(NamedTuple):
    """The forms of one phone number: by the first it is stored, by all it is blocked and asked.

    :param kept: the forms kept of a blocked number
    :param asked: the forms of which none may be blocked
    """

    kept: tuple
    asked: tuple


def emails(text):
    """Return the addresses in a field, each in its normal form, in their order.

    >>> emails("Li Na <LI.NA@Example.com>; li\u200b@b.example.com"), emails("mailto:a＠b.com.")
    (('li.na@example.com', 'li@b.example.com'), ('a@b.com',))
    >>> emails("li@bücher.example") == emails("li@xn--bcher-kva.example"), emails("bad")
    (True, ())
    """
    if text and _PLAIN_EMAIL.fullmatch(text):
        return (text,)
    found = (_normal_email(one) for one in _EMAIL.findall(fold(text)))
    return tuple(dict.fromkeys(filter(None, found)))


def sender(text):
    """Return the address of the only sender in a From header, else an empty text.

    What a sender calls themself is no address.

    >>> sender("Li Na <li@a.example>"), sender('"li@a.example" <eve@e.example>')
    ('li@a.example', 'eve@e.example')
    >>> sender("li@a.example, eve@e.example"), sender("li@a.example <eve@e.example>"), sender(None)
    ('', '', '')
    """
    found = {address for _name, address in getaddresses([fold(text)]) if "@" in address}
    return found.pop() if len(found) == 1 else ""


def _normal_email(address):
    local, _at, domain = address.casefold().rpartition("@")
    domain = domain.strip(".")
    try:
        domain = domain.encode("idna").decode() if not domain.isascii() else domain
    except UnicodeError:
        return None
    return f"{local}@{domain}" if domain else None


def numbers(text):
    """Return the phone numbers in a field as digits, in their order, some with a leading +.

    >>> numbers("+86 138–1234–5678"), numbers("13812345678.0"), numbers("029-88881234 转 8001")
    (('+8613812345678',), ('13812345678',), ('02988881234',))
    >>> numbers("138/1234/5678"), numbers("029-88881234/88885678"), numbers("0086 138 1234 5678")
    (('13812345678',), ('02988881234', '88885678'), ('+8613812345678',))
    >>> numbers("13812345678 13912345678"), numbers("+44 (0)20 7946 0958 ext. 12")
    (('13812345678', '13912345678'), ('+442079460958',))
    >>> numbers("138 1234 5678 home 139 1234 5678"), numbers("029-88881234-8001")
    (('13812345678', '13912345678'), ('02988881234',))
    >>> numbers("none"), numbers(None)
    ((), ())
    """
    if text and _PLAIN_NUMBER.fullmatch(text):
        return (text,)
    folded = fold(text)
    if _PLAIN.fullmatch(folded) and not _SWITCHBOARD.search(folded):
        return (_digits(folded),)
    plain = _SWITCHBOARD.sub(r"\1", _DECIMALS.sub("", folded))
    plain = _EXTENSION.sub(" ; ", plain)
    found = []
    for part in _APART.split(plain):
        found += _numbers_of(part)
    return tuple(dict.fromkeys(found))


def _numbers_of(text):
    """Return the numbers of a text in which commas, slashes and spaces may part them, or not."""
    found = []
    for piece in _together(_MAYBE_APART.split(text)):
        whole = _digits(piece)
        found += [whole] if len(whole.lstrip("+")) <= MAX_DIGITS else _numbers_in_a_row(piece)
    return [one for one in found if len(one.lstrip("+")) >= _MIN_DIGITS]


def _numbers_in_a_row(text):
    """Return numbers that only spaces or words part, of which each may have spaces.

    >>> _numbers_in_a_row("612 345 678 687 654 321")
    ['612345678', '687654321']
    >>> _numbers_in_a_row("+33 612345678 +33 687654321")
    ['+33612345678', '+33687654321']
    """
    pieces = [one for one in re.split(r"\s+|[^\W\d_]+", text) if _digits(one)]
    half = len(pieces) // 2
    sizes = [len(_digits(one)) for one in pieces]
    if len(pieces) > 1 and sizes[:half] == sizes[half:]:
        return [_digits(" ".join(some)) for some in (pieces[:half], pieces[half:])]
    joined = []
    for piece in pieces:
        is_whole = not joined or len(_digits(joined[-1])) > MIN_NATIONAL_DIGITS
        if is_whole or "+" in piece:
            joined.append(piece)
        else:
            joined[-1] += piece
    return [_digits(one) for one in joined]


def _together(pieces):
    """Join the pieces of one number; a piece that may be a whole number begins another one."""
    joined = []
    for piece in pieces:
        count = len(_digits(piece).lstrip("+"))
        before = len(_digits(joined[-1]).lstrip("+")) if joined else 0
        is_another = before >= _WHOLE and (count >= _WHOLE or "+" in piece)
        if joined and not is_another:
            # "02988881234/5" is that number and a neighbour of it.
            if not (before >= MIN_NATIONAL_DIGITS and 0 < count < 3):
                joined[-1] += piece
        else:
            joined.append(piece)
    return joined


def _digits(text):
    text = _TRUNK.sub(r"\1", text)
    digits = "".join(char for char in text if char.isdigit())
    if not digits:
        return ""
    if text.lstrip(" (tel:TEL.").startswith("+"):
        return f"+{digits}"
    return f"+{digits[2:]}" if digits.startswith("00") and len(digits) > _WHOLE else digits


def national(international):
    """Return the digits behind the country code of a number like +33612345678, without zeros.

    >>> national("+33612345678"), national("+8613812345678"), national("+16125551234")
    ('612345678', '13812345678', '6125551234')
    >>> national("+390612345678"), national("+35312345678")
    ('612345678', '12345678')
    """
    digits = international.lstrip("+")
    size = 1 if digits[:1] in _CODE_1 else 2 if digits[:2] in _CODES_2 else 3
    return digits[size:].lstrip("0")


def known_number(international, is_guessed=False):
    """Return the :class:`Number` of a number with its country.

    :param is_guessed: whether the country is our own, because none is given
    >>> blocked = known_number("+8613812345678")
    >>> any(one in blocked.kept for one in unknown_number("138 1234 5678", "x").asked)
    True
    >>> any(one in blocked.kept for one in known_number("+8513812345678").asked)
    False
    """
    digits = national(international)
    if len(digits) < MIN_NATIONAL_DIGITS:
        return Number((international,), (international,))
    known, unknown = f"known:{digits}", f"unknown:{digits}"
    if is_guessed:
        return Number((international, known, unknown), (international, known, unknown))
    return Number((international, known), (international, unknown))


def unknown_number(digits, owner):
    """Return the :class:`Number` of a number without a country.

    With few digits it is one of a place: then it is the same number for its owner only.

    :param owner: what tells this person from another one with the same local number
    >>> unknown_number("88881234", "li na").kept, unknown_number("0612345678", "li na").kept
    (('local:88881234:li na',), ('unknown:612345678',))
    """
    bare = re.sub(r"\D", "", digits).lstrip("0")
    if len(bare) < MIN_NATIONAL_DIGITS:
        form = f"local:{bare}:{owner}"
        return Number((form,), (form,))
    return Number((f"unknown:{bare}",), (f"unknown:{bare}", f"known:{bare}", f"+{bare}"))
