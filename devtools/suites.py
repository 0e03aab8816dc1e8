"""Compare the results of Odoo's own tests with and without the add-on."""

import re

from . import database, odoo_server
from .places import LOGS, addons
from .work import Sorry, say, step

MODULES = ("survey", "calendar", "mail", "test_mail")
STARTED = re.compile(r" odoo\.addons\.(\w+)\.tests\.(\S+): Starting (\w+)\.(\w+) \.\.\.")
FAILED = re.compile(r" (?:ERROR|FAIL): (\w+)\.(\w+)")


def _results(log):
    """Return ``{(class, method): passed}`` of a log of Odoo's test runner."""
    text = log.read_text(errors="replace")
    results = {(found[2], found[3]): True for found in STARTED.findall(text)}
    for name in FAILED.findall(text):
        results[name] = False
    return results


def _run(modules, with_addon):
    name = f"customer_followup_suites_{'with' if with_addon else 'without'}"
    database.drop(name)
    install = ",".join([*modules, *(["customer_followup"] if with_addon else [])])
    with step(f"Odoo's tests of {', '.join(modules)} {'with' if with_addon else 'without'} us"):
        log = LOGS / f"{name}.log"
        odoo_server.odoo(*("-d", name, "-i", install), log=log.name, sorry="Odoo did not install.")
        log = odoo_server.odoo(
            *("-d", name, "-u", ",".join(modules)),
            *("--test-tags", ",".join(f"/{module}" for module in modules), "--log-level=test"),
            *("--http-port", odoo_server.free_port()),
            log=log.name,
            sorry=None,
        )
    return _results(log)


def compare(modules):
    """Run both and return whether the add-on changed no result."""
    modules = modules or MODULES
    without = _run(modules, with_addon=False)
    if not without:
        raise Sorry("Odoo ran no test at all: see the logs in .odoo/log.")
    ours = _run(modules, with_addon=True)
    differing = [name for name in {*without, *ours} if without.get(name) != ours.get(name)]
    for name in sorted(differing):
        say(f"{'.'.join(name)}: without {without.get(name)}, with {ours.get(name)}")
    passed = sum(ours.values())
    say(f"{len(addons())} add-ons, {len(without)} tests without, {len(ours)} with, {passed} passed")
    return not differing
