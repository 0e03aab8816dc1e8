from odoo import models


class ResUsers(models.Model):
    """A user who may work on contacts."""

    _inherit = "res.users"

    def _may_work_on(self, contact):
        """Say whether this user can be the agent of a contact."""
        return (
            self.active
            and self.has_group("customer_followup.group_followup_user")
            and contact.company_id in self.company_ids
        )
