from odoo import models
from odoo.fields import Domain


class ResUsers(models.Model):
    """A user, whose accountability is transferred when they leave."""

    _inherit = "res.users"

    def _involvements(self):
        complaints = self.env["customer.complaint"]
        return [
            *super()._involvements(),
            (complaints, "accountable_user_id", Domain("state", "!=", "closed")),
        ]

    def _archived(self):
        result = super()._archived()
        # The user who archives others may not have access to complaints.
        complaints = self.env["customer.complaint"].sudo()
        complaints.search(
            [("accountable_user_id", "in", self.ids), ("state", "!=", "closed")]
        )._reassign_accountable()
        return result
