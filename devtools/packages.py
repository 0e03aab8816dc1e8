"""System packages: what must be there, and how to get it on Debian and Ubuntu."""

import os
import shutil
from pathlib import Path

from .places import python_minor
from .work import DevError, answer, run, step

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CAREFUL = ("-y", "--fix-broken", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=600")
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


def need(with_browser, with_git):
    """Make sure there are the system's packages, all at once and before anything is fetched."""
    missing = {}
    if not _has_ensurepip():
        missing[f"python{python_minor()}-venv"] = "make a virtual environment"
    if with_git and not shutil.which("git"):
        missing["git"] = "fetch Odoo 19"
    if with_browser:
        missing |= _lacks_for_browser()
    if missing:
        install(missing)


def _lacks_for_browser():
    wanted = {
        "chromium": (browser(), "run browser tests"),
        "wkhtmltopdf": (shutil.which("wkhtmltopdf"), "print reports"),
        "fonts-wqy-microhei": (_has_chinese_font(), "show Chinese names"),
    }
    return {name: why for name, (found, why) in wanted.items() if not found}


def as_root(*command):
    """Return the command as the system's administrator runs it, or nothing without that right."""
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
        raise DevError(
            f"Missing: {why}. Install it, for example with"
            f" `sudo apt-get install {' '.join(names)}`, and run this again."
        )
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with step(f"installing {', '.join(names)}"):
        if not _updated:
            run(*as_root("apt-get", "update"), env=quiet, is_bound=False)
            _updated.append(True)
        # An earlier installation may have been cut off, or still go on.
        run(*as_root("dpkg", "--configure", "-a"), env=quiet, is_bound=False)
        run(
            *as_root("apt-get", "install", *CAREFUL, *names),
            env=quiet,
            is_bound=False,
            failure=f"Could not install {why}: check the network and the package sources.",
        )
