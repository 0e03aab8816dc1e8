from collections import defaultdict

import pytz

from odoo import api, fields, models
from odoo.tools import SQL

CODE = "customer.complaint"


class CustomerComplaint(models.Model):
    _inherit = "customer.complaint"

    @api.model
    def _numbered(self, vals_list):
        """Return the values with numbers such as W20240501-001, by company and its local day."""
        by_company = defaultdict(list)
        for vals in vals_list:
            by_company[vals.get("company_id") or self.env.company.id].append(vals)
        numbered = {}
        for company_id, group in by_company.items():
            numbers = self._next_numbers(self.env["res.company"].browse(company_id), len(group))
            for vals, number in zip(group, numbers, strict=True):
                numbered[id(vals)] = {**vals, "name": number}
        return [numbered[id(vals)] for vals in vals_list]

    @api.model
    def _next_numbers(self, company, count):
        """Draw ``count`` numbers of today for a company, with one query."""
        # A number series belongs to the system; its reader only gets the numbers drawn.
        zone = pytz.timezone(company.sudo().resource_calendar_id.tz or "UTC")
        today = pytz.utc.localize(fields.Datetime.now()).astimezone(zone).date()
        # Daily ranges of our own, since Odoo's sequences start again yearly. Two transactions that
        # draw the first number of a day at once: one is repeated by Odoo.
        [(after,)] = self.env.execute_query(
            SQL(
                """INSERT INTO ir_sequence_date_range AS day
                        (sequence_id, date_from, date_to, number_next)
                   VALUES (%(sequence)s, %(today)s, %(today)s, %(count)s + 1)
                   ON CONFLICT (sequence_id, date_from, date_to)
                   DO UPDATE SET number_next = day.number_next + %(count)s
                   RETURNING number_next""",
                sequence=self._number_series(company).id,
                today=today,
                count=count,
            )
        )
        return [f"W{today:%Y%m%d}-{number:03}" for number in range(after - count, after)]

    @api.model
    def _number_series(self, company):
        series = self.env["ir.sequence"].sudo()
        return series.search(
            [("code", "=", CODE), ("company_id", "=", company.id)], limit=1
        ) or series.create(
            {
                "name": f"Complaints of {company.sudo().name}",
                "code": CODE,
                "company_id": company.id,
                "implementation": "no_gap",
                "use_date_range": True,
            }
        )
