import re
from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL

CODE = "customer.complaint"
_NUMBER = re.compile(r"(?<!\w)W\d{8}-\d{3,9}(?!\d)", re.IGNORECASE)


class CustomerComplaint(models.Model):
    """A complaint with a number by company and day."""

    _inherit = "customer.complaint"

    # Customers use the number to refer to their complaint.
    _number_uniq = models.UniqueIndex(
        "(company_id, name)", "Another complaint already has this number."
    )

    @api.model
    def _assign_numbers(self, vals_list):
        """Add numbers such as W20240501-001 to the values, by company and its local day."""
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
    def _named_in(self, text, company):
        """Return the complaints of a company whose numbers a text names."""
        names = [name.upper() for name in _NUMBER.findall(text or "")]
        domain = [("name", "in", names), ("company_id", "=", company.id)]
        return self.search(domain, order="id desc") if names else self.browse()

    @api.model
    def _next_numbers(self, company, count):
        """Draw ``count`` numbers of today for a company, with two queries.

        A PostgreSQL sequence without end provides them, counted from the first number of the day.
        It takes no lock, so simultaneous complaints cannot fail because of each other; a complaint
        that arrived by e-mail would be lost. A rollback leaves a gap.
        """
        # The sequence belongs to the system; the caller only receives the numbers.
        today = company._customer_day()
        series = self._number_series(company)
        drawn = self.env.execute_query(
            SQL(
                "SELECT nextval(%s) FROM generate_series(1, %s)",
                f"ir_sequence_{series.id:03}",
                count,
            )
        )
        # If two transactions draw the first number of a day, Odoo repeats one of them.
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
        """Assign numbers of the new company to complaints that change their company.

        The old numbers may already exist there.
        """
        moved = self.filtered(lambda one: one.company_id != company)
        numbers = self._next_numbers(company, len(moved)) if moved else ()
        for complaint, number in zip(moved, numbers, strict=True):
            complaint._message_log(body=self.env._("Previous number: %s", complaint.name))
            # The only place that changes the number of a complaint.
            complaint.sudo().name = number
