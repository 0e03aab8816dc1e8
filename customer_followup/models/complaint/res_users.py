from odoo import fields, models


class ResUsers(models.Model):
    """Whoever leaves passes on what he answers for."""

    _inherit = "res.users"

    customer_grade = fields.Integer(
        string="Grade in complaints",
        groups="base.group_system,customer_followup.group_followup_manager",
        help="When two receive a complaint together, the higher one answers for it.",
    )

    def write(self, vals):
        result = super().write(vals)
        if vals.get("active") is False:
            # Whoever archives users need not see complaints.
            complaints = self.env["customer.complaint"].sudo()
            complaints.search(
                [("first_user_id", "in", self.ids), ("state", "!=", "closed")]
            )._pass_on_first_asked()
        return result
