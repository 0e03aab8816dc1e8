"""Run programs and say what is going on, in plain sentences."""

import fcntl
import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

from .places import HOME, LOGS, environment


class Sorry(Exception):
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


def run(*command, sorry=None, log="setup.log", **options):
    """Run a program with its output in a log file; raise ``sorry`` if it fails."""
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / log
    options.setdefault("env", environment())
    with path.open("a") as output:
        result = subprocess.run(
            [str(part) for part in command],
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            check=False,
            **options,
        )
    if result.returncode and sorry:
        lines = path.read_text(errors="replace").strip().splitlines() or [""]
        raise Sorry(f"{sorry} (It said: {lines[-1].strip()[:300]}; all of it: {path})")
    return result.returncode


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
def alone():
    """Let only one set-up work on `.odoo/` at a time; others wait for it."""
    HOME.mkdir(exist_ok=True)
    with (HOME / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("- waiting for another set-up of this folder to finish")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_made(name, content):
    """Say whether the step ``name`` was finished for just this ``content``."""
    stamp = HOME / f"{name}.done"
    return stamp.exists() and stamp.read_text() == content


def mark_made(name, content):
    """Note that the step ``name`` is finished; written last, so that a broken one is repeated."""
    new = HOME / f"{name}.new"
    new.write_text(content)
    os.replace(new, HOME / f"{name}.done")
