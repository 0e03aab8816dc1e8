"""The rule of the story: a chapter names no model of a chapter that comes after it."""

import ast
import re

CHAPTERS = (
    *("ground", "who", "plan", "contact", "message", "complaint", "handover"),
    *("sla", "intake", "exclusion", "listen", "learn"),
)
_WORD = r"[\w.]"


def _strings(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def _defined(folder):
    """Return the chapter of every model, by the model's name."""
    models = {}
    for chapter in CHAPTERS:
        for path in sorted((folder / "models" / chapter).glob("*.py")):
            text = path.read_text()
            found = re.findall(r'^    _name = "([\w.]+)"', text, re.MULTILINE)
            inherited = re.findall(r"^    _inherit = (\[.*?\])", text, re.MULTILINE | re.DOTALL)
            for name in found:
                # A model that inherits from itself and from more is opened again, not made.
                if f'"{name}"' not in "".join(inherited):
                    models.setdefault(name, chapter)
    return models


def _texts(folder, chapter):
    for path in sorted((folder / "models" / chapter).glob("*.py")):
        for line, text in _strings(path):
            yield path, line, text
    for path in sorted((folder / "views" / chapter).glob("*.xml")):
        for line, text in enumerate(path.read_text().splitlines(), 1):
            yield path, line, text


def violations(folder):
    """Yield a sentence for each place in an add-on that names a model of a later chapter."""
    models = _defined(folder)
    for number, chapter in enumerate(CHAPTERS):
        later = [name for name, at in models.items() if CHAPTERS.index(at) > number]
        if not later:
            continue
        pattern = re.compile(
            rf"(?<!{_WORD})({'|'.join(re.escape(name) for name in later)})(?!{_WORD})"
        )
        for path, line, text in _texts(folder, chapter):
            for name in pattern.findall(text):
                yield (
                    f"{path.relative_to(folder.parent)}:{line}: chapter {chapter} names {name}, a"
                    f" model of the later chapter {models[name]}"
                )
