"""Read the results of Odoo's own test runner from its log."""

import re
from collections import Counter
from typing import NamedTuple

ENTRY = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ \d+ (\w+) (\S+) (\S+): (.*)$")
TESTS = re.compile(r"^odoo\.addons\.(\w+)\.tests\b")
STARTED = re.compile(r"Starting (\S+) \.\.\.$")
FAILED = re.compile(r"(ERROR|FAIL): (?:Subtest )?(.+)$")
SKIPPED = re.compile(r"skipped (\S+) : (.*)$")
# Odoo fails a test that takes more queries than expected, and only mentions one that takes fewer.
FEWER = re.compile(r"Query count less than expected ")
# The last line of a run that came to its end.
ENDED = re.compile(r"\d+ failed, \d+ error\(s\) of \d+ tests when loading database")
TRACEBACK = "Traceback (most recent call last):"
# What differs from run to run, and by what it is replaced, in this order.
VARYING = (
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "UUID"),
    (re.compile(r"\b0x[0-9a-f]+\b"), "ADDRESS"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d+)?"), "TIME"),
    (re.compile(r"\b\d+(?:\.\d+)? ?(?:ms|s|secs?|seconds?)\b"), "DURATION"),
    (re.compile(r"\b(?:127\.0\.0\.1|localhost):\d+"), "SERVER"),
    (re.compile(r"((?:\.py|\.js|\.xml)):\d+(?::\d+)?"), r"\1"),
    (re.compile(r"\blines? \d+"), "LINE"),
    # Records, and pairs like `'res_id': 12`.
    (re.compile(r"\b([a-z_]+(?:\.[a-z_]+)+)\((?:[\d, ]|<NewId [^>]*>)*\)"), r"\1(IDS)"),
    (re.compile(r"(\b(?:\w+_)?ids?['\"]?(?:: ?|=))(?:\d+|[\[(][\d, ]*[\])])"), r"\1ID"),
    (re.compile(r"\b(id)\)=\(\d+\)"), r"\1)=(ID)"),
    (re.compile(r"/web/(image|content)/\d+"), r"/web/\1/ID"),
    (re.compile(r"\b[0-9a-f]{16,}\b"), "TOKEN"),
    # How much Python leaves out of a long text, ids included.
    (re.compile(r"\[\d+ chars\]"), "[...]"),
)


class Results(NamedTuple):
    """What a run of tests gave."""

    # The names of the tests, as `module: Class.method`.
    ran: set
    # How often something was found: `{(name, kind, reason): count}`; names also of subtests.
    findings: Counter
    is_complete: bool


def read(text):
    """Return the :class:`Results` in the text of a log; their order does not matter."""
    ran, findings, is_complete, running = set(), Counter(), False, ""
    for database, logger, message in _entries(text):
        is_complete = is_complete or bool(ENDED.match(message))
        module = TESTS.match(logger)
        if not module:
            continue
        first = message.split("\n", 1)[0].strip()
        if started := STARTED.match(first):
            running = started[1]
            ran.add(f"{module[1]}: {running}")
        elif found := _finding(first, message.replace(database, "DATABASE"), running):
            name, kind, reason = found
            findings[f"{module[1]}: {normal(name)}", kind, reason] += 1
    return Results(ran, findings, is_complete)


def differences(before, after):
    """Return sentences on what differs between two :class:`Results`, sorted."""
    lines = [
        *(f"{name} ran only without" for name in before.ran - after.ran),
        *(f"{name} ran only with" for name in after.ran - before.ran),
    ]
    for where, more in (
        ("without", before.findings - after.findings),
        ("with", after.findings - before.findings),
    ):
        for (name, kind, reason), count in more.items():
            times = f" ({count} times)" if count > 1 else ""
            lines.append(f"{name} {where}{times}: {kind}: {reason}")
    return sorted(lines)


def normal(text):
    """Return a text without what differs from run to run, such as ids, times and line numbers.

    >>> normal("890 > 830 at mail/tests/test_a.py:12: res.partner(7, 8) took 1.25s")
    '890 > 830 at mail/tests/test_a.py: res.partner(IDS) took DURATION'
    """
    for pattern, instead in VARYING:
        text = pattern.sub(instead, text)
    return text


def _entries(text):
    """Yield the database, the logger and the message of each entry; a message may have lines."""
    head, lines = None, []
    for line in text.splitlines():
        if match := ENTRY.match(line):
            if head:
                yield (*head, "\n".join(lines))
            head, lines = (match[2], match[3]), [match[4]]
        elif head:
            lines.append(line)
    if head:
        yield (*head, "\n".join(lines))


def _finding(first, message, running):
    """Return the name, the kind and the reason that an entry of a test tells, or ``None``.

    :param running: the test that started last, for what does not say its name
    """
    if failed := FAILED.match(first):
        return failed[2], failed[1], normal(_reason(message))
    if skipped := SKIPPED.match(first):
        return skipped[1], "SKIPPED", normal(skipped[2])
    if FEWER.match(first):
        return running, "FEWER", normal(first)
    return None


def _reason(message):
    """Return the message of the last exception, which may have several lines."""
    lines = message.split("\n")[1:]
    if TRACEBACK not in lines:
        return "\n".join(lines).strip()
    last = len(lines) - 1 - lines[::-1].index(TRACEBACK)
    rest = lines[last + 1 :]
    start = next((place for place, line in enumerate(rest) if line[:1].strip()), len(rest))
    return "\n".join(rest[start:]).strip()
