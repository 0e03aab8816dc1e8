from odoo import SUPERUSER_ID


def as_system(records):
    """Return records for the system where a visitor acts on them, else unchanged.

    ``sudo`` keeps the visitor as the author of whatever is created, and who may see colleagues
    only could then not open it.
    """
    return records.with_user(SUPERUSER_ID) if records.env.user.share else records
