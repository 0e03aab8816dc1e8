"""The rules of the chapters: their order, their size, and one model per file."""

import ast
import re

CHAPTERS = (
    *("ground", "who", "plan", "contact", "message", "complaint", "handover"),
    *("sla", "intake", "exclusion", "listen", "learn"),
)
# How many files a chapter has, and how many lines a file.
FEWEST_FILES, MOST_FILES, MOST_LINES = 5, 25, 450
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


def _models(path):
    """Return the names of the models that a file defines or re-opens, one for each class."""
    for node in ast.parse(path.read_text()).body:
        if not isinstance(node, ast.ClassDef):
            continue
        found = {
            target.id: one.value
            for one in node.body
            if isinstance(one, ast.Assign)
            for target in one.targets
            if isinstance(target, ast.Name) and target.id in ("_name", "_inherit")
        }
        value = found.get("_name") or found.get("_inherit")
        name = ast.literal_eval(value) if value else None
        if name:
            yield name if isinstance(name, str) else name[0]


def _size(folder):
    """Yield a sentence for each chapter or file that is too large or too small."""
    names = {path.name for path in (folder / "models").iterdir() if path.is_dir()}
    for name in sorted(names - {*CHAPTERS, "__pycache__"}):
        yield f"{folder.name}/models/{name}: no chapter of this name"
    for name in [one for one in CHAPTERS if one in names]:
        files = sorted((folder / "models" / name).glob("*.py"))
        count = len(files) - 1
        if not FEWEST_FILES <= count <= MOST_FILES:
            yield (
                f"{folder.name}/models/{name}: {count} files, but a chapter has"
                f" {FEWEST_FILES} to {MOST_FILES}"
            )
        for path in files:
            lines = len(path.read_text().splitlines())
            if lines > MOST_LINES:
                yield (
                    f"{path.relative_to(folder.parent)}: {lines} lines, but a file has up to"
                    f" {MOST_LINES}"
                )


def _mixed(folder):
    """Yield a sentence for each file that holds classes of several models."""
    for path in sorted((folder / "models").rglob("*.py")):
        models = list(dict.fromkeys(_models(path)))
        if len(models) > 1:
            names = ", ".join(models)
            yield f"{path.relative_to(folder.parent)}: holds {names}; one model per file"


_VIEW = re.compile(r'<record id="([\w.]+)" model="ir\.ui\.view">(.*?)</record>', re.DOTALL)
_INHERITED = re.compile(r'name="inherit_id" ref="(?:customer_followup\.)?(\w+)"')


def _views_in_pieces(folder):
    """Yield a sentence for each view that is inherited by a view of its own chapter."""
    for chapter in CHAPTERS:
        paths = sorted((folder / "views" / chapter).glob("*.xml"))
        views = [(path, *view) for path in paths for view in _VIEW.findall(path.read_text())]
        own = {name for _path, name, _arch in views}
        for path, name, arch in views:
            inherited = _INHERITED.search(arch)
            if inherited and inherited[1] in own:
                yield (
                    f"{path.relative_to(folder.parent)}: {name} inherits {inherited[1]} of the same"
                    " chapter; write it there"
                )


def structure(folder):
    """Yield a sentence for each fault in the chapters and files of an add-on."""
    yield from _size(folder)
    yield from _mixed(folder)
    yield from _views_in_pieces(folder)


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
