from odoo import api, fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    customer_team_ids = fields.Many2many(
        "customer.team",
        relation="customer_team_member_rel",
        column1="user_id",
        column2="team_id",
        string="Customer teams",
    )

    @api.model
    def _is_customer_data_masked(self):
        """Say whether the current user sees customers' contact details only in shortened form."""
        # On the user himself: ``sudo`` keeps him, so a computation done for him asks about him.
        return self.env.user.has_group("customer_followup.group_data_masked") and not (
            self.env.user.has_group("customer_followup.group_data_contact")
        )
