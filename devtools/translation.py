"""What one translation must keep of its source: placeholders, tags, spaces and the glossary."""

import csv
import re
from collections import Counter
from pathlib import Path

LANGUAGES = ("zh_CN", "zh_TW")
FOLDER = Path(__file__).parent
GLOSSARY = FOLDER / "glossary.csv"
# Sentences in which a word of the glossary has another meaning: columns term, msgid.
EXCEPTIONS = FOLDER / "glossary_exceptions.csv"

_PLACEHOLDER = re.compile(
    r"\{\{.*?\}\}|[$#]\{[^}]*\}|\{\w*(?:![rs])?(?::[^}]*)?\}"
    r"|%(?:\(\w+\))?[-#0+]*\d*(?:\.\d+)?[sdifrgxeEc%]",
    re.DOTALL,
)
_TAG = re.compile(r"</?[a-zA-Z][\w:.-]*(?:\s[^<>]*)?/?>")
# Odoo translates the values of these attributes within a term.
_SPOKEN = re.compile(
    r"(?<=\s)(string|help|placeholder|alt|title|label|value_label|data-tooltip|aria-\w+|confirm)"
    r"=\"[^\"]*\""
)
# A break between lines; indentation after it is that of a view.
_BREAK = re.compile(r"\n(?![ \t])")
_LETTERS = re.compile(r"[^\W\d_]{2,}")


def placeholders(text):
    """Return how often each placeholder stands in a text.

    >>> sorted(placeholders("%(name)s of {{ object.name }}: %s, {n}"))
    ['%(name)s', '%s', '{n}', '{{ object.name }}']
    """
    return Counter(_PLACEHOLDER.findall(text))


def tags(text):
    """Return how often each tag stands in a text, without what its attributes say to people.

    >>> list(tags('<i class="fa" title="Call">a</i>'))
    ['<i class="fa" title="">', '</i>']
    """
    return Counter(_SPOKEN.sub(r'\1=""', tag) for tag in _TAG.findall(text))


def plain(text):
    """Return the words of a text, without placeholders and tags.

    >>> plain("<b>Plan</b> of {{ object.plan }}").split()
    ['Plan', 'of']
    """
    return _TAG.sub(" ", _PLACEHOLDER.sub(" ", text))


def has_words(text):
    """Say whether there is anything to translate in a text.

    >>> has_words("<b>%s</b>: 1 %"), has_words("Due %s")
    (False, True)
    """
    spoken = " ".join(one.group() for tag in _TAG.findall(text) for one in _SPOKEN.finditer(tag))
    return bool(_LETTERS.search(plain(text) + spoken))


def _edges(text):
    bare = text.strip()
    start = text.find(bare) if bare else 0
    return text[:start], text[start + len(bare) :]


def _named(counter):
    return ", ".join(sorted(counter.elements())) or "nothing"


def differences(source, target):
    """Yield a sentence for each thing that a translation must keep and does not.

    >>> list(differences("Due %s", "到期"))
    ['placeholders: %s in the source, nothing in the translation']
    >>> list(differences("Due ", "到期"))
    ['spaces or line breaks at an end differ']
    """
    for what, found in (("placeholders", placeholders), ("tags", tags)):
        before, after = found(source), found(target)
        if before != after:
            yield (
                f"{what}: {_named(before - after)} in the source,"
                f" {_named(after - before)} in the translation"
            )
    if _edges(source) != _edges(target):
        yield "spaces or line breaks at an end differ"
    if len(_BREAK.findall(source.strip())) != len(_BREAK.findall(target.strip())):
        yield "the number of lines differs"


def rows(path):
    """Return the rows of a table of this folder."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _plural(term):
    """Return the pattern of a term and of its plural, as whole words."""
    words = re.escape(term)
    ending = words[:-1] + "(?:y|ies)" if re.search(r"[^aeiou]y$", words) else f"{words}(?:s|es)?"
    return re.compile(rf"(?<![\w-]){ending}(?![\w-])", re.IGNORECASE)


class Glossary:
    """The terms that are translated in one way, and where they are not."""

    def __init__(self, terms, exceptions=()):
        # A longer term is found before a shorter one within it.
        ordered = sorted(terms, key=lambda row: (-len(row["term"]), row["term"]))
        self.terms = [
            (row["term"], _plural(row["term"]), {one: row[one].split("|") for one in LANGUAGES})
            for row in ordered
        ]
        self.exceptions = {(row["term"], row["msgid"]) for row in exceptions}

    @classmethod
    def read(cls):
        """Return the project's glossary."""
        return cls(rows(GLOSSARY), rows(EXCEPTIONS))

    def found(self, source):
        """Yield each term that stands in a source, with its renderings by language."""
        rest = plain(source)
        for term, pattern, renderings in self.terms:
            rest, count = pattern.subn(" ; ", rest)
            if count and (term, source) not in self.exceptions:
                yield term, renderings

    def violations(self, source, target, language):
        """Yield a sentence for each term that a translation renders in another way."""
        for term, renderings in self.found(source):
            if not any(one in target for one in renderings[language]):
                yield f"{term} is {' or '.join(renderings[language])} in {language}"
