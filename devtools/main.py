"""./dev COMMAND

run            serve the demo on http://localhost:8069 (PORT=8070 ./dev run: elsewhere)
test [ARGS]    style, a fresh database, all tests; ARGS go to pytest
quick [ARGS]   tests on the database of the last test, updated if need be
lint, format   check the style, or put the code in it
shell, psql    look around in the demo database
shots [NAMES]  save a picture of each main screen in .odoo/shots
bench NAME [N] measure, against what others do, on this machine
odoo-suites    compare Odoo's own tests with and without the add-on
reset          remove the databases
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request

from . import (
    database,
    leaving,
    lint,
    odoo_server,
    odoo_source,
    packages,
    python_env,
    suites,
    testing,
)
from .places import HOME, LOGS, PYTHON, ROOT, environment
from .work import Sorry, alone, say

LOGINS = (
    ("admin", "administrator"),
    ("manager", "manager"),
    ("leader", "team leader"),
    ("agent1", "agent"),
    ("agent2", "agent"),
    ("privacy", "privacy officer"),
)


def set_up(with_browser=False):
    """Have Odoo, its Python packages and, for tests, a browser."""
    if " " in sys.executable:
        raise Sorry("Python itself lies in a folder with a space in its name: use another one.")
    with alone():
        folder = odoo_source.find()
        python_env.make(folder)
        if with_browser:
            packages.need_browser()
        return odoo_server.conf(folder)


def _free_port(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Sorry(
                f"Port {port} is taken: stop what uses it, or choose another, as in"
                f" `PORT={port + 1} ./dev run`."
            ) from error


def _wait_until_served(process, port):
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise Sorry(f"Odoo stopped by itself: see {LOGS / 'server.log'}.")
        try:
            with urllib.request.urlopen(f"http://localhost:{port}/web/login", timeout=60):
                return
        except OSError:
            time.sleep(0.3)
    raise Sorry(f"Odoo does not answer: see {LOGS / 'server.log'}.")


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
        # Twice is Odoo's way of being asked to stop at once.
        for sign in (signal.SIGTERM, signal.SIGTERM, signal.SIGKILL):
            if self.process.poll() is not None:
                return
            os.killpg(self.process.pid, sign)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                continue


def command_run():
    """Serve the demo until Ctrl-C."""
    port = int(os.environ.get("PORT", "8069"))
    set_up()
    _free_port(port)
    with database.server():
        odoo_server.current(odoo_server.DEMO)
        with _Served(odoo_server.DEMO, port) as served:
            say(f"\nCustomer Follow-up is served on http://localhost:{port}\n")
            for login, role in LOGINS:
                say(f"  {login:8}  password {login:8}  {role}")
            say("\nCtrl-C stops it.")
            served.process.wait()
    return 0


def command_test(*arguments):
    """Check everything, on a database made for it."""
    set_up(with_browser=True)
    with database.server():
        lint.lint()
        with alone():
            if not arguments:
                leaving.check()
            odoo_server.fresh(odoo_server.TEST)
            return testing.test(odoo_server.TEST, arguments, is_all=not arguments)


def command_quick(*arguments):
    """Run tests on the database of the last test."""
    set_up(with_browser=True)
    with database.server():
        odoo_server.current(odoo_server.TEST)
        return testing.test(odoo_server.TEST, arguments, is_all=False)


def command_lint():
    """Check the style."""
    set_up()
    lint.lint()
    return 0


def command_format():
    """Put the code in its one format."""
    set_up()
    lint.tidy()
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
        full = [str(program), "-h", host, "-p", port, "-U", user, name]
        return subprocess.run(full, env=own, check=False).returncode


def command_shots(*names):
    """Save pictures of the demo's screens."""
    set_up(with_browser=True)
    port = int(os.environ.get("PORT", "8077"))
    folder = HOME / "shots"
    folder.mkdir(exist_ok=True)
    with database.server():
        odoo_server.current(odoo_server.DEMO)
        with _Served(odoo_server.DEMO, port, "--max-cron-threads=0"):
            full = [PYTHON, "-m", "devtools.shots", packages.browser(), f"http://localhost:{port}"]
            code = subprocess.run(
                [str(part) for part in (*full, odoo_server.DEMO, folder, *names)],
                cwd=ROOT,
                env=environment(),
                check=False,
            ).returncode
    say(f"The pictures are in {folder}.")
    return code


def command_bench(name, *arguments):
    """Measure on a database of its own."""
    path = ROOT / "devtools" / "bench" / f"{name.replace('-', '_')}.py"
    if not path.exists():
        known = sorted(one.stem for one in path.parent.glob("[a-z]*.py"))
        raise Sorry(f"There is no bench {name}: choose one of {', '.join(known)}.")
    set_up()
    with database.server():
        target = "customer_followup_bench"
        odoo_server.current(target)
        given = f"{{'env': env, 'arguments': {list(arguments)!r}}}"
        script = f"import runpy; runpy.run_path({str(path)!r}, {given}, 'bench')\n"
        return odoo_server.shell(target, script)


def command_odoo_suites(*modules):
    """Compare Odoo's own tests."""
    set_up(with_browser=True)
    with database.server():
        return 0 if suites.compare(modules) else 1


def command_reset():
    """Remove the databases."""
    set_up()
    with database.server():
        database.reset()
    return 0


def command_help():
    """Say what there is."""
    say(__doc__.strip())
    return 0


def main(arguments):
    """Do what the first argument says and return the exit code."""
    name, *rest = arguments or ["help"]
    command = globals().get(f"command_{name.lstrip('-').replace('-', '_')}")
    try:
        if not command:
            raise Sorry(f"There is no command {name}: `./dev help` lists them.")
        return command(*rest)
    except Sorry as sorry:
        print(f"\n{sorry}", file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        say("\nStopped.")
        return 130
    except OSError as error:
        print(f"\nThe system refused: {error}.", file=sys.stderr, flush=True)
        return 1
