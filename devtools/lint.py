"""Style and structure: ruff, pylint-odoo, well-formed XML, and the order of the chapters."""

import xml.etree.ElementTree as ElementTree

from . import chapters, words, xml_format
from .places import PYTHON, ROOT, addons, environment
from .work import DevError, say, show

FOLDERS = ("dev", "devtools")
# Each chapter re-opens a model in its own folder.
SCATTERED = "consider-merging-classes-inherited"
# Texts of tests need no translation.
UNTRANSLATED = "translation-required"


def _python(*command):
    return show(PYTHON, "-m", *command, cwd=ROOT, env=environment()) == 0


def _pylint(*arguments):
    return _python("pylint", "-j2", f"--disable={SCATTERED}", *arguments)


def _tests():
    folders = (path / "tests" for path in addons())
    return [str(path.relative_to(ROOT)) for one in folders for path in sorted(one.rglob("*.py"))]


def _sources():
    return [*FOLDERS, *(path.name for path in addons())]


def _broken_xml():
    for path in xml_format.files():
        try:
            ElementTree.parse(path)
        except ElementTree.ParseError as error:
            yield f"{path.relative_to(ROOT)}: {error}"


def _xml():
    """Yield a sentence for each XML file that is broken or not in the one format."""
    broken = list(_broken_xml())
    yield from broken or xml_format.violations()


def lint():
    """Run all checks; raise at the end if one fails."""
    fine = [
        _python("ruff", "check", "-q", *_sources()),
        _python("ruff", "format", "-q", "--check", *_sources()),
        _pylint("--ignore-paths=.*/tests/.*", *(path.name for path in addons())),
        _pylint(f"--disable={UNTRANSLATED}", *_tests()),
    ]
    addon = ROOT / "customer_followup"
    findings = [
        *_xml(),
        *chapters.violations(addon),
        *chapters.structure(addon),
        *words.violations(),
    ]
    for finding in findings:
        say(finding)
    if findings or not all(fine):
        raise DevError("Fix the problems listed above; `./dev format` fixes the format.")


def tidy():
    """Put the code in its one format."""
    _python("ruff", "check", "-q", "--fix", *_sources())
    _python("ruff", "format", "-q", *_sources())
    if not list(_broken_xml()):
        xml_format.tidy()
