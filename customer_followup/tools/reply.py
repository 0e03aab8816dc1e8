"""What a customer's answer to a message asks for, by its text."""

import re

LEAVE, LEAVE_ALL = "leave", "leave_all"
# T and TD are what Chinese customers answer to a text message.
_WORDS = {"stop", "unsubscribe", "退订", "退訂", "取消", "td", "t"}
_ALONE = {"td", "t"}
_WORDS_ALL = {"stop all", "stopall", "unsubscribe all", "全部退订", "全部退訂"}
_MAX_WORDS = 3
_QUOTE = re.compile(
    r"^\s*(>|-{2,}\s*(original|forwarded|urspr|message d)|_{8,}|--\s*$"
    r"|(on|le|am|el|op)\b.{4,200}(wrote|a écrit|schrieb|escribió|schreef)\s*:|发件人|寄件者"
    r"|(from|von|de)\s*:)|.*写道\s*[:：]\s*$",
    re.IGNORECASE,
)


def own_lines(text):
    """Return the lines the sender wrote, without quoted ones.

    >>> own_lines("Thank you\\n\\nOn Monday, Garage wrote:\\n> unsubscribe here")
    ['Thank you']
    >>> own_lines("> STOP")
    []
    """
    lines = []
    for line in (text or "").splitlines():
        if _QUOTE.match(line):
            break
        if line.strip():
            lines.append(line.strip())
    return lines


def wish(text):
    """Return ``leave`` or ``leave_all`` if a message begins by asking for it, else ``None``.

    A word counts only in a short line: "stop by tomorrow morning, please" asks for something else.

    >>> [wish(text) for text in ("STOP", "Stop, thank you", "unsubscribe.", "退订", "td")]
    ['leave', 'leave', 'leave', 'leave', 'leave']
    >>> wish("Stop all")
    'leave_all'
    >>> [wish(text) for text in ("T is for tea", "Stop by tomorrow morning, please", "Hi\\nSTOP")]
    [None, None, None]
    """
    words = re.findall(r"\w+", next(iter(own_lines(text)), "").casefold())
    line = " ".join(words)
    if line in _WORDS_ALL:
        return LEAVE_ALL
    if line in _WORDS:
        return LEAVE
    is_short = 0 < len(words) <= _MAX_WORDS
    return LEAVE if is_short and words[0] in _WORDS - _ALONE else None
