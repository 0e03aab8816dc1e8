"""Odoo itself: its configuration, its databases, and running it."""

import re
import socket
import subprocess

from . import database, odoo_source
from .places import DATA, HOME, LOGS, PYTHON, ROOT, addons, digest, environment
from .work import DevError, alone, bound, hand_over, is_made, mark_made, run, say, step, unmark

DEMO = "customer_followup"
TEST = "customer_followup_test"
BASE = "customer_followup_base"
# The same without demo data, and with nothing beside what the add-on needs.
EMPTY = "customer_followup_empty"
EMPTY_BASE = "customer_followup_empty_base"
# What the add-on is shown and tested with.
BESIDE = "sale_management,crm,repair"


def conf(odoo_folder):
    """Write the configuration and return its path."""
    host, port, user, password = database.settings()
    folders = [*odoo_source.addons_folders(odoo_folder), ROOT]
    lines = [
        "[options]",
        f"addons_path = {','.join(map(str, folders))}",
        f"data_dir = {DATA}",
        f"db_host = {host}",
        f"db_port = {port}",
        f"db_user = {user}",
        *([f"db_password = {password}"] if password else []),
        "http_interface = 127.0.0.1",
        "limit_time_real = 100000",
        "limit_time_cpu = 100000",
    ]
    path = HOME / "odoo.conf"
    path.write_text("\n".join(lines) + "\n")
    path.chmod(0o600)
    return path


def command(*arguments):
    """Return the command that starts Odoo with our configuration."""
    verb = arguments[:1] if arguments and not arguments[0].startswith("-") else ()
    return [PYTHON, "-m", "odoo", *verb, "-c", HOME / "odoo.conf", *arguments[len(verb) :]]


def free_port():
    """Return a free port: another checkout may run tests at the same time."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def odoo(*arguments, log, failure):
    """Run Odoo until it stops, with what it logs in a fresh file, and return that file."""
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / log
    path.unlink(missing_ok=True)
    run(*command(*arguments, "--stop-after-init", "--no-http"), log=log, failure=failure)
    return path


def base():
    """Have a database with Odoo's own apps and demo data, made once; return its name."""
    return _base(BASE, "base", f"{_dependencies()},{BESIDE}", "--with-demo")


def _base(name, stamp, apps, *flags):
    wanted = f"{digest(ROOT / 'requirements.txt')} {apps} {_where()}"
    if is_made(stamp, wanted) and database.exists(name):
        return name
    unmark(stamp)
    with step(f"making a database with Odoo's own apps{'' if flags else ', without demo data'}"):
        database.drop(name)
        odoo(
            *("-d", name, *flags, "-i", apps),
            log=f"{stamp}.log",
            failure="Odoo could not install its own apps.",
        )
    mark_made(stamp, wanted)
    return name


def _dependencies():
    text = (ROOT / "customer_followup" / "__manifest__.py").read_text()
    listed = re.search(r'"depends": \[(.*?)\]', text, re.DOTALL)[1]
    return ",".join(re.findall(r'"(\w+)"', listed))


def empty(name):
    """Make a database with the add-on alone, as a company starts with it."""
    database.copy(_base(EMPTY_BASE, "empty_base", _dependencies()), name)
    with step(f"installing the add-on into {name}, without demo data"):
        log = odoo(
            *("-d", name, "-i", "customer_followup"),
            log=f"{name}.log",
            failure="Odoo could not install the add-on without demo data.",
        )
    check_log(log)


def fresh(name):
    """Make a database with the add-on, its demo data and the sales app; return the log."""
    unmark(name)
    database.copy(base(), name)
    with step(f"installing the add-on into {name}"):
        log = odoo(
            *("-d", name, "--with-demo", "-i", f"customer_followup,{BESIDE}"),
            log=f"{name}.log",
            failure="Odoo could not install the add-on.",
        )
    _note_current(name)
    check_log(log)
    return log


def prepare_pages(name):
    """Compile the scripts and styles of all pages, which each browser test would do on its own."""
    script = 'env["ir.qweb"]._pregenerate_assets_bundles(); env.cr.commit()'
    with step(f"preparing the pages of {name}"):
        if shell(name, script, log=f"{name}.shell.log"):
            raise DevError(f"Odoo failed: see {LOGS / name}.shell.log.")


def current(name):
    """Have a database with the add-on as it is in the files now."""
    with alone():
        _bring_up_to_date(name)


def _bring_up_to_date(name):
    if not _is_whole(name):
        fresh(name)
        return
    if is_made(name, state()):
        return
    with step(f"updating the add-on in {name}"):
        log = odoo(
            *("-d", name, "-u", "customer_followup"),
            log=f"{name}.log",
            failure="Odoo could not update the add-on; `./dev reset` starts afresh.",
        )
    _note_current(name)
    check_log(log)


def _is_whole(name):
    """Say whether a database has all of the add-on and its files."""
    # The files are below `.odoo/`, which may have been removed.
    if not (DATA / "filestore" / name).is_dir() or not database.exists(name):
        return False
    installed = database.query(
        "SELECT name FROM ir_module_module WHERE state = 'installed'"
        " AND name LIKE 'customer\\_followup%'",
        name,
    ).split()
    return {path.name for path in addons()} <= set(installed)


def state():
    """Return what the databases depend on: the add-ons' files, and where the server is."""
    return f"{digest(*addons())} {_where()}"


def _where():
    return ":".join(database.settings()[:2])


def _note_current(name):
    mark_made(name, state())


TROUBLE = re.compile(r"^\S+ \S+ \d+ (WARNING|ERROR|CRITICAL) \S+ (\S+?): (.*)")


def trouble(log):
    """Return the lines of a log with a warning of this add-on, or with any error."""
    found = []
    for line in log.read_text(errors="replace").splitlines():
        match = TROUBLE.match(line)
        if match and (match[1] != "WARNING" or "customer_followup" in match[2] + match[3]):
            found.append(line)
    return found


def check_log(log):
    """Raise if a log has such lines."""
    lines = [line for line in trouble(log) if "unaccent" not in line and "pg_trgm" not in line]
    if lines:
        for line in lines:
            say(line)
        raise DevError(f"Odoo logged problems: fix them; the whole log is {log}.")


def serve(name, port, *arguments):
    """Start Odoo on a port and return its process."""
    return subprocess.Popen(
        bound(*command("-d", name, "--http-port", port, *arguments)),
        env=environment(),
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=(LOGS / "server.log").open("w"),
        stderr=subprocess.STDOUT,
    )


def shell(name, script=None, log=None, arguments=()):
    """Run Odoo's shell on a database, by hand or with a script, and return its exit code."""
    kept = ("--logfile", LOGS / log) if log else ()
    level = "warn" if log else "error"
    return hand_over(
        *command("shell", "-d", name, "--no-http", f"--log-level={level}", *kept, *arguments),
        env=environment(),
        input=script,
        text=True,
    )
