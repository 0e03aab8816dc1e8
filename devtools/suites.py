"""Compare the results of Odoo's own tests with and without the add-on."""

import shutil

from . import database, odoo_server, odoo_source, suite_log
from .places import HOME, LOGS, REQUIREMENTS, digest
from .work import DevError, say, step

MODULES = ("survey", "calendar", "mail", "test_mail")
# What Odoo gives without the add-on changes only with Odoo: logs of finished runs.
KEPT = HOME / "suites.kept"
_FAILURES = ("ERROR", "FAIL")


def compare(modules):
    """Run both and return whether the add-on changed no result of a test or subtest."""
    modules = tuple(modules) or MODULES
    without = _without(modules)
    ours = _run(modules, with_addon=True)
    lines = suite_log.differences(without, ours)
    for line in lines:
        say(line)
    for name, results in (("without", without), ("with", ours)):
        failed = sum(count for (_, kind, _), count in results.findings.items() if kind in _FAILURES)
        say(f"{name}: {len(results.ran)} tests, {failed} failures of tests and subtests")
    say(f"{len(lines)} differ" if lines else "The same with and without the add-on.")
    return not lines


def _without(modules):
    """Return the results without the add-on, of an earlier run if Odoo is the same."""
    kept = KEPT / f"{_odoo(modules)}.log"
    if kept.exists():
        say(f"- Odoo's tests without the add-on: as they were (remove {kept} to run them again)")
        return suite_log.read(kept.read_text(errors="replace"))
    results = _run(modules, with_addon=False)
    KEPT.mkdir(exist_ok=True)
    new = kept.with_suffix(".new")
    shutil.copyfile(_log(with_addon=False), new)
    new.replace(kept)
    return results


def _odoo(modules):
    """Return a hash of what Odoo's own results depend on."""
    folder = odoo_source.find()
    paths = [
        place / module
        for place in odoo_source.addons_folders(folder)
        for module in ("base", *modules)
        if (place / module).is_dir()
    ]
    return digest(folder / "odoo" / "release.py", REQUIREMENTS, *paths)[:16]


def _name(with_addon):
    return f"customer_followup_suites_{'with' if with_addon else 'without'}"


def _log(with_addon):
    return LOGS / f"{_name(with_addon)}.log"


def _run(modules, with_addon):
    name, log = _name(with_addon), _log(with_addon).name
    database.drop(name)
    install = ",".join([*modules, *(["customer_followup"] if with_addon else [])])
    with step(
        f"Odoo's tests of {', '.join(modules)} {'with' if with_addon else 'without'} the add-on"
    ):
        odoo_server.odoo(*("-d", name, "-i", install), log=log, failure="Odoo did not install.")
        path = odoo_server.odoo(
            *("-d", name, "-u", ",".join(modules)),
            *("--test-tags", ",".join(f"/{module}" for module in modules), "--log-level=test"),
            *("--http-port", odoo_server.free_port()),
            log=log,
            failure=None,
        )
    results = suite_log.read(path.read_text(errors="replace"))
    if not results.ran or not results.is_complete:
        raise DevError(
            f"Odoo did not come to the end of its tests: see {path}, and run this again."
        )
    return results
