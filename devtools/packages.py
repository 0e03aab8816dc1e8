"""System packages: what must be there, and how to get it on Debian and Ubuntu."""

import os
import shutil
from pathlib import Path

from .work import Sorry, answer, run, step

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_updated = []


def browser():
    """Return the path of a Chromium, or nothing."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def _has_chinese_font():
    folders = (Path("/usr/share/fonts"), Path.home() / ".fonts", Path.home() / ".local/share/fonts")
    names = ("wqy", "cjk", "droidsansfallback", "uming", "ukai")
    return any(
        any(name in str(file).lower() for name in names)
        for folder in folders
        for file in folder.rglob("*.[to]t[fc]")
    )


def _has_ensurepip():
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        return False
    return True


def need_venv():
    """Make sure Python can make virtual environments."""
    if not _has_ensurepip():
        install({"python3-venv": "make a virtual environment"})


def need_browser():
    """Make sure there is what browser tests, screenshots and PDF reports need."""
    missing = {}
    if not browser():
        missing["chromium"] = "run browser tests"
    if not shutil.which("wkhtmltopdf"):
        missing["wkhtmltopdf"] = "print reports"
    if not _has_chinese_font():
        missing["fonts-wqy-microhei"] = "show Chinese names"
    if missing:
        install(missing)


def as_root(*command):
    """Return the command as the system's administrator runs it, or nothing if nobody may."""
    if os.geteuid() == 0:
        return command
    if shutil.which("sudo") and answer("sudo", "-n", "echo", "yes"):
        return ("sudo", "-n", *command)
    return None


def install(reasons):
    """Install packages given as ``{name: what for}``."""
    names = sorted(reasons)
    why = ", ".join(f"{name} (to {reasons[name]})" for name in names)
    if not shutil.which("apt-get") or not as_root("true"):
        raise Sorry(
            f"Missing: {why}. Install it, for example with"
            f" `sudo apt-get install {' '.join(names)}`, and run this again."
        )
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with step(f"installing {', '.join(names)}"):
        if not _updated:
            run(*as_root("apt-get", "update"), env=quiet)
            _updated.append(True)
        run(
            *as_root("apt-get", "install", "-y", "--no-install-recommends", *names),
            env=quiet,
            sorry=f"Could not install {why}: check the network and the package sources.",
        )
