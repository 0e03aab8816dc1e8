from odoo import api, fields, models
from odoo.fields import Domain


class CustomerFollowupFeedback(models.Model):
    _name = "customer.followup.feedback"
    _inherit = [
        "customer.followup.feedback",
        "customer.confidential.list.mixin",
        "customer.confidential.name.mixin",
    ]
    _customer_confidential = "all_complaint_ids.excluded_user_ids"

    complaint_ids = fields.One2many("customer.complaint", "feedback_id", string="Complaints")
    # A list of its own, so that what is read in sudo does not stay in the reader's list.
    all_complaint_ids = fields.One2many(
        "customer.complaint", "feedback_id", groups=fields.NO_ACCESS
    )

    @api.model
    def _hidden_query(self):
        """Return the lines that the current user must not know of."""
        hidden = Domain("excluded_user_ids", "in", self.env.uid)
        # A query only: nothing is read.
        return self.sudo()._search(Domain("all_complaint_ids", "any", hidden))

    def _is_answered(self):
        # That there is one answers it, also for a listener it is about, who does not see it.
        return super()._is_answered() or bool(self.sudo().all_complaint_ids)

    def action_complaint(self):
        """Open a new complaint about this line."""
        self.ensure_one()
        return self.followup_id.action_complaint(self)
