from collections import Counter

from odoo import api, fields, models
from odoo.fields import Domain

from ...tools import masking, repeat
from ..complaint.customer_complaint_workflow import DROPPED


class CustomerComplaintWeek(models.Model):
    """The number of complaints of one category and company in one week."""

    _name = "customer.complaint.week"
    _description = "Week of Complaints"
    _order = "date_from desc, category_id"
    _rec_name = "name"
    _check_company_auto = True

    category_id = fields.Many2one("customer.complaint.category", required=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="cascade")
    name = fields.Char(string="Week", required=True)
    date_from = fields.Date(string="From", required=True)
    # Complete numbers for grading; the shown numbers leave out complaints hidden from the user.
    complaint_count = fields.Integer(string="Complete count", groups=fields.NO_ACCESS)
    base_count = fields.Integer(string="Base count")
    grade = fields.Selection(
        [
            (repeat.HIGH, "High"),
            (repeat.NORMAL, "Normal"),
            (repeat.UNKNOWN, "Not computable"),
        ],
        string="Complete grade",
        required=True,
        groups=fields.NO_ACCESS,
    )
    shown_count = fields.Integer(
        string="Complaints", compute="_compute_shown", search="_search_shown_count"
    )
    shown_grade = fields.Selection(
        selection=lambda self: self._fields["grade"].selection,
        string="Grade",
        compute="_compute_shown",
        search="_search_shown_grade",
    )
    rate = fields.Float(string="Per hundred", compute="_compute_shown", digits=(16, 2))
    action_id = fields.Many2one(
        "customer.action", string="Rectification", index="btree_not_null", ondelete="set null"
    )

    _week_uniq = models.UniqueIndex(
        "(category_id, company_id, date_from)", "This week was already counted."
    )

    @api.depends("complaint_count", "base_count", "grade")
    @api.depends_context("uid")
    def _compute_shown(self):
        hidden = self._hidden_counts()
        # Users may not read the complete numbers, only those computed here.
        for week, known in zip(self, self.sudo(), strict=True):
            week.shown_count = masking.shown_count(known.complaint_count, hidden[week])
            is_few = week.shown_count < week.category_id.repeat_minimum
            is_less = week.shown_count < known.complaint_count
            week.shown_grade = (
                repeat.NORMAL if known.grade == repeat.HIGH and is_few and is_less else known.grade
            )
            week.rate = repeat.rate(week.shown_count, week.base_count) or 0

    def _hidden_counts(self):
        """Return the number of hidden complaints of each week for the current user."""
        complaints = self.env["customer.complaint"].sudo()
        hidden = complaints.search(
            complaints._hidden_domain()
            & Domain("category_id", "in", self.category_id.ids)
            & Domain("company_id", "in", self.company_id.ids)
        )
        counts = Counter()
        for week in self if hidden else ():
            counts[week] = len(week._counted(hidden))
        return counts

    def _counted(self, complaints):
        """Return the complaints that belong to the week."""
        start, end = self.category_id._bounds(self.company_id, self.date_from)
        return complaints.filtered(
            lambda one: (
                one.category_id == self.category_id
                and one.company_id == self.company_id
                and start <= one.date_received < end
                # When a rectification began, those that were dropped later still counted.
                and (self.action_id or one.close_kind not in DROPPED)
            )
        )

    def _update(self, vals):
        """Write those of these values that are others."""
        changed = {
            name: value
            for name, value in vals.items()
            if self._fields[name].convert_to_write(self[name], self) != value
        }
        if changed:
            self.write(changed)

    def _search_shown_count(self, operator, value):
        return self._shown_domain("shown_count", operator, value)

    def _search_shown_grade(self, operator, value):
        return self._shown_domain("shown_grade", operator, value)

    def _shown_domain(self, name, operator, value):
        # One record for each category and week: few enough to filter in Python.
        rows = self.search(Domain.TRUE)
        return Domain("id", "in", rows.filtered_domain([(name, operator, value)]).ids)
