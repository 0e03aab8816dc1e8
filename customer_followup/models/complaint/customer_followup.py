from odoo import fields, models


class CustomerFollowup(models.Model):
    _inherit = "customer.followup"

    complaint_ids = fields.One2many("customer.complaint", "followup_id", string="Complaints")

    def action_complaint(self, feedback=None):
        """Open a new complaint heard in this contact."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New complaint"),
            "res_model": "customer.complaint",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_title": feedback.text if feedback else False,
                "default_feedback_id": feedback.id if feedback else False,
                "default_followup_id": self.id,
                "default_partner_id": self.partner_id.id,
                "default_company_id": self.company_id.id,
                "default_team_id": self.team_id.id,
            },
        }
