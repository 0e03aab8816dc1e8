from odoo import models

from .res_users import AGENT


class ResGroups(models.Model):
    """Nobody loses the app while customers or work are his, from whichever side he is removed."""

    _inherit = "res.groups"

    def write(self, vals):
        if not vals.keys() & {"user_ids", "implied_ids"}:
            return super().write(vals)
        # While the add-on is installed, its group need not be there yet.
        # Whose users they are counts whoever removes them, also those of another company.
        group = (self.env.ref(AGENT, raise_if_not_found=False) or self.browse()).sudo()
        agents = group.all_implied_by_ids.user_ids
        result = super().write(vals)
        (agents - group.all_implied_by_ids.user_ids).with_env(self.env)._check_work_is_passed_on()
        return result
