"""Run the tests, and make sure that all of them ran."""

import ast
import xml.etree.ElementTree as ElementTree

from . import odoo_server
from .places import HOME, LOGS, PYTHON, ROOT, addons, environment
from .work import DevError, say, show

REPORT = LOGS / "tests.xml"
LOG = LOGS / "tests.log"
# Tests that also run on a database without demo data.
WITHOUT_DEMO = ("customer_followup/tests/test_smoke.py", "-k", "administrator or manager")


def _folders():
    return [*(path / "tests" for path in addons()), ROOT / "devtools" / "tests"]


def written():
    """Return the tests there are, as ``(class, method)``, by reading the files."""
    tests = set()
    for path in (file for folder in _folders() for file in folder.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                tests |= {
                    (node.name, method.name)
                    for method in node.body
                    if isinstance(method, ast.FunctionDef) and method.name.startswith("test_")
                }
    return tests


def _ran():
    """Return the tests that ran as ``(class, method)``, and the names of those skipped."""
    ran, skipped = set(), []
    for case in ElementTree.parse(REPORT).iter("testcase"):
        name = (case.get("classname").rsplit(".", 1)[-1], case.get("name").split("[")[0])
        ran.add(name)
        if case.find("skipped") is not None:
            skipped.append(".".join(name))
    return ran, skipped


def _pytest(database, arguments):
    conf = HOME / "tests.conf"
    own = f"logfile = {LOG}\nlog_level = warn\nhttp_port = {odoo_server.free_port()}\n"
    conf.write_text((HOME / "odoo.conf").read_text() + own)
    LOG.unlink(missing_ok=True)
    command = [
        *(PYTHON, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", f"--junitxml={REPORT}"),
        *(f"--odoo-config={conf}", f"--odoo-database={database}", "--odoo-http"),
        *("--odoo-log-level=warn", *arguments),
    ]
    return show(*command, cwd=ROOT, env=environment())


def _complaints():
    ran, skipped = _ran()
    lost = sorted(".".join(name) for name in written() - ran)
    if skipped:
        yield f"These tests were skipped: {', '.join(skipped)}."
    if lost:
        yield f"These tests exist but did not run: {', '.join(lost)}."
    if LOG.exists():
        yield from odoo_server.trouble(LOG)


def test_calculations():
    """Run the tests of the calculations, which need no Odoo and take seconds."""
    tools = ROOT / "customer_followup" / "tools"
    if show(PYTHON, "-m", "pytest", "-q", tools, cwd=ROOT, env=environment()):
        raise DevError("The tests of the calculations failed: fix the problems listed above.")


def test(database, arguments, is_all):
    """Run pytest on a database; with ``is_all`` insist that every test ran, without warnings."""
    LOGS.mkdir(parents=True, exist_ok=True)
    has_path = any("/" in one or one.endswith(".py") for one in arguments)
    code = _pytest(database, arguments if has_path else [*_folders(), *arguments])
    if code:
        return code
    complaints = list(_complaints()) if is_all else []
    for line in complaints:
        say(line)
    if complaints:
        raise DevError("The tests passed, but with warnings: fix the problems listed above.")
    return 0
