"""Run the tests, and make sure that all of them ran."""

import ast
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor

from . import database, odoo_server
from .places import HOME, LOGS, PYTHON, ROOT, addons, environment
from .work import DevError, alone, say, show

# Two processes use both cores of a small machine.
LANES = ("tests", "tests_2")
# The second process first runs some tests on a database without demo data as well.
WITHOUT_DEMO = "tests_without_demo"
TESTS_WITHOUT_DEMO = ("customer_followup/tests/test_smoke.py", "-k", "administrator or manager")


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


def _ran(lanes):
    """Return the tests that ran as ``(class, method)``, and the names of those skipped."""
    ran, skipped = set(), []
    reports = [ElementTree.parse(LOGS / f"{lane}.xml") for lane in lanes]
    for case in (one for report in reports for one in report.iter("testcase")):
        name = (case.get("classname").rsplit(".", 1)[-1], case.get("name").split("[")[0])
        ran.add(name)
        if case.find("skipped") is not None:
            skipped.append(".".join(name))
    return ran, skipped


def _pytest(name, arguments, lane=LANES[0], **options):
    log, conf = LOGS / f"{lane}.log", HOME / f"{lane}.conf"
    own = f"logfile = {log}\nlog_level = warn\nhttp_port = {odoo_server.free_port()}\n"
    conf.write_text((HOME / "odoo.conf").read_text() + own)
    log.unlink(missing_ok=True)
    report = LOGS / f"{lane}.xml"
    command = [
        *(PYTHON, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", f"--junitxml={report}"),
        *(f"--odoo-config={conf}", f"--odoo-database={name}", "--odoo-http"),
        *("--odoo-log-level=warn", *arguments),
    ]
    return show(*command, cwd=ROOT, env=environment(), **options)


# How long tests of the browser take, in lines of quick tests.
SLOW = {"start_tour(": 400, "HttpCase": 20, "url_open(": 8}
WALKS = {"test_smoke.py": 24000}
WALKS_WITHOUT_DEMO = 6000


def _weight(path):
    """Return about how long the tests of a file take, in lines of quick tests."""
    text = path.read_text()
    slow = sum(weight * text.count(word) for word, weight in SLOW.items())
    return len(text.splitlines()) + slow + WALKS.get(path.name, 0)


def _halves():
    """Return all files of tests in two lists that take about as long."""
    files = [file for folder in _folders() for file in folder.rglob("test_*.py")]
    halves, weights = ([], []), [0, WALKS_WITHOUT_DEMO]
    for path in sorted(files, key=lambda one: (-_weight(one), str(one))):
        lane = weights.index(min(weights))
        halves[lane].append(path)
        weights[lane] += _weight(path)
    return halves


def _both(name):
    """Run all tests in two processes, each with a database of its own; return the worst code."""
    second = f"{name}_2"
    database.copy(name, second)
    first_half, second_half = _halves()
    said = LOGS / f"{LANES[1]}.txt"
    with ThreadPoolExecutor(1) as pool, said.open("w") as output:
        other = pool.submit(_second, second, second_half, output)
        code = _pytest(name, first_half)
        code = code or other.result()
    say(said.read_text())
    database.drop(second)
    return code


def _second(name, files, output):
    with alone():
        odoo_server.empty(odoo_server.EMPTY)
    options = {"stdout": output, "stderr": output}
    code = _pytest(odoo_server.EMPTY, TESTS_WITHOUT_DEMO, WITHOUT_DEMO, **options)
    return code or _pytest(name, files, LANES[1], **options)


def _complaints():
    ran, skipped = _ran(LANES)
    lost = sorted(".".join(name) for name in written() - ran)
    if skipped:
        yield f"These tests were skipped: {', '.join(skipped)}."
    if lost:
        yield f"These tests exist but did not run: {', '.join(lost)}."
    for log in (LOGS / f"{lane}.log" for lane in (*LANES, WITHOUT_DEMO)):
        if log.exists():
            yield from odoo_server.trouble(log)


def test_calculations():
    """Run the tests of the calculations, which need no Odoo and take seconds."""
    tools = ROOT / "customer_followup" / "tools"
    if show(PYTHON, "-m", "pytest", "-q", tools, cwd=ROOT, env=environment()):
        raise DevError("The tests of the calculations failed: fix the problems listed above.")


def test(name, arguments):
    """Run pytest on a database; without a path among the arguments, on all files."""
    LOGS.mkdir(parents=True, exist_ok=True)
    has_path = any("/" in one or one.endswith(".py") for one in arguments)
    return _pytest(name, arguments if has_path else [*_folders(), *arguments])


def test_all(name):
    """Run all tests, and insist that every one ran, without warnings."""
    LOGS.mkdir(parents=True, exist_ok=True)
    if code := _both(name):
        return code
    complaints = list(_complaints())
    for line in complaints:
        say(line)
    if complaints:
        raise DevError("The tests passed, but with warnings: fix the problems listed above.")
    return 0
