"""Paths of the project: everything downloaded or made is below `.odoo/`, which may be removed."""

import hashlib
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".odoo"
LOGS = HOME / "log"
DATA = HOME / "data"
VENV = HOME / "venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "requirements.txt"

# Long enough that two checkouts differ, short enough for a socket's path.
KEY = hashlib.sha256(str(ROOT).encode()).hexdigest()[:10]
TEMPORARY = Path(tempfile.gettempdir())


def _cache():
    """Return the folder of the database server: the project's own path may hold a space."""
    if os.geteuid() == 0:
        return Path("/var/cache/customer_followup") / KEY
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    if " " in str(cache):
        cache = Path("/var/tmp") / f"cache-{os.geteuid()}"
    return cache / "customer_followup" / KEY


CACHE = _cache()


def addons():
    """Return the folders of this project's own add-ons."""
    return sorted(path.parent for path in ROOT.glob("customer_followup*/__manifest__.py"))


def digest(*paths):
    """Return a hash of files and of all files below folders, by name and content."""
    total = hashlib.sha256()
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts:
                total.update(str(file).encode() + file.read_bytes())
    return total.hexdigest()


def environment():
    """Return the environment for programs started from here."""
    return {
        **os.environ,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore::DeprecationWarning",
    }


def python_minor():
    """Return the running Python as text, like 3.11."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"
