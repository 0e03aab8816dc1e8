from odoo import models
from odoo.fields import Domain


class CustomerFollowupFeedback(models.Model):
    """Feedback that became a complaint is hidden from the same users as the complaint."""

    _name = "customer.followup.feedback"
    _inherit = ["customer.followup.feedback", "customer.confidential.mixin"]
    _customer_confidential = "all_complaint_ids.excluded_user_ids"
    _is_hidden_by_rule = True
    _is_name_confidential = True

    def _hidden_domain(self):
        hidden = Domain("excluded_user_ids", "in", self.env.uid)
        return Domain("all_complaint_ids", "any", hidden)
