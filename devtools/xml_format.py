"""The one format of XML: four spaces a level; a tag that is too long has one attribute per line.

Only whitespace changes that means nothing: between attributes, and between elements where there is
nothing but whitespace with a line break. Text, comments and the values of attributes stay as they
are, also where they are longer than a line.
"""

import re
import xml.etree.ElementTree as ElementTree
from itertools import zip_longest

from .places import ROOT, addons
from .work import DevError

WIDTH, INDENT = 120, "    "
_TOKEN = re.compile(
    r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<!DOCTYPE[^>]*>"
    r"""|</?[^\s<>/!?](?:"[^"]*"|'[^']*'|[^<>"'])*>|[^<]+""",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"""([^\s=]+)\s*=\s*("[^"]*"|'[^']*')""", re.DOTALL)
_NAME = re.compile(r"</?([^\s/>]+)")
# Inside these, every space counts.
_VERBATIM = ("pre", "textarea", "script", "style")


class _Writer:
    """Formatted XML, token by token."""

    def __init__(self):
        self.parts, self.column, self.margin, self.open = [], 0, "", []

    @property
    def is_verbatim(self):
        return any(name in _VERBATIM for name in self.open)

    def add(self, text):
        self.parts.append(text)
        *lines, last = text.split("\n")
        self.column = len(last) if lines else self.column + len(last)
        if lines:
            self.margin = re.match(" *", last)[0]

    def add_space(self, text, is_end):
        """Add whitespace with a line break: blank lines stay, one at most."""
        if text is None:
            return
        depth = len(self.open) - is_end
        self.add("\n" * min(text.count("\n"), 2) + INDENT * depth)

    def _is_long(self, line, rest, count):
        width = self.column + len(line)
        # Where a line is long because of its text, wrapping a tag within it changes little.
        begins_line = self.column == len(self.margin) and count > 1
        return width > WIDTH or (begins_line and width + len(rest) > WIDTH)

    def add_start(self, tag, rest):
        """Add a start tag, of which ``rest`` follows on the same line."""
        found = _ATTRIBUTE.findall(tag)
        attributes = [f"{name}={value}" for name, value in found]
        name, close = _NAME.match(tag)[1], " />" if tag.endswith("/>") else ">"
        line = " ".join((f"<{name}", *attributes)) + close
        margin = self.margin
        if any("\n" in value for _name, value in found):
            # The lines of a value are laid out by hand, and the tag around them.
            line = tag
        elif attributes and self._is_long(line, rest, len(attributes)):
            inner = "".join(f"\n{margin}{INDENT}{one}" for one in attributes)
            line = f"<{name}{inner}\n{margin}{close.strip()}"
        self.add(line)
        self.margin = margin
        if not tag.endswith("/>"):
            self.open.append(name)


def _rest(tokens, place):
    """Return what follows a tag on its line."""
    return "".join(tokens[place + 1 : place + 8]).split("\n")[0]


def _is_space(token):
    return not token.strip() and "\n" in token


def formatted(text):
    """Return an XML document in the one format."""
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != text:
        raise ValueError("it holds something that is no XML")
    writer = _Writer()
    for place, token in enumerate(tokens):
        after = tokens[place + 1] if place + 1 < len(tokens) else ""
        if token.startswith("</"):
            writer.add(f"</{_NAME.match(token)[1]}>")
            writer.open.pop()
        elif re.match(r"<[^!?]", token):
            writer.add_start(token, _rest(tokens, place))
        elif _is_space(token) and not writer.is_verbatim and after:
            writer.add_space(token, after.startswith("</"))
        else:
            writer.add(token)
    result = "".join(writer.parts).rstrip() + "\n"
    if not same(text, result):
        raise ValueError("its content would change")
    return result


def _tree(text):
    builder = ElementTree.TreeBuilder(insert_comments=True, insert_pis=True)
    return ElementTree.fromstring(text.encode(), ElementTree.XMLParser(target=builder))


def _meaning(text, is_verbatim):
    """Return what a text means: a line break between elements means nothing, however deep."""
    if text and not is_verbatim and _is_space(text):
        return "\n"
    return text or ""


def _same(one, other, is_verbatim=False):
    if one.tag != other.tag or list(one.attrib.items()) != list(other.attrib.items()):
        return False
    inside = is_verbatim or one.tag in _VERBATIM
    if _meaning(one.text, inside) != _meaning(other.text, inside):
        return False
    if _meaning(one.tail, is_verbatim) != _meaning(other.tail, is_verbatim):
        return False
    return all(
        left is not None and right is not None and _same(left, right, inside)
        for left, right in zip_longest(one, other)
    )


def same(one, other):
    """Say whether two XML documents mean the same, the order of attributes included."""
    return _same(_tree(one), _tree(other))


def files():
    """Return the XML files of the project's add-ons."""
    return sorted(path for addon in addons() for path in addon.rglob("*.xml"))


def unformatted(paths):
    """Yield ``(path, formatted text)`` of the files that are not in the one format."""
    for path in paths:
        text = path.read_text()
        try:
            new = formatted(text)
        except ValueError as error:
            raise DevError(f"Format {path.relative_to(ROOT)} by hand: {error}.") from error
        if new != text:
            yield path, new


def tidy():
    """Put the XML files in the one format."""
    for path, text in unformatted(files()):
        path.write_text(text)


def violations():
    """Yield a sentence for each XML file that is not in the one format."""
    for path, _text in unformatted(files()):
        yield f"{path.relative_to(ROOT)}: not in the format of `./dev format`"


if __name__ == "__main__":
    tidy()
