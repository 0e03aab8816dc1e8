from odoo import models

from ..ground.groups import AGENT


class ResGroups(models.Model):
    """A group; users with customers or open work cannot lose the group that gives them the app."""

    _inherit = "res.groups"

    def write(self, vals):
        if not vals.keys() & {"user_ids", "implied_ids", "implied_by_ids"}:
            return super().write(vals)
        # Odoo keeps which group implies which: changing those of other apps costs nothing.
        definitions = self._get_group_definitions()
        # While the add-on is installed, its group need not be there yet.
        group_id = definitions.get_id(AGENT)
        implying = definitions.get_subset_ids([group_id]) if group_id else []
        if not {group_id, *implying} & set(self.ids):
            return super().write(vals)
        # All its users count, also those the current user may not read.
        group = self.browse(group_id).sudo()
        agents = group.all_implied_by_ids.user_ids
        result = super().write(vals)
        (agents - group.all_implied_by_ids.user_ids).with_env(self.env)._check_work_is_passed_on()
        return result
