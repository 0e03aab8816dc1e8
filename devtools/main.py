"""./dev COMMAND

run            serve the demo on http://localhost:8069 (PORT=8070 ./dev run: elsewhere)
test [ARGS]    style, a fresh database, all tests; ARGS go to pytest
quick [ARGS]   tests on the database of the last test, updated if need be
lint, format   check the style, or format the code
i18n           renew the templates and files of the translations, count what is untranslated
i18n missing N FOLDER, i18n take FILE..., i18n check
               write the untranslated texts in files of N, take such files back, check all
words          count the words that the project has replaced, by file
shell, psql    look around in the demo database
shots [NAMES]  save a picture of each main screen in .odoo/shots
planners       kill planners that share the work, on a copy of the tests' database
bench NAME [N] measure, against what others do, on this machine
odoo-suites    compare Odoo's own tests with and without the add-on
reset          remove the databases
"""

import errno
import inspect
import os
import shutil
import socket
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from . import (
    concurrency_check,
    database,
    lint,
    odoo_server,
    odoo_source,
    packages,
    peers,
    python_env,
    suites,
    testing,
    uninstall_check,
    words,
)
from .places import HOME, LOGS, PYTHON, ROOT, environment
from .work import DevError, alone, end, hand_over, ignore_signals, listen, no_room, say, show

LOGINS = (
    ("admin", "administrator"),
    ("manager", "manager"),
    ("leader", "team leader"),
    ("agent1", "agent"),
    ("agent2", "agent"),
    ("privacy", "privacy officer"),
)


def set_up(with_browser=False):
    """Install Odoo, its Python packages and, for tests, a browser."""
    if " " in sys.executable:
        raise DevError("Python itself lies in a folder with a space in its name: use another one.")
    if any(sign in str(ROOT) for sign in ":,\n"):
        raise DevError(f"The path {ROOT} holds a colon or a comma: move this folder elsewhere.")
    with alone():
        packages.need(with_browser, odoo_source.needs_git())
        folder = odoo_source.find()
        python_env.make(folder)
        return odoo_server.conf(folder)


def _port(default):
    """Return the port to serve on, and make sure that it is free."""
    given = os.environ.get("PORT") or default
    if not given.isdecimal() or not 0 < int(given) < 65536:
        raise DevError(
            f"PORT is {given}: give a number from 1024 to 65535, as in `PORT=8070 ./dev`."
        )
    _free_port(int(given))
    return int(given)


def _free_port(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise DevError(
                f"Port {port} is taken: stop what uses it, or choose another, as in"
                f" `PORT={port + 1 if 1023 < port < 65535 else 8070} ./dev run`."
            ) from error


def _wait_until_served(process, port):
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise DevError(f"Odoo stopped by itself: see {LOGS / 'server.log'}.")
        try:
            with direct.open(f"http://localhost:{port}/web/login", timeout=60):
                return
        except OSError:
            time.sleep(0.3)
    raise DevError(f"Odoo does not answer: see {LOGS / 'server.log'}.")


class _Served:
    """Odoo serving a database while a block runs."""

    def __init__(self, name, port, *arguments):
        self.name, self.port, self.arguments = name, port, arguments

    def __enter__(self):
        _free_port(self.port)
        self.process = odoo_server.serve(self.name, self.port, *self.arguments)
        try:
            _wait_until_served(self.process, self.port)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error):
        ignore_signals()
        end(self.process)


def command_run():
    """Serve the demo until Ctrl-C."""
    port = _port("8069")
    set_up()
    with database.server():
        odoo_server.current(odoo_server.DEMO)
        with _Served(odoo_server.DEMO, port) as served:
            say(f"\nCustomer Follow-up is served on http://localhost:{port}\n")
            for login, role in LOGINS:
                say(f"  {login:8}  password {login:8}  {role}")
            say("\nCtrl-C stops it.")
            served.process.wait()
            raise DevError(f"Odoo stopped by itself: see {LOGS / 'server.log'}.")


def command_test(*arguments):
    """Check everything, on a database made for it."""
    set_up(with_browser=True)
    with database.server():
        if arguments:
            lint.lint()
            with _test_database():
                with alone():
                    odoo_server.fresh(odoo_server.TEST)
                return testing.test(odoo_server.TEST, arguments)
        with _test_database():
            with ThreadPoolExecutor(1) as pool, alone():
                style = pool.submit(_check_files)
                uninstall_check.check()
                odoo_server.fresh(odoo_server.TEST)
                odoo_server.prepare_pages(odoo_server.TEST)
                style.result()
            concurrency_check.check()
            return testing.test_all(odoo_server.TEST)


def _check_files():
    lint.lint()
    testing.test_calculations()


def _test_database():
    return alone("tests", "the tests of this folder")


def command_quick(*arguments):
    """Run tests on the database of the last test."""
    set_up(with_browser=True)
    with database.server(), _test_database():
        odoo_server.current(odoo_server.TEST)
        return testing.test(odoo_server.TEST, arguments)


def command_planners():
    """Check planners that share the work and are killed."""
    set_up()
    with database.server(), _test_database():
        odoo_server.current(odoo_server.TEST)
        concurrency_check.check()
    return 0


def command_lint():
    """Check the style."""
    set_up()
    lint.lint()
    return 0


def command_format():
    """Format the code."""
    set_up()
    lint.tidy()
    return 0


def command_i18n(*arguments):
    """Renew the translations' files, or work on them."""
    set_up()
    if arguments:
        if arguments[0] not in ("missing", "take", "check"):
            raise DevError(f"i18n knows no {arguments[0]}: `./dev help` lists what it does.")
        return show(PYTHON, "-m", "devtools.i18n", *arguments, env=environment())
    with database.server(), _test_database():
        # An update keeps the texts of records that companies may change.
        with alone():
            odoo_server.fresh(odoo_server.TEST)
        script = "from devtools import i18n; i18n.renew(env)\n"
        return odoo_server.shell(odoo_server.TEST, script)


def command_words():
    """Count the replaced words by file."""
    words.count()
    return 0


def command_shell():
    """Open Odoo's shell on the demo."""
    set_up()
    with database.server():
        odoo_server.current(odoo_server.DEMO)
        return odoo_server.shell(odoo_server.DEMO)


def command_psql(name=odoo_server.DEMO):
    """Open PostgreSQL's shell on the demo, or on another database."""
    set_up()
    with database.server():
        host, port, user, password = database.settings()
        program = shutil.which("psql") or database.psql()
        own = {**environment(), "PGPASSWORD": password}
        return hand_over(program, "-h", host, "-p", port, "-U", user, name, env=own)


def command_shots(*names):
    """Save pictures of the demo's screens."""
    port = _port("8077")
    set_up(with_browser=True)
    folder = HOME / "shots"
    folder.mkdir(exist_ok=True)
    with database.server():
        odoo_server.current(odoo_server.DEMO)
        with _Served(odoo_server.DEMO, port, "--max-cron-threads=0"):
            code = show(
                *(PYTHON, "-m", "devtools.shots", packages.browser(), f"http://localhost:{port}"),
                *(odoo_server.DEMO, folder, *names),
                cwd=ROOT,
                env=environment(),
            )
    say(f"The pictures are in {folder}.")
    return code


def command_bench(name, *arguments):
    """Measure on a database of its own."""
    path = ROOT / "devtools" / "bench" / f"{name.replace('-', '_')}.py"
    if not path.exists():
        known = sorted(one.stem for one in path.parent.glob("[a-z]*.py"))
        raise DevError(f"There is no bench {name}: choose one of {', '.join(known)}.")
    set_up()
    with database.server():
        target, beside = peers.beside(name, "customer_followup_bench")
        given = f"{{'env': env, 'arguments': {list(arguments)!r}}}"
        script = f"import runpy; runpy.run_path({str(path)!r}, {given}, 'bench')\n"
        return odoo_server.shell(target, script, arguments=beside)


def command_odoo_suites(*modules):
    """Compare Odoo's own tests."""
    set_up(with_browser=True)
    with database.server(), alone("suites", "Odoo's tests in this folder"):
        return 0 if suites.compare(modules) else 1


def command_reset():
    """Remove the databases."""
    set_up()
    with database.server(), _test_database(), alone():
        database.reset()
    return 0


def command_help():
    """Say what there is."""
    say(__doc__.strip())
    return 0


def _command(name, arguments):
    """Return what to call for a command given by name, with its arguments."""
    command = globals().get(f"command_{name.lstrip('-').replace('-', '_')}")
    if not command:
        raise DevError(f"There is no command {name}: `./dev help` lists them.")
    try:
        inspect.signature(command).bind(*arguments)
    except TypeError as error:
        raise DevError(f"{name} takes other arguments: `./dev help` says which.") from error
    return command


def _reason(error):
    """Return what to do about something the system refused, in one sentence."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return no_room(HOME, 3)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"{error.filename or ROOT} may not be written here: give this folder to the user who"
            " runs this, or remove .odoo if another user made it."
        )
    return f"The system refused: {error}; mend that and run this again."


def main(arguments):
    """Do what the first argument says and return the exit code."""
    name, *rest = arguments or ["help"]
    listen()
    # As root, the account of the database server reads what is made here.
    os.umask(0o022)
    try:
        return _command(name, rest)(*rest)
    except DevError as error:
        print(f"\n{error}", file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        say("\nStopped.")
        return 130
    except OSError as error:
        print(f"\n{_reason(error)}", file=sys.stderr, flush=True)
        return 1
