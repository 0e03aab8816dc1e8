"""Shortened forms of personal data, still clear enough for two people to identify a customer."""

import re

_STARS = "***"
_EMAIL = re.compile(r"[^\s<>,;@]+@[^\s<>,;@]+")
_NUMBER = re.compile(r"\+?\d[\d\s().-]{5,}\d")
_CN_MOBILE = re.compile(r"(\+?86)?(1[3-9]\d{9})")
MANY = 5


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
    digits = re.sub(r"[^\d+]", "", value)
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
    local, at, domain = value.strip().rpartition("@")
    if not at or not local or not domain:
        return _STARS
    first = local[0] if len(local) > 1 else ""
    return f"{first}{_STARS}@{domain}"


def text(value):
    """Return free text with the addresses and long numbers inside it masked.

    >>> text("Mrs Li <li.na@example.com>, 13812345678")
    'Mrs Li <l***@example.com>, 138****5678'
    >>> text("Row 12, seat 7")
    'Row 12, seat 7'
    """
    if not value:
        return value
    hidden = _EMAIL.sub(lambda match: email(match[0]), value)
    return _NUMBER.sub(lambda match: phone(match[0]), hidden)


def error(problem):
    """Return what an exception says, masked and at most 500 letters long, to be kept and shown.

    >>> error(ValueError("the mailbox of li.na@example.com is full"))
    'the mailbox of l***@example.com is full'
    """
    return text(str(problem))[:500]


def shown_count(count, hidden):
    """Return the count to show to a user who must not know of ``hidden`` records among them.

    From :data:`MANY` records on, the hidden ones are counted too: they identify no record.

    >>> shown_count(4, 1), shown_count(5, 1), shown_count(1, 2)
    (3, 5, 0)
    """
    return count if count >= MANY else max(count - hidden, 0)
