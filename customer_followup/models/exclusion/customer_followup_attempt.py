from odoo import models


class CustomerFollowupAttempt(models.Model):
    """An attempt, hidden with its follow-up."""

    _name = "customer.followup.attempt"
    _inherit = ["customer.followup.attempt", "customer.confidential.mixin"]
    _hidden_with = ("followup_id",)
