"""The virtual environment with Odoo's own needs and the test tools, pinned."""

import shutil
import sys
from pathlib import Path

from .places import PYTHON, REQUIREMENTS, VENV, python_minor
from .work import DevError, answer, is_made, mark_made, need_room, run, step, unmark


def make(odoo_folder):
    """Make the environment unless it is there, so that it imports Odoo from ``odoo_folder``."""
    wanted = f"{python_minor()} {VENV} {odoo_folder} {REQUIREMENTS.read_text()}"
    if is_made("venv", wanted) and answer(PYTHON, "-c", "print(1)"):
        return
    unmark("venv")
    need_room(1.5)
    with step("making a virtual environment"):
        shutil.rmtree(VENV, ignore_errors=True)
        run(sys.executable, "-m", "venv", VENV, failure="Could not make a virtual environment.")
    with step("installing Python packages"):
        run(
            *(PYTHON, "-m", "pip", "install", "-q", "-r", REQUIREMENTS),
            failure="Could not install the Python packages: check the network and the disk space.",
        )
    _site_packages().joinpath("odoo19.pth").write_text(f"{odoo_folder}\n")
    if not answer(PYTHON, "-c", "import odoo.release; print(odoo.release.version)"):
        raise DevError(f"Python cannot import Odoo from {odoo_folder}: remove .odoo and try again.")
    mark_made("venv", wanted)


def _site_packages():
    return Path(answer(PYTHON, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"))
