from odoo import fields, models


class CustomerFollowupFeedback(models.Model):
    """A remark of a customer may become a complaint."""

    _inherit = "customer.followup.feedback"

    complaint_ids = fields.One2many("customer.complaint", "feedback_id", string="Complaints")
    # A list of its own, so that what is read in sudo does not stay in the reader's list.
    all_complaint_ids = fields.One2many(
        "customer.complaint", "feedback_id", groups=fields.NO_ACCESS
    )

    def _is_answered(self):
        # Also a complaint that the current user may not know of answers it.
        return super()._is_answered() or bool(self.sudo().all_complaint_ids)

    def action_complaint(self):
        """Open a new complaint about this remark."""
        self.ensure_one()
        return self.followup_id.action_complaint(self)
