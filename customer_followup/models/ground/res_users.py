from odoo import api, models


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.model
    def _is_customer_data_masked(self):
        """Say whether the current user sees customers' contact details only in shortened form."""
        # On the user himself: ``sudo`` keeps him, so a computation done for him asks about him.
        return self.env.user.has_group("customer_followup.group_data_masked") and not (
            self.env.user.has_group("customer_followup.group_data_contact")
        )
