from odoo import SUPERUSER_ID
from odoo.fields import Domain
from odoo.tools import SQL


def as_system(records):
    """Return records in ``sudo`` for the system where a visitor acts on them, else unchanged.

    ``sudo`` keeps the visitor as the author of new records, which users who may see only
    colleagues could then not open. Rights are decided before: a visitor without ``sudo`` stays one.
    """
    is_visitor = records.env.su and records.env.user.share
    return records.with_user(SUPERUSER_ID) if is_visitor else records


def yes_or_no(operator, value, yes):
    """Return the domain of a search by a field that is yes or no, from what ``_search_...`` gets.

    :param yes: the domain of the records for which the field is yes
    """
    if operator != "in":
        return NotImplemented
    wanted = {bool(one) for one in value}
    if len(wanted) == 1:
        return yes if wanted == {True} else ~yes
    return Domain(bool(wanted))


def serialize(parents):
    """Make transactions that change what belongs to these records follow each other.

    A rule that looks at siblings, such as a total, does not see what another transaction adds at
    the same time. The rows of the parents are locked and written without a change: of two
    transactions the later one fails with an error for which Odoo repeats it, and then it sees what
    the other has added.
    """
    # Ids only: the user need not be allowed to write the parents.
    ids = sorted(id_ for id_ in set(parents._ids) if isinstance(id_, int))
    if ids:
        table = SQL.identifier(parents._table)
        parents.env.cr.execute(
            SQL("SELECT id FROM %s WHERE id = ANY(%s) FOR NO KEY UPDATE NOWAIT", table, ids),
            log_exceptions=False,
        )
        parents.env.cr.execute(
            SQL("UPDATE %s SET write_uid = write_uid WHERE id = ANY(%s)", table, ids)
        )
