from odoo import fields, models

from ...tools import worktime


class CustomerFollowupAttempt(models.Model):
    """One try to reach the customer."""

    _name = "customer.followup.attempt"
    _description = "Attempt"
    _order = "date desc, id desc"
    _rec_name = "outcome_id"

    followup_id = fields.Many2one(
        "customer.followup", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="followup_id.company_id", store=True, precompute=True)
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    user_id = fields.Many2one(
        "res.users",
        string="Agent",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
    )
    channel_id = fields.Many2one(
        related="followup_id.channel_id", store=True, precompute=True, ondelete="restrict"
    )
    outcome_id = fields.Many2one(
        "customer.followup.outcome", required=True, ondelete="restrict", index=True
    )


class CustomerFollowup(models.Model):
    _inherit = "customer.followup"

    def _tried_on_day_of(self, moment, zone):
        """Return the tries made on the customer's day of a moment (naive UTC)."""
        day = worktime.local_day(moment, zone)
        return self.attempt_ids.filtered(lambda one: worktime.local_day(one.date, zone) == day)
