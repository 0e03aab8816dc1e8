from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

LONGEST = 366


class CustomerWorkday(models.Model):
    """A period of days off that a calendar does not know, or of make-up workdays."""

    _name = "customer.workday"
    _description = "Holiday or Make-up Workday"
    _inherit = ["customer.shared.mixin"]
    _order = "date_from desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    kind = fields.Selection(
        [("holiday", "Day off"), ("workday", "Make-up workday")],
        required=True,
        default="holiday",
        help="A make-up workday, such as a Saturday before a holiday, overrides days off.",
    )
    date_from = fields.Date(string="From", required=True, default=fields.Date.context_today)
    date_to = fields.Date(string="To", required=True, default=fields.Date.context_today)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
        help="Empty: for all companies.",
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working hours",
        ondelete="cascade",
        check_company=True,
        help="Empty: for all working hours.",
    )

    @api.constrains("date_from", "date_to")
    def _check_days(self):
        for row in self:
            if not row.date_from <= row.date_to < row.date_from + timedelta(days=LONGEST):
                raise ValidationError(
                    self.env._(
                        "%(name)s: the last day must be within a year of the first.",
                        name=row.name,
                    )
                )

    @api.model
    def _days_by_kind(self, calendar, company):
        """Return the days off and the make-up workdays of a calendar, as two sets of days."""
        # When people work is not confidential.
        rows = self.sudo().search(
            [
                ("company_id", "in", [False, company.id]),
                ("calendar_id", "in", [False, calendar.id]),
            ]
        )
        days = {"holiday": set(), "workday": set()}
        for row in rows:
            days[row.kind].update(_days_between(row.date_from, row.date_to))
        return frozenset(days["holiday"]), frozenset(days["workday"])


def _days_between(first, last):
    return (first + timedelta(days=number) for number in range((last - first).days + 1))
