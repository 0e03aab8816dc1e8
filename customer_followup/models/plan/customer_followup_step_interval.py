from odoo import api, fields, models

from ...tools import schedule
from .customer_followup_step import DAY_UNITS

MONTHS = [
    ("1", "January"),
    ("2", "February"),
    ("3", "March"),
    ("4", "April"),
    ("5", "May"),
    ("6", "June"),
    ("7", "July"),
    ("8", "August"),
    ("9", "September"),
    ("10", "October"),
    ("11", "November"),
    ("12", "December"),
]


class CustomerFollowupStepInterval(models.Model):
    """How often a step repeats with some time left to the target, or in some months."""

    _name = "customer.followup.step.interval"
    _description = "Interval of a Step"
    _inherit = ["customer.shared.mixin"]
    _order = "step_id, limit_unit, limit_count, month_from, id"
    _shared_with = "step_id.plan_id"

    step_id = fields.Many2one(
        "customer.followup.step", required=True, index=True, ondelete="cascade"
    )
    limit_count = fields.Integer(string="At most left", default=7)
    limit_unit = fields.Selection(DAY_UNITS, required=True, default="days", string="Unit left")
    month_from = fields.Selection(MONTHS, required=True, default="1", string="From")
    month_to = fields.Selection(MONTHS, required=True, default="12", string="To")
    every_count = fields.Integer(string="Every", required=True, default=1)
    every_unit = fields.Selection(DAY_UNITS, required=True, default="days", string="Unit")

    @api.constrains(
        "limit_count", "limit_unit", "month_from", "month_to", "every_count", "every_unit"
    )
    def _check_schedule(self):
        self.step_id._check_schedule()

    @api.model_create_multi
    def create(self, vals_list):
        steps = self.env["customer.followup.step"]
        steps.browse({vals.get("step_id") for vals in vals_list} - {None})._check_version_is_open()
        return super().create(vals_list)

    def write(self, vals):
        steps = self.step_id | self.step_id.browse(vals.get("step_id"))
        steps._check_version_is_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_unused(self):
        self.step_id._check_version_is_open()

    def _every(self):
        return schedule.Span(self.every_count, self.every_unit)

    def _band(self):
        return schedule.Band(schedule.Span(self.limit_count, self.limit_unit), self._every())

    def _season(self):
        return schedule.Season(int(self.month_from), int(self.month_to), self._every())
