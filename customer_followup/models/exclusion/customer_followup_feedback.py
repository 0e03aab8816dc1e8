from odoo import models
from odoo.fields import Domain


class CustomerFollowupFeedback(models.Model):
    """Feedback that became a complaint is hidden from the same users as the complaint."""

    _name = "customer.followup.feedback"
    _inherit = ["customer.followup.feedback", "customer.confidential.mixin"]
    _customer_confidential = "all_complaint_ids.excluded_user_ids"
    _hidden_with = ("followup_id",)
    _is_name_confidential = True

    def _hidden_domain(self):
        # No user may read which complaints it became.
        rows = self.sudo().with_context(active_test=False)
        became = rows._search([("all_complaint_ids.excluded_user_ids", "in", self.env.uid)])
        return super()._hidden_domain() | Domain("id", "in", became)
