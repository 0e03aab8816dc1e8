from datetime import timedelta

from odoo import api, fields, models

from ...tools import schedule

TARGET_DAYS = 60


class CustomerFollowupPlan(models.Model):
    """The next dates of a plan for a sample customer, shown while it is written."""

    _inherit = "customer.followup.plan"

    sample_date = fields.Date(
        string="For a customer who starts on",
        compute="_compute_sample_date",
        readonly=False,
    )
    sample_target = fields.Date(
        string="with the target date", compute="_compute_sample_date", readonly=False
    )
    needs_target = fields.Boolean(compute="_compute_preview")
    preview = fields.Json(compute="_compute_preview", string="Next dates")

    @api.depends_context("tz", "uid")
    def _compute_sample_date(self):
        today = fields.Date.context_today(self)
        for plan in self:
            plan.sample_date = today
            plan.sample_target = today + timedelta(days=TARGET_DAYS)

    @api.depends("step_ids", "sample_date", "sample_target", "team_id", "company_id")
    def _compute_preview(self):
        for plan in self:
            steps = plan.step_ids
            plan.needs_target = any(step._needs_target() for step in steps)
            plan.preview = steps._preview(plan._sample())

    def _sample(self):
        """Return the :class:`schedule.Context` of the sample customer."""
        company = self.company_id or self.env.company
        # When the team works is not confidential.
        calendar = self.sudo().team_id.calendar_id or company.sudo().resource_calendar_id
        working_time = calendar._working_time(company)
        return schedule.Context(
            self.sample_date or fields.Date.context_today(self),
            working_time.zone,
            working_time.workdays,
            self.sample_target or None,
        )
