from odoo import fields, models

from ...tools import repeat


class CustomerComplaintWeek(models.Model):
    """How often one kind of thing went wrong in one complete week."""

    _name = "customer.complaint.week"
    _description = "Week of Complaints"
    _order = "date_from desc, category_id"
    _rec_name = "name"

    category_id = fields.Many2one("customer.complaint.category", required=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="cascade")
    name = fields.Char(string="Week", required=True)
    date_from = fields.Date(string="From", required=True)
    complaint_count = fields.Integer(string="Complaints")
    base_count = fields.Integer(string="Out of")
    grade = fields.Selection(
        [
            (repeat.HIGH, "High"),
            (repeat.NORMAL, "Normal"),
            (repeat.UNKNOWN, "Not computable"),
        ],
        required=True,
    )
    rate = fields.Float(string="Per hundred", compute="_compute_rate", digits=(16, 2))
    action_id = fields.Many2one(
        "customer.action", string="Rectification", index="btree_not_null", ondelete="set null"
    )

    _week_uniq = models.UniqueIndex(
        "(category_id, company_id, date_from)", "This week was counted already."
    )

    def _compute_rate(self):
        for week in self:
            week.rate = repeat.rate(week.complaint_count, week.base_count) or 0
