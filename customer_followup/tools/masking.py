"""Shortened forms of personal data, still clear enough for two people to identify a customer."""

import re

from .folding import fold, fold_with_places

# A name with one of these may be an address.
AT_SIGNS = ("@", "\uff20", "\ufe6b")
_MAX_PROBED_DIGITS = 2
_STARS = "***"
_AT = r"(?:\s?[\[({]\s?at\s?[\])}]\s?|@)"
# What an address is made of; it begins where this does, so that each letter is read once.
_PART = r"[^\s<>,;@]+"
_EMAIL = re.compile(
    rf"(?<![^\s<>,;@])(?:{_PART}{_AT}{_PART}|{_PART}\s?@\s?{_PART}\.{_PART})", re.IGNORECASE
)
_AROUND_AT = re.compile(rf"\s?{_AT}\s?", re.IGNORECASE)
# Whatever parts the digits, if it is short and no letter.
_GAP = r"(?:[^\w*]|\*(?!\*)(?<!\*\*)|_)"
_NUMBER = re.compile(rf"\+?\d(?:{_GAP}{{0,4}}\d){{6,}}")
_TIME = r"\d{1,2}[:.]\d\d(?:[:.]\d\d)?"
_DAY = r"(?:(?:19|20)\d\d([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2(?:19|20)\d\d)"
# A date with or without a time, or an address or a version: parts of one to three digits, of
# which numbers in pairs, as people write them, are none.
_NO_NUMBER = re.compile(
    rf"{_DAY}(?:[ T]{_TIME})?|(?!\d\d(?:\.\d\d)+$)\d{{1,3}}(?:\.\d{{1,3}}){{3,}}"
)
# The number of a complaint.
_OURS = re.compile(r"W\d{8}-\d{3,}")
_CN_MOBILE = re.compile(r"(\+?86)?(1[3-9]\d{9})")
# Letters of an error that are read, and kept.
_READ, _KEPT = 4000, 500


def phone(value):
    """Return a phone number with its middle hidden, or ``None`` for no number.

    Chinese mobile numbers keep the first three and last four digits, others the last four;
    a number of five digits or fewer keeps at most four, one of four or fewer none.

    >>> phone("13812345678"), phone("+86 138 1234 5678"), phone("029-88881234")
    ('138****5678', '+86 138****5678', '*******1234')
    >>> phone("12345"), phone("123"), phone("") is None
    ('*2345', '***', True)
    """
    if not value:
        return None
    digits = re.sub(r"[^\d+]", "", fold(value))
    if mobile := _CN_MOBILE.fullmatch(digits):
        prefix = f"{mobile[1]} " if mobile[1] else ""
        return f"{prefix}{mobile[2][:3]}****{mobile[2][-4:]}"
    digits = digits.lstrip("+")
    if len(digits) <= 4:
        return _STARS
    return "*" * (len(digits) - 4) + digits[-4:]


def email(value):
    """Return an e-mail address with all but its first letter and domain hidden, or ``None``.

    The length of the hidden part is fixed, so that it reveals nothing.

    >>> email("zhangsan@example.com"), email("a@x.com"), email("bad"), email(None) is None
    ('z***@example.com', '***@x.com', '***', True)
    """
    if not value:
        return None
    local, at, domain = _AROUND_AT.sub("@", fold(value).strip()).rpartition("@")
    if not at or not local or not domain:
        return _STARS
    first = local[0] if len(local) > 1 and local != _STARS else ""
    return f"{first}{_STARS}@{domain}"


def detail(value):
    """Return any contact detail in short form, or ``None`` for none.

    >>> detail("li.na@example.com"), detail("+33 612345678"), detail("12 Rue Haute"), detail("")
    ('l***@example.com', '*******5678', '***', None)
    """
    if not value:
        return None
    plain = str(value)
    if any(sign in plain for sign in AT_SIGNS):
        return email(plain)
    return _STARS if any(char.isalpha() for char in plain) else phone(plain)


def is_short(value):
    """Say whether a value has a hidden part, as contact details in short form do.

    >>> is_short("138****5678"), is_short("***"), is_short("13812345678"), is_short("")
    (True, True, False, False)
    """
    return "*" in (value or "")


def text(value):
    """Return free text with the addresses and long numbers inside it masked.

    >>> text("Mrs Li <li.na@example.com>, 13812345678")
    'Mrs Li <l***@example.com>, 138****5678'
    >>> text("Li Na 138–1234–5678"), text("Li Na 138/1234/5678"), text("li.na＠example.com")
    ('Li Na 138****5678', 'Li Na 138****5678', 'l***@example.com')
    >>> text("Row 12, seat 7"), text("on 2026-03-05 10:30"), text("W20260305-001")
    ('Row 12, seat 7', 'on 2026-03-05 10:30', 'W20260305-001')
    """
    if not value:
        return value
    return _replace(_NUMBER, _hidden_number, _replace(_EMAIL, lambda one, _text: email(one), value))


def _replace(pattern, hide, value):
    """Replace what a pattern finds in a folded text, and keep the rest as it is written."""
    folded, places = fold_with_places(value)
    parts, last = [], 0
    for match in pattern.finditer(folded):
        hidden = hide(match[0], folded[max(match.start() - 1, 0) : match.start()])
        if hidden is not None:
            start, end = places[match.start()], places[match.end() - 1] + 1
            parts += [value[last:start], hidden]
            last = _end_of_sign(value, end)
    return "".join([*parts, value[last:]])


def _end_of_sign(value, place):
    """Return where what belongs to the last replaced character ends, such as marks upon it."""
    while place < len(value) and not fold(value[place]):
        place += 1
    return place


def _hidden_number(found, before):
    if _NO_NUMBER.fullmatch(found) or _OURS.fullmatch(before + found):
        return None
    return phone(found)


def may_probe(searched):
    """Say whether a search could find out a hidden number or address by trying.

    >>> may_probe("138\u20131"), may_probe("li.na\uff20"), may_probe("Li 24"), may_probe(None)
    (True, True, False, False)
    """
    plain = fold(searched)
    return "@" in plain or sum(char.isdigit() for char in plain) > _MAX_PROBED_DIGITS


def error(problem):
    """Return what an exception says, masked and at most 500 letters long, to be kept and shown.

    >>> error(ValueError("the mailbox of li.na@example.com is full"))
    'the mailbox of l***@example.com is full'
    """
    # Beyond what is kept, so that no address is cut in half before it is masked.
    return text(str(problem)[:_READ])[:_KEPT]


def shown_count(count, hidden):
    """Return the count to show to a user who must not know of ``hidden`` records among them.

    It is the number of records in the list behind it, so that no difference tells of the others.

    >>> shown_count(4, 1), shown_count(50, 1), shown_count(1, 2)
    (3, 49, 0)
    """
    return max(count - hidden, 0)
