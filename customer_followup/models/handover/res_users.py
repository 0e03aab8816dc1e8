from odoo import models
from odoo.fields import Domain


class ResUsers(models.Model):
    """A user who leaves passes on what they are accountable for."""

    _inherit = "res.users"

    def _involvements(self):
        complaints = self.env["customer.complaint"]
        return [
            *super()._involvements(),
            (complaints, "accountable_user_id", Domain("state", "!=", "closed")),
        ]

    def _archived(self):
        result = super()._archived()
        # Users are archived by people who do not see complaints.
        complaints = self.env["customer.complaint"].sudo()
        complaints.search(
            [("accountable_user_id", "in", self.ids), ("state", "!=", "closed")]
        )._reassign_accountable()
        return result
