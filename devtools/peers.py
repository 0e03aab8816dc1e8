"""Other add-ons that a measurement compares with, in a separate folder and database."""

import shutil

from . import database, odoo_server
from .places import HOME, PYTHON
from .work import is_made, mark_made, run, step, unmark

# bench: the add-on to install, and the packages that bring it
PEERS = {
    "complaint": (
        "helpdesk_mgmt_sla",
        (
            "odoo-addon-helpdesk-mgmt==19.0.1.3.2",
            "odoo-addon-helpdesk-mgmt-sla==19.0.1.0.0.4",
        ),
    )
}
FOLDER = HOME / "peers"


def beside(bench, name):
    """Return the database in which to measure, and Odoo's arguments to find its add-ons.

    :param name: the database of measurements that compare with no other add-on
    """
    odoo_server.current(name)
    if bench not in PEERS:
        return name, ()
    addon, packages = PEERS[bench]
    target, arguments = f"{name}_{bench}", (f"--addons-path={_addons_path()}",)
    wanted = f"{packages} {odoo_server.state()}"
    if not (is_made(target, wanted) and database.exists(target) and FOLDER.is_dir()):
        unmark(target)
        _fetch(packages)
        with step(f"installing {addon} beside the add-on"):
            database.copy(name, target)
            odoo_server.odoo(
                *("-d", target, "-i", addon, *arguments),
                log=f"{target}.log",
                failure=f"Odoo could not install {addon}.",
            )
        mark_made(target, wanted)
    return target, arguments


def _addons_path():
    conf = (HOME / "odoo.conf").read_text()
    [line] = [line for line in conf.splitlines() if line.startswith("addons_path = ")]
    return f"{line.removeprefix('addons_path = ')},{FOLDER / 'odoo' / 'addons'}"


def _fetch(packages):
    shutil.rmtree(FOLDER, ignore_errors=True)
    with step(f"fetching {' and '.join(packages)}"):
        run(
            *(PYTHON, "-m", "pip", "install", "-q", "--no-deps", "--target", FOLDER, *packages),
            failure="Could not fetch the add-ons to compare with: check the network.",
        )
