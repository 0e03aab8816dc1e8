from odoo import fields, models


class CustomerFollowupAttempt(models.Model):
    """One attempt to reach a customer, with its outcome."""

    _name = "customer.followup.attempt"
    _description = "Attempt"
    _check_company_auto = True
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
