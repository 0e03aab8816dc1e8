"""Text in one plain form: what looks alike is alike, and what cannot be seen is gone."""

import unicodedata

# Format characters (also soft hyphens and marks of direction) and marks on other characters.
_INVISIBLE = ("Cf", "Mn", "Me", "Cc")


def fold(text):
    """Return a text with plain digits, dashes, signs and letters, without invisible characters.

    >>> fold("１３８–1234\u20115678"), fold("li.na＠example.com\u200b"), fold("1\ufe0f\u20e3")
    ('138-1234-5678', 'li.na@example.com', '1')
    """
    if text and text.isascii() and text.isprintable():
        return text
    return fold_with_places(text)[0]


def has_words(text):
    """Say whether a text says anything: a letter or a digit, of any script.

    >>> has_words("Order 7"), has_words("退货"), has_words(" \u200b."), has_words(None)
    (True, True, False, False)
    """
    return any(char.isalnum() for char in fold(text))


def has_letters(text):
    """Say whether a text gives a reason: a letter of any script, not a number only.

    >>> has_letters("Order 7"), has_letters("退货"), has_letters("123"), has_letters("\u200b.")
    (True, True, False, False)
    """
    return any(char.isalpha() for char in fold(text))


def fold_with_places(text):
    """Return a folded text and, for each of its characters, the place in the text.

    >>> fold_with_places("1\u200b２")
    ('12', [0, 2])
    """
    if text and text.isascii() and text.isprintable():
        return text, range(len(text))
    folded, places = [], []
    for place, char in enumerate(text or ""):
        for plain in _plain(char):
            folded.append(plain)
            places.append(place)
    return "".join(folded), places


def _plain(char):
    if char < "\x7f":
        return char if char.isprintable() or char.isspace() else ""
    plain = []
    for one in unicodedata.normalize("NFKC", char):
        category = unicodedata.category(one)
        if category == "Pd" or one == "\u2212":
            plain.append("-")
        elif category == "Nd":
            plain.append(str(unicodedata.digit(one)))
        elif category[0] == "Z":
            plain.append(" ")
        elif category not in _INVISIBLE:
            plain.append(one)
    return "".join(plain)
