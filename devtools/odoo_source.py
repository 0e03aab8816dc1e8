"""Find Odoo 19: a given source tree, an installed one, Debian's package, or its repository."""

import importlib.machinery
import os
import re
import shutil
import sys
from pathlib import Path

from .places import HOME, ROOT
from .work import Sorry, answer, is_made, mark_made, run, step

TREE = HOME / "odoo"
PACKAGED = TREE / "usr" / "lib" / "python3" / "dist-packages"
CLONED = HOME / "odoo-git"
REPOSITORY = "https://github.com/odoo/odoo.git"
PACKAGES = (
    "odoo-19",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-font-awesome",
    "fonts-roboto-unhinted",
    "fonts-inconsolata",
    "fonts-ocr-b",
)
# Debian leaves this file out; the web client logs an error without it.
LEFT_OUT = "odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"


def version(folder):
    """Return the major version of the Odoo in ``folder``, or ``None``."""
    release = Path(folder) / "odoo" / "release.py"
    if not release.exists():
        return None
    found = re.search(r"^version_info = \((\d+)", release.read_text(), re.MULTILINE)
    return int(found[1]) if found else None


def find():
    """Return the folder that holds the package ``odoo``, fetching it if need be."""
    given = os.environ.get("ODOO_HOME")
    if given:
        if version(given) != 19:
            raise Sorry(f"ODOO_HOME is {given}, which holds no Odoo 19: correct or unset it.")
        return Path(given)
    installed = _installed()
    if installed:
        return installed
    if is_made("odoo", "debian"):
        return PACKAGED
    if is_made("odoo", "git"):
        return CLONED
    return _fetch()


def addons_folders(folder):
    """Return where the Odoo in ``folder`` keeps its apps."""
    return [path for path in (folder / "odoo" / "addons", folder / "addons") if path.is_dir()]


def _installed():
    outside = [path for path in sys.path if Path(path or ".").resolve() != ROOT]
    spec = importlib.machinery.PathFinder.find_spec("odoo", outside)
    for location in (spec and spec.submodule_search_locations) or ():
        if version(Path(location).parent) == 19:
            return Path(location).parent
    return None


def _fetch():
    if shutil.which("apt-get") and shutil.which("dpkg-deb"):
        _from_debian()
        mark_made("odoo", "debian")
        return PACKAGED
    if not shutil.which("git"):
        raise Sorry(
            "There is no Odoo 19 here: set ODOO_HOME to its source tree, or install git so that it"
            " can be fetched."
        )
    with step("fetching Odoo 19 from its repository"):
        shutil.rmtree(CLONED, ignore_errors=True)
        run(
            *("git", "clone", "--depth", "1", "--branch", "19.0", REPOSITORY, CLONED),
            sorry="Could not fetch Odoo: check the network, or set ODOO_HOME to a source tree.",
        )
    mark_made("odoo", "git")
    return CLONED


def _mirror():
    """Return the address and keyring of the Debian archive this machine uses."""
    lines = (
        answer(
            "apt-get", "indextargets", "--format", "$(ORIGIN)|$(COMPONENT)|$(REPO_URI)|$(SIGNED_BY)"
        ).splitlines()
        or answer(
            "apt-get", "indextargets", "--format", "|$(COMPONENT)|$(REPO_URI)|$(SIGNED_BY)"
        ).splitlines()
    )
    rows = [line.split("|") for line in dict.fromkeys(lines)]
    fitting = [
        row
        for row in rows
        if row[1] == "main" and row[0] in ("Debian", "") and "secur" not in row[2]
    ]
    if not fitting:
        raise Sorry(
            "No Debian archive is set up here to take Odoo 19 from: set ODOO_HOME to a source tree"
            " of Odoo 19."
        )
    return fitting[0][2]


def _from_debian():
    apt = HOME / "apt"
    debs = apt / "debs"
    for folder in (apt / "lists" / "partial", apt / "cache" / "archives" / "partial", debs):
        folder.mkdir(parents=True, exist_ok=True)
    keyring = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
    signed = f"[signed-by={keyring}] " if keyring.exists() else ""
    (apt / "sources.list").write_text(f"deb {signed}{_mirror()} sid main\n")
    (apt / "apt.conf").write_text(_apt_conf(apt))
    environment = {**os.environ, "APT_CONFIG": str(apt / "apt.conf")}
    network = "Could not get Odoo 19 from Debian: check the network and the free disk space."
    with step("reading Debian's list of packages"):
        run("apt-get", "update", "--error-on=any", env=environment, sorry=network)
    with step("downloading Odoo 19 (120 MB)"):
        run("apt-get", "download", *PACKAGES, env=environment, cwd=debs, sorry=network)
    with step("unpacking Odoo 19"):
        _unpack(debs)
    shutil.rmtree(apt)


def _apt_conf(apt):
    # The folder may hold a space; apt reads quoted values.
    return (
        f'Dir::Etc::sourcelist "{apt}/sources.list";\n'
        'Dir::Etc::sourceparts "/dev/null";\n'
        f'Dir::State::lists "{apt}/lists";\n'
        f'Dir::Cache "{apt}/cache";\n'
        'APT::Sandbox::User "root";\n'
        'Acquire::Languages "none";\n'
    )


def _unpack(debs):
    new = TREE.with_name("odoo.new")
    for old in (new, TREE):
        shutil.rmtree(old, ignore_errors=True)
    for deb in sorted(debs.glob("*.deb")):
        run("dpkg-deb", "-x", deb, new, sorry=f"{deb.name} is damaged: run this again.")
    os.replace(new, TREE)
    if version(PACKAGED) != 19:
        raise Sorry("Debian's package odoo-19 does not hold Odoo 19: set ODOO_HOME instead.")
    left_out = PACKAGED / LEFT_OUT
    left_out.parent.mkdir(parents=True, exist_ok=True)
    left_out.touch()
