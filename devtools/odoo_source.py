"""Find Odoo 19: a given source tree, an installed one, Debian's package, or its repository."""

import importlib.machinery
import os
import re
import shutil
import sys
from pathlib import Path

from .places import HOME, ROOT
from .work import DevError, answer, is_made, mark_made, need_room, run, step, unmark

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
    if here := _given() or _installed():
        return here
    if is_made("odoo", "debian"):
        return PACKAGED
    if is_made("odoo", "git"):
        return CLONED
    return _fetch()


def addons_folders(folder):
    """Return where the Odoo in ``folder`` keeps its apps."""
    return [path for path in (folder / "odoo" / "addons", folder / "addons") if path.is_dir()]


def _given():
    given = os.environ.get("ODOO_HOME")
    if given and version(given) != 19:
        raise DevError(f"ODOO_HOME is {given}, which holds no Odoo 19: correct or unset it.")
    return Path(given).resolve() if given else None


def _installed():
    outside = [path for path in sys.path if Path(path or ".").resolve() != ROOT]
    spec = importlib.machinery.PathFinder.find_spec("odoo", outside)
    for location in (spec and spec.submodule_search_locations) or ():
        if version(Path(location).parent) == 19:
            return Path(location).parent
    return None


def needs_git():
    """Say whether Odoo has to be cloned: it is not here, and this machine uses no Debian."""
    is_here = _given() or _installed() or (HOME / "odoo.done").exists()
    return not is_here and not _mirror()


def _fetch():
    need_room(3)
    if mirror := _mirror():
        _from_debian(mirror)
        mark_made("odoo", "debian")
        return PACKAGED
    with step("fetching Odoo 19 from its repository"):
        shutil.rmtree(CLONED, ignore_errors=True)
        run(
            *("git", "clone", "--depth", "1", "--branch", "19.0", REPOSITORY, CLONED),
            failure="Could not fetch Odoo: check the network, or set ODOO_HOME to a source tree.",
        )
    mark_made("odoo", "git")
    return CLONED


def _mirror():
    """Return the address of the Debian archive this machine uses, or nothing."""
    if not shutil.which("dpkg-deb"):
        return None
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
    return fitting[0][2] if fitting else None


def _keyring():
    """Return the option that names Debian's keys, wherever this release of Debian keeps them."""
    folder = Path("/usr/share/keyrings")
    for name in ("debian-archive-keyring.gpg", "debian-archive-keyring.pgp"):
        if (folder / name).exists():
            return f"[signed-by={folder / name}] "
    return ""


def _from_debian(mirror):
    apt = HOME / "apt"
    debs = apt / "debs"
    shutil.rmtree(apt, ignore_errors=True)
    for folder in (apt / "lists" / "partial", apt / "cache" / "archives" / "partial", debs):
        folder.mkdir(parents=True, exist_ok=True)
    (apt / "sources.list").write_text(f"deb {_keyring()}{mirror} sid main\n")
    (apt / "apt.conf").write_text(_apt_conf(apt))
    # Read after the machine's own settings, whose proxy is needed and whose rest is not.
    get = ("apt-get", "-c", apt / "apt.conf")
    network = "Could not get Odoo 19 from Debian: check the network and the package sources."
    with step("reading Debian's list of packages"):
        run(*get, "update", "--error-on=any", failure=network)
    with step("downloading Odoo 19 (120 MB)"):
        run(*get, "download", *PACKAGES, cwd=debs, failure=network)
    with step("unpacking Odoo 19"):
        _unpack(debs)
    shutil.rmtree(apt)


def _apt_conf(apt):
    # The folder may hold a space; apt reads quoted values.
    return (
        f'Dir::Etc::sourcelist "{apt}/sources.list";\n'
        'Dir::Etc::sourceparts "/dev/null";\n'
        'Dir::Etc::preferences "/dev/null";\n'
        'Dir::Etc::preferencesparts "/dev/null";\n'
        f'Dir::State::lists "{apt}/lists";\n'
        f'Dir::Cache "{apt}/cache";\n'
        'APT::Sandbox::User "root";\n'
        'APT::Default-Release "";\n'
        'Acquire::Languages "none";\n'
        # A mirror may lag behind; the signature is still checked.
        'Acquire::Check-Valid-Until "false";\n'
    )


def _unpack(debs):
    new = TREE.with_name("odoo.new")
    unmark("odoo")
    for old in (new, TREE):
        shutil.rmtree(old, ignore_errors=True)
    for deb in sorted(debs.glob("*.deb")):
        run(
            "dpkg-deb", "-x", deb, new, failure=f"{deb.name} could not be unpacked: run this again."
        )
    os.replace(new, TREE)
    if version(PACKAGED) != 19:
        raise DevError("Debian's package odoo-19 does not hold Odoo 19: set ODOO_HOME instead.")
    left_out = PACKAGED / LEFT_OUT
    left_out.parent.mkdir(parents=True, exist_ok=True)
    left_out.touch()
