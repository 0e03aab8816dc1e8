"""Run programs and report progress in plain sentences."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress

from .places import CACHE, HOME, LOGS, TEMPORARY, environment

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SET_UP = "lock"
_held = []


class DevError(Exception):
    """What went wrong and what to do about it, in one sentence."""


def say(text):
    """Print a line at once."""
    print(text, flush=True)


@contextmanager
def step(text):
    """Show that ``text`` is being done, for how long, and that it was done."""
    start = time.monotonic()
    done = threading.Event()

    def tick():
        while not done.wait(1):
            print(f"\r- {text} ... {time.monotonic() - start:.0f} s", end="", flush=True)

    if sys.stdout.isatty():
        threading.Thread(target=tick, daemon=True).start()
    else:
        say(f"- {text} ...")
    try:
        yield
    finally:
        done.set()
    prefix = "\r" if sys.stdout.isatty() else ""
    say(f"{prefix}- {text}: {time.monotonic() - start:.0f} s      ")


def run(*command, failure=None, log="setup.log", is_bound=True, **options):
    """Run a program with its output in a log file; raise ``failure`` if it fails.

    Unless ``is_bound``, it shares our session and goes on if this script is killed.
    """
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / log
    options.setdefault("env", environment())
    with path.open("a") as output:
        begin = output.tell()
        process = subprocess.Popen(
            bound(*command) if is_bound else [str(part) for part in command],
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=is_bound,
            pass_fds=_held if is_bound else (),
            **options,
        )
        code = wait(process)
    if code and failure:
        with path.open(errors="replace") as output:
            output.seek(begin)
            raise DevError(_why(failure, output.read().strip(), path))
    return code


def _why(failure, said, path):
    full = [one for one in (HOME, CACHE, TEMPORARY) if one.exists() and room(one) < 0.05]
    if full or "No space left on device" in said:
        return no_room(full[0] if full else HOME, 3)
    last = said.splitlines()[-1].strip()[:300] if said else "nothing"
    return f"{failure} (It said: {last}; all of it: {path})"


def room(folder):
    """Return how many gigabytes are free on the disk of a folder."""
    return shutil.disk_usage(folder).free / 1e9


def no_room(folder, gigabytes):
    """Return what to say when the disk of a folder is full."""
    return f"The disk of {folder} is too full: make room for {gigabytes} GB and run this again."


def need_room(gigabytes):
    """Make sure that what is about to be fetched fits on the disk."""
    if room(HOME) < gigabytes:
        raise DevError(no_room(HOME, gigabytes))


def show(*command, **options):
    """Run a program with its output on the screen and return its code."""
    full = bound(*command, sign="INT")
    return wait(subprocess.Popen(full, start_new_session=True, **options))


def hand_over(*command, **options):
    """Give a program the terminal, Ctrl-C included, and return its code."""
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        full = [str(part) for part in command]
        return subprocess.run(full, check=False, **options).returncode
    finally:
        signal.signal(signal.SIGINT, before)


def bound(*command, sign="KILL"):
    """Return a command whose program gets a signal when this script is killed."""
    full = [str(part) for part in command]
    return ["setpriv", "--pdeathsig", sign, "--", *full] if shutil.which("setpriv") else full


def wait(process):
    """Wait for a program and return its code; when interrupted, end all that it started."""
    try:
        return process.wait()
    except BaseException:
        end(process)
        raise


def end(process):
    """End a program and, if it has a session of its own, all that it started."""
    # Twice is Odoo's way of being asked to stop at once.
    for sign in (signal.SIGTERM, signal.SIGTERM):
        _send(process, sign)
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)
            break
    _send(process, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        process.wait(5)


def _send(process, sign):
    with suppress(PermissionError):
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            process.send_signal(sign)


def listen():
    """Make Ctrl-C, a closed terminal and SIGTERM stop this script in the same way."""
    for sign in SIGNALS:
        # nohup wants a closed terminal ignored; a shell's background jobs still need Ctrl-C.
        if sign != signal.SIGHUP or signal.getsignal(sign) != signal.SIG_IGN:
            signal.signal(sign, _stop)


def _stop(*_):
    ignore_signals()
    raise KeyboardInterrupt


def ignore_signals():
    """Ignore all signals while the script ends: a second Ctrl-C would leave servers behind."""
    for sign in SIGNALS:
        signal.signal(sign, lambda *_: None)


def answer(*command, **options):
    """Return what a program prints, or nothing if it fails or is not there."""
    try:
        result = subprocess.run(
            [str(part) for part in command],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            check=False,
            **options,
        )
    except OSError:
        return ""
    return result.stdout.strip() if result.returncode == 0 else ""


@contextmanager
def alone(name=SET_UP, what="another set-up of this folder"):
    """Allow one process at a time to do this with `.odoo/`; others wait for it.

    What a killed set-up has left running keeps the lock until it ends.
    """
    HOME.mkdir(exist_ok=True)
    with (HOME / name).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"- waiting for {what} to finish")
            fcntl.flock(lock, fcntl.LOCK_EX)
        held = (lock.fileno(),) if name == SET_UP else ()
        _held.extend(held)
        try:
            yield
        finally:
            _held[:] = [number for number in _held if number not in held]


def is_made(name, content):
    """Say whether the step ``name`` was finished for just this ``content``."""
    stamp = HOME / f"{name}.done"
    return stamp.exists() and stamp.read_text() == content


def mark_made(name, content):
    """Note that the step ``name`` is finished; written last, so that a broken one is repeated."""
    new = HOME / f"{name}.new"
    new.write_text(content)
    os.replace(new, HOME / f"{name}.done")


def unmark(name):
    """Forget that a step was finished: it is about to be done again."""
    (HOME / f"{name}.done").unlink(missing_ok=True)
