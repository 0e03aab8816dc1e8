"""Words that the project has replaced by plainer ones: none may be left."""

import re
from collections import Counter

from .places import ROOT
from .work import say

SUFFIXES = (".py", ".xml", ".js", ".csv", ".md")
# These files list the words.
EXEMPT = ("devtools/words.py", "devtools/tests/test_words.py")
WORDS = frozenset(
    (
        *("he", "him", "his", "himself", "she", "her", "hers", "herself"),
        *("whoever", "whomever", "nobody", "somebody", "told", "let", "lets"),
    )
)
# Labels and names that are replaced, as sequences of words.
_GONE = (
    *(r"reckon\w*", r"confid(?:e[ds]?|ing|ants?)", "heirs?", "ladders?", "calm"),
    *("born broken", "leave no gap", "first user ids?", "pass on first asked", "in wrong hands"),
    *("customer facts", "facts names", "facts mixin", "complaint words?", "word with the customer"),
    *("pointless after", "came by", "heard in", "fell away", "stands for"),
    *("who looks after whom", "take it as it is"),
)
# Names whose words are allowed in sentences.
_NAMES = (
    *(
        "_catch_up",
        "_look_again",
        "_is_history",
        "_may_know",
        r"\w*must_not_know",
        "_tell",
        "_hear",
    ),
    *(
        "_judged",
        "_numbered",
        "_kept",
        "_meet",
        r"\w*_MOST",
        "_TOGETHER",
        "JUST",
        "QUIETLY",
        "EVER",
    ),
)
_GONE_PATTERN = re.compile(rf"(?<![a-z])(?:{'|'.join(_GONE)})(?![a-z])")
_NAMES_PATTERN = re.compile(rf"(?<!\w)(?:{'|'.join(_NAMES)})(?!\w)")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
# The name of an account of the operating system.
_ACCOUNT = re.compile(r"getpwnam\(.nobody.\)")
_LET = re.compile(r"(^|[;{(]|\bcase\b.*:)(\s*)let(?=\s+[\w$\[{])")


def parts(text):
    """Return the words of a text in lower case, also those within names."""
    return [part.lower() for part in _PART.findall(text)]


def found(line, is_script=False):
    """Return the replaced words in a line.

    :param is_script: whether ``let`` declares a variable
    """
    text = _ACCOUNT.sub("", line)
    text = _LET.sub(r"\1\2", text) if is_script else text
    words = parts(text)
    result = [word for word in words if word in WORDS]
    result += _GONE_PATTERN.findall(" ".join(words))
    return result + _NAMES_PATTERN.findall(text)


def _files(folder):
    names = [folder / "dev", *folder.rglob("*.*")]
    for path in sorted(name for name in names if name.is_file()):
        name = path.relative_to(folder)
        is_hidden = any(part.startswith(".") for part in name.parts)
        is_text = path.suffix in SUFFIXES or name.as_posix() == "dev"
        if is_text and not is_hidden and name.as_posix() not in EXEMPT:
            yield path


def findings(folder=ROOT):
    """Yield ``(path, line, word)`` for each replaced word below a folder."""
    for path in _files(folder):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for word in found(line, path.suffix == ".js"):
                yield path.relative_to(folder).as_posix(), number, word


def violations(folder=ROOT):
    """Yield a sentence for each of :func:`findings`."""
    for path, line, word in findings(folder):
        yield f"{path}:{line}: {word}"


def count():
    """Print the number of replaced words by file."""
    counts = Counter(path for path, _line, _word in findings())
    for path, number in sorted(counts.items()):
        say(f"{number:5} {path}")
    say(f"{counts.total():5} in all")


if __name__ == "__main__":
    count()
