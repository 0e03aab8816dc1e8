from odoo import fields, models


class ResUsers(models.Model):
    """A user with a grade, which decides which of several receivers is accountable."""

    _inherit = "res.users"

    customer_grade = fields.Integer(
        string="Grade in complaints",
        groups="base.group_system,customer_followup.group_followup_manager",
        help="If several users receive a complaint together, the one with the highest grade is"
        " accountable.",
    )
