from odoo import models
from odoo.exceptions import RedirectWarning, UserError
from odoo.fields import Domain

from ..ground.groups import MANAGER


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

    def _refuse_to_leave(self, message):
        """Offer a manager the departure by which the user's work is passed on."""
        if not self.env.user.has_group(MANAGER):
            raise UserError(
                self.env._("%(message)s A follow-up manager can do so.", message=message)
            )
        action = self.env.ref("customer_followup.customer_departure_action_new")
        raise RedirectWarning(
            message, action.id, self.env._("Pass on"), {"default_user_id": self.id}
        )
