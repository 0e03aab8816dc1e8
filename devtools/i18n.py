"""Translations: templates, files and checks. It runs in the venv of the project."""

import json
import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import polib

from .places import ROOT, addons
from .translation import LANGUAGES, Glossary, differences, has_words
from .work import DevError, say

# Whether an untranslated text fails the tests.
COMPLETE = True
# Odoo's own apps whose fields the models of the add-ons inherit, those used most first.
ODOO_SOURCES = ("base", "mail", "portal", "phone_validation", "sms", "resource", "survey", "web")
# The label and the help of a field.
_FIELD = re.compile(r"model:ir\.model\.fields,(?:field_description|help):(.+)")
# An expression for the name of a file; only one with a text in quotes has words.
_EXPRESSION = "ir.actions.report,print_report_name"
_ID = re.compile(r"^(?:\w+\.)?(\w+)$")


# What Odoo exports


def _ids(folder):
    """Return the names of the records in the data files of a folder."""
    names = set()
    for path in folder.rglob("*.xml") if folder.is_dir() else ():
        for node in ElementTree.parse(path).iter():
            match = _ID.match(node.get("id") or "")
            if match and node.tag in ("record", "template", "menuitem"):
                names.add(match[1])
    return names


def read(cr):
    """Return what Odoo exports of the add-ons: ``{addon: {msgid: entry}}``."""
    from odoo.tools.translate import TranslationModuleReader

    found = {path.name: {} for path in addons()}
    demo = {path.name: _ids(path / "demo") - _ids(path / "data") for path in addons()}
    for addon, kind, name, place, msgid, _value, comments in TranslationModuleReader(
        cr, modules=sorted(found)
    ):
        if kind == "code":
            if f"addons/{addon}/tests/" in name:
                continue
            occurrence = (f"code:{name}", "0")
        else:
            if place.partition(".")[2] in demo[addon]:
                continue
            if name == _EXPRESSION and not re.search("[\"']", msgid):
                continue
            occurrence = (f"{kind}:{name}:{place}", "")
        entry = found[addon].setdefault(msgid, {"occurrences": set(), "comments": set()})
        entry["occurrences"].add(occurrence)
        entry["comments"].update(comments)
    return found


# Files


def template_path(addon):
    """Return where the template of an add-on is."""
    return ROOT / addon / "i18n" / f"{addon}.pot"


def path_of(addon, language):
    """Return where the translations of an add-on into a language are."""
    return ROOT / addon / "i18n" / f"{language}.po"


def _new(addon, language=None):
    # No date, path or name of a tool: the same texts make the same file.
    file = polib.POFile()
    of = f"Translation of {addon}"
    file.header = f"{of} into {language}." if language else f"{of}."
    file.metadata = {
        "Project-Id-Version": f"{addon} 19.0",
        **({"Language": language} if language else {}),
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        **({"Plural-Forms": "nplurals=1; plural=0;"} if language else {}),
    }
    return file


def template(addon, entries):
    """Return the template of an add-on."""
    file = _new(addon)
    for msgid, entry in sorted(entries.items()):
        comment = "\n".join([f"module: {addon}", *sorted(entry["comments"])])
        file.append(
            polib.POEntry(msgid=msgid, comment=comment, occurrences=sorted(entry["occurrences"]))
        )
    return file


def merged(addon, language, source, known):
    """Return the translations of an add-on for its template, with those that are known."""
    file = _new(addon, language)
    for entry in source:
        file.append(
            polib.POEntry(
                msgid=entry.msgid,
                msgstr=known.get(entry.msgid, ""),
                comment=entry.comment,
                occurrences=entry.occurrences,
            )
        )
    return file


def save(file, path):
    """Write a file if it is to change."""
    path.parent.mkdir(exist_ok=True)
    text = str(file).rstrip("\n") + "\n"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def _translations(path):
    """Return the finished translations of a file by source."""
    if not path.exists():
        return {}
    file = polib.pofile(str(path))
    return {one.msgid: one.msgstr for one in file.translated_entries() if not one.obsolete}


def _known(language):
    """Return what any add-on translates, by add-on."""
    return {path.name: _translations(path_of(path.name, language)) for path in addons()}


def _texts_of_odoo(language):
    """Return how Odoo itself translates labels and helps of fields, which our models inherit."""
    import odoo.addons

    texts = {}
    for name in ODOO_SOURCES:
        for folder in odoo.addons.__path__:
            path = Path(folder) / name / "i18n" / f"{language}.po"
            for entry in polib.pofile(str(path)) if path.exists() else ():
                if entry.msgstr and any(_FIELD.match(where) for where, _ in entry.occurrences):
                    texts.setdefault(entry.msgid, entry.msgstr)
    return texts


def _is_of_odoo(env, occurrence):
    """Say whether a text is only of a field that no add-on of ours defines or changes."""
    match = _FIELD.match(occurrence)
    field = env.ref(match[1], raise_if_not_found=False) if match else None
    if not field:
        return False
    modules = env[field.model]._fields[field.name]._modules
    return not any(name.startswith("customer_followup") for name in modules)


def _inherited(env, source, texts):
    """Return Odoo's translations of the texts of a template that stand only at fields of Odoo."""
    found = {}
    for entry in source:
        text = texts.get(entry.msgid)
        is_usable = text and not list(differences(entry.msgid, text))
        if is_usable and all(_is_of_odoo(env, place) for place, _line in entry.occurrences):
            found[entry.msgid] = text
    return found


def renew(env):
    """Write the templates, and bring the translations in line with them."""
    templates = {addon: template(addon, entries) for addon, entries in read(env.cr).items()}
    templates = {addon: file for addon, file in templates.items() if len(file)}
    for addon, file in templates.items():
        save(file, template_path(addon))
    for language in LANGUAGES:
        known, texts = _known(language), _texts_of_odoo(language)
        others = {msgid: text for one in known.values() for msgid, text in one.items()}
        for addon, file in templates.items():
            best = {**_inherited(env, file, texts), **others, **known[addon]}
            save(merged(addon, language, file, best), path_of(addon, language))
    report()


# For translators


def files():
    """Yield each add-on, language and file of translations."""
    for path in addons():
        for language in LANGUAGES:
            if (file := path_of(path.name, language)).exists():
                yield path.name, language, polib.pofile(str(file))


def _is_open(entry):
    return has_words(entry.msgid) and not entry.msgstr


def report():
    """Say how much is untranslated."""
    for addon, language, file in files():
        missing = sum(map(_is_open, file))
        say(f"{addon} {language}: {missing} of {len(file)} texts are untranslated")


def untranslated():
    """Return what is untranslated in any add-on and language, each source once."""
    rows, found = {}, []
    for _addon, language, file in files():
        for entry in file:
            row = rows.setdefault(entry.msgid, {"id": entry.msgid, "where": []})
            row["where"] += [where for where, _line in entry.occurrences]
            row["where"] += [one for one in entry.comment.split("\n") if "module:" not in one]
            row[language] = row.get(language) or entry.msgstr
            if _is_open(entry):
                found.append(entry.msgid)
    kept = [rows[msgid] for msgid in dict.fromkeys(found)]
    glossary = Glossary.read()
    for row in kept:
        row["where"] = list(dict.fromkeys(row["where"]))[:2]
        row["terms"] = dict(glossary.found(row["id"]))
    # Texts of the same file or model follow each other.
    return sorted(kept, key=lambda row: (row["where"], row["id"]))


def write_missing(size, folder):
    """Write what is untranslated into files of that many texts."""
    if not size.isdecimal() or not int(size):
        raise DevError("Give a number of texts for each file, as in `./dev i18n missing 200 po`.")
    rows, step, folder = untranslated(), int(size), Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for number, start in enumerate(range(0, len(rows), step), 1):
        text = json.dumps(rows[start : start + step], ensure_ascii=False, indent=1)
        (folder / f"missing_{number:03}.json").write_text(text + "\n", encoding="utf-8")
    say(f"{len(rows)} texts are in {-(-len(rows) // step)} files of {folder}.")


def _accepted(rows, sources, glossary):
    """Return the translations to take by language and source, and what is refused and why."""
    accepted, refused = {language: {} for language in LANGUAGES}, []
    for row in rows:
        msgid = row.get("id")
        given = {one: row[one] for one in LANGUAGES if row.get(one)}
        if msgid not in sources:
            refused.append(f"{msgid!r}: no add-on has this text")
            continue
        for language, text in given.items():
            faults = [
                *differences(msgid, text),
                *glossary.violations(msgid, text, language),
            ]
            if faults:
                refused.append(f"{msgid!r} in {language}: {'; '.join(faults)}")
            else:
                accepted[language][msgid] = text
    return accepted, refused


def take(*paths):
    """Fill the translations from such files; return 1 if anything was refused."""
    rows = [row for path in paths for row in json.loads(Path(path).read_text(encoding="utf-8"))]
    found = list(files())
    sources = {entry.msgid for _addon, _language, file in found for entry in file}
    accepted, refused = _accepted(rows, sources, Glossary.read())
    for addon, language, file in found:
        for entry in file:
            entry.msgstr = accepted[language].get(entry.msgid, entry.msgstr)
        save(file, path_of(addon, language))
    for line in refused:
        say(f"Refused: {line}")
    report()
    say(f"{sum(map(len, accepted.values()))} translations are taken, {len(refused)} refused.")
    return 1 if refused else 0


# Checks


def _strays(addon, language, file, source):
    """Yield a sentence if the entries of a file are not those of its template."""
    where = f"{addon} {language}"
    ours, theirs = ([(e.msgid, e.occurrences, e.comment) for e in one] for one in (file, source))
    if ours != theirs:
        names = sorted({one[0] for one in ours} ^ {one[0] for one in theirs})
        yield f"{where}: run `./dev i18n`, it differs from its template: {names[:5]}"


def entry_violations(entry, language, glossary, is_complete):
    """Yield a sentence for each fault of a translation."""
    if entry.fuzzy or entry.obsolete:
        yield "is fuzzy or obsolete"
    if entry.msgstr:
        yield from differences(entry.msgid, entry.msgstr)
        yield from glossary.violations(entry.msgid, entry.msgstr, language)
    elif is_complete and has_words(entry.msgid):
        yield "is untranslated"


def violations(is_complete=None):
    """Yield a sentence for each fault of the files of translations."""
    glossary = Glossary.read()
    is_complete = COMPLETE if is_complete is None else is_complete
    for path in addons():
        if not template_path(path.name).exists():
            continue
        if missing := [one for one in LANGUAGES if not path_of(path.name, one).exists()]:
            yield f"{path.name}: run `./dev i18n`, there is no translation into {missing}"
    for addon, language, file in files():
        yield from _strays(addon, language, file, polib.pofile(str(template_path(addon))))
        for entry in file:
            for fault in entry_violations(entry, language, glossary, is_complete):
                yield f"{addon} {language}: {entry.msgid!r}: {fault}"


def _ours(env, file):
    """Return the texts of a template and their places, without what only Odoo's release decides."""
    found = {}
    for entry in file:
        places = [place for place in entry.occurrences if not _is_of_odoo(env, place[0])]
        if places:
            found[entry.msgid] = (places, entry.comment)
    return found


def outdated(env):
    """Yield a sentence for each difference between a template and what Odoo exports."""
    for addon, entries in read(env.cr).items():
        path = template_path(addon)
        before = _ours(env, polib.pofile(str(path)) if path.exists() else ())
        now = _ours(env, template(addon, entries))
        if differing := sorted(before.keys() ^ now.keys()):
            yield f"{addon}: run `./dev i18n`, these texts are new or gone: {differing[:5]}"
        elif moved := sorted(msgid for msgid in now if now[msgid] != before[msgid]):
            yield f"{addon}: run `./dev i18n`, these texts stand in other places: {moved[:5]}"


def check():
    """Say what is wrong with the translations and return the exit code."""
    found = list(violations())
    for line in found:
        say(line)
    return 1 if found else 0


if __name__ == "__main__":
    verbs = {"missing": write_missing, "take": take, "check": check}
    try:
        sys.exit(verbs[sys.argv[1]](*sys.argv[2:]))
    except DevError as error:
        sys.exit(str(error))
