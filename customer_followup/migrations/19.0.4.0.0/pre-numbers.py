"""Numbers of complaints run on in a sequence of PostgreSQL, and count from the first of the day."""

from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields


def migrate(cr, _version):
    """Let each company's numbers of today go on where they were."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    all_series = env["ir.sequence"].search([("code", "=", "customer.complaint")], order="id")
    # Where it is today already, or still.
    since = fields.Date.today() - timedelta(days=1)
    for several in all_series.grouped("company_id").values():
        upcoming = {}
        for day in several.date_range_ids.filtered(lambda one: one.date_from >= since):
            upcoming[day.date_from] = max(upcoming.get(day.date_from, 1), day.number_next)
        several.date_range_ids.unlink()
        several[1:].unlink()
        series, start = several[:1], max(upcoming.values(), default=1)
        series.write({"implementation": "standard", "use_date_range": False, "number_next": start})
        for day, number in upcoming.items():
            cr.execute(
                """INSERT INTO ir_sequence_date_range
                               (sequence_id, date_from, date_to, number_next)
                        VALUES (%s, %s, %s, %s)""",
                [series.id, day, day, start - number + 1],
            )
