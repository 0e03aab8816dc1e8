from odoo import fields, models


class CustomerFollowupFeedback(models.Model):
    _inherit = "customer.followup.feedback"

    complaint_ids = fields.One2many("customer.complaint", "feedback_id", string="Complaints")

    def _is_answered(self):
        # That there is one answers it, also for a listener it is about, who does not see it.
        return super()._is_answered() or bool(self.sudo().complaint_ids)

    def action_complaint(self):
        """Open a new complaint about this line."""
        self.ensure_one()
        return self.followup_id.action_complaint(self)
