from odoo import models
from odoo.fields import Domain


class ResUsers(models.Model):
    """A user a complaint may be about, with the leaders above."""

    _inherit = "res.users"

    def _lines_above(self):
        """Return who leads each of these people, and who stands above all those leaders.

        :return: two dictionaries by user: the leaders of his teams and those above them, below
            the general manager; the general managers
        """
        nobody = self.env["res.users"].sudo()
        lines, heads = dict.fromkeys(self, nobody), dict.fromkeys(self, nobody)
        # Who leads whom is known to whoever works in a team.
        teams = self.env["customer.team"].sudo()
        for team in teams.search(
            Domain("member_ids", "in", self.ids) | Domain("leader_id", "in", self.ids)
        ):
            general = team._general_managers()
            for user in (team.member_ids | team.leader_id) & self:
                heads[user] |= general
                lines[user] |= team.overseer_ids - general
        return lines, heads

    def _colleagues(self):
        """Return who works in the teams of these people, and in the teams below those."""
        # As for who leads them.
        teams = self.env["customer.team"].sudo()
        own = teams.search(
            Domain("member_ids", "in", self.ids) | Domain("leader_id", "in", self.ids)
        )
        own -= own.filtered(lambda team: team.leader_id in self and not team.parent_id)
        below = teams.search([("id", "child_of", own.ids)])
        return below.member_ids | below.leader_id
