"""Which fields of any model lead to contact details of a contact."""

# Whatever tells how to reach a person or where they are; what is computed of it is found.
_DETAILS = frozenset(
    {
        "bank_ids",
        "city",
        "comment",
        "company_registry",
        "email",
        "mobile",
        "phone",
        "street",
        "street2",
        "vat",
        "website",
        "zip",
    }
)
_TEXTS = {"char", "text", "html"}
# Names are shown to all, masked where they hold an address or a number; some fields are masked
# already.
_SHOWN = {"display_name", "complete_name", "phone_masked", "email_masked"}
# Contact details of companies and colleagues; contacts, which a record rule guards; and the
# dialog that logs each look.
_OPEN_MODELS = {"account.journal", "customer.reveal", "res.company", "res.partner", "res.users"}
# Odoo's search for a number in any of its spellings depends on none of the fields it searches.
_BY_NUMBER = "phone_mobile_search"


def find(registry):
    """Return the fields that hold contact details of a contact: ``{model: frozenset of names}``.

    Followed are the dependencies of what is computed with all rights, through any number of
    records, so that a field of any installed add-on counts.
    """
    known = {"res.partner": set(_DETAILS)}
    for model, records in registry.items():
        known.setdefault(model, set()).update(records._customer_details)
    steps, is_growing = list(_steps(registry)), True
    while is_growing:
        is_growing = False
        for model, name, paths in steps:
            if name not in known[model] and any(
                _leads(registry, known, model, path) for path in paths
            ):
                known[model].add(name)
                is_growing = True
    for model, names in known.items():
        if names and _BY_NUMBER in registry[model]._fields:
            names.add(_BY_NUMBER)
    return {
        model: frozenset(names)
        for model, names in known.items()
        if names and model not in _OPEN_MODELS and not model.startswith("hr.")
    }


def _steps(registry):
    """Yield each computed field to follow: its model, its name and the paths it depends on."""
    for model, records in registry.items():
        for field in () if records._abstract else records._fields.values():
            paths = registry.field_depends[field] if _is_followed(field) else ()
            if paths:
                yield model, field.name, [path.split(".") for path in paths]


def _is_followed(field):
    return (
        (field.type in _TEXTS or field.related)
        and field.name not in _SHOWN
        and not field.inherited
        and (field.store or field.compute_sudo)
        and (field.compute or field.related)
    )


def _leads(registry, known, model, path):
    """Say whether a path of fields ends in, or passes, one that holds contact details."""
    for name in path:
        if model in known and name in known[model]:
            return model not in _OPEN_MODELS or model == "res.partner"
        field = registry[model]._fields.get(name)
        if not field or not field.comodel_name:
            return False
        model = field.comodel_name
    return False
