from odoo import models
from odoo.exceptions import RedirectWarning, UserError

from ..ground.groups import MANAGER


class ResUsers(models.Model):
    _inherit = "res.users"

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
