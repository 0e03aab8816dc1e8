from collections import defaultdict

import pytz

from odoo import api, fields, models
from odoo.tools import SQL

CODE = "customer.complaint"


class CustomerComplaint(models.Model):
    _inherit = "customer.complaint"

    # A customer's number says which case it is.
    _number_uniq = models.UniqueIndex(
        "(company_id, name)", "This number is given to another complaint already."
    )

    @api.model
    def _assign_numbers(self, vals_list):
        """Return the values with numbers such as W20240501-001, by company and its local day."""
        by_company = defaultdict(list)
        for vals in vals_list:
            given = vals.get("company_id", self.env.context.get("default_company_id"))
            by_company[given or self.env.company.id].append(vals)
        numbered = {}
        for company_id, group in by_company.items():
            numbers = self._next_numbers(self.env["res.company"].browse(company_id), len(group))
            for vals, number in zip(group, numbers, strict=True):
                numbered[id(vals)] = {**vals, "name": number}
        return [numbered[id(vals)] for vals in vals_list]

    @api.model
    def _next_numbers(self, company, count):
        """Draw ``count`` numbers of today for a company, with two queries.

        They run on for ever in a sequence of PostgreSQL, for which nobody waits, and count from the
        first of the day: two complaints at once do not make each other fail, which for one that
        came by mail would mean to be lost. A rollback leaves a gap.
        """
        # A number series belongs to the system; its reader only gets the numbers drawn.
        zone = pytz.timezone(company.sudo().resource_calendar_id.tz or "UTC")
        today = pytz.utc.localize(fields.Datetime.now()).astimezone(zone).date()
        series = self._number_series(company)
        drawn = self.env.execute_query(
            SQL(
                "SELECT nextval(%s) FROM generate_series(1, %s)",
                f"ir_sequence_{series.id:03}",
                count,
            )
        )
        # Two transactions that draw the first number of a day at once: one is repeated by Odoo.
        [(first,)] = self.env.execute_query(
            SQL(
                """WITH made AS (
                       INSERT INTO ir_sequence_date_range
                                   (sequence_id, date_from, date_to, number_next)
                       SELECT %(series)s, %(today)s, %(today)s, %(number)s
                        WHERE NOT EXISTS (SELECT FROM ir_sequence_date_range
                                           WHERE sequence_id = %(series)s
                                             AND date_from = %(today)s)
                           ON CONFLICT DO NOTHING
                    RETURNING number_next)
                   SELECT number_next FROM made
                    UNION ALL
                   SELECT number_next FROM ir_sequence_date_range
                    WHERE sequence_id = %(series)s AND date_from = %(today)s""",
                series=series.id,
                today=today,
                number=drawn[0][0],
            )
        )
        return [f"W{today:%Y%m%d}-{number - first + 1:03}" for (number,) in drawn]

    @api.model
    def _number_series(self, company):
        series = self.env["ir.sequence"].sudo()
        return series.search(
            [("code", "=", CODE), ("company_id", "=", company.id)], order="id", limit=1
        ) or series.create(
            {
                "name": f"Complaints of {company.sudo().name}",
                "code": CODE,
                "company_id": company.id,
            }
        )

    def _renumber_for(self, company):
        """Give complaints that go to another company a number of it: theirs may be given there."""
        moved = self.filtered(lambda one: one.company_id != company)
        numbers = self._next_numbers(company, len(moved)) if moved else ()
        for complaint, number in zip(moved, numbers, strict=True):
            complaint._message_log(body=self.env._("Its number was %s.", complaint.name))
            # The number of a complaint stays what it is, except here.
            complaint.sudo().name = number
