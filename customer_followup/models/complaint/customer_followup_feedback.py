from odoo import fields, models


class CustomerFollowupFeedback(models.Model):
    """A customer's feedback, which may become a complaint."""

    _inherit = "customer.followup.feedback"

    complaint_ids = fields.One2many("customer.complaint", "feedback_id", string="Complaints")
    # A separate field, so that sudo does not fill the cache of ``complaint_ids``.
    all_complaint_ids = fields.One2many(
        "customer.complaint", "feedback_id", groups=fields.NO_ACCESS
    )

    def _is_answered(self):
        # A complaint from which the user is excluded is an answer, too.
        return super()._is_answered() or bool(self.sudo().all_complaint_ids)

    def action_complaint(self):
        """Open the form for a new complaint about this feedback."""
        self.ensure_one()
        self.check_access("read")
        return self.followup_id.action_complaint(self)
