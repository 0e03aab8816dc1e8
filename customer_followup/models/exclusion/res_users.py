from odoo import api, fields, models
from odoo.fields import Domain


class ResUsers(models.Model):
    """A user whom a complaint may concern, with the leaders above."""

    _inherit = "res.users"

    hidden_complaint_ids = fields.Many2many(
        "customer.complaint",
        relation="customer_complaint_excluded_rel",
        column1="user_id",
        column2="complaint_id",
        copy=False,
        groups=fields.NO_ACCESS,
    )
    # Stored, as it is asked with every search, and read with the user's other fields.
    has_hidden_complaints = fields.Boolean(
        compute="_compute_has_hidden_complaints", store=True, groups=fields.NO_ACCESS
    )

    @api.depends("hidden_complaint_ids")
    def _compute_has_hidden_complaints(self):
        for user in self:
            user.has_hidden_complaints = bool(user.hidden_complaint_ids)

    def _lines_above(self):
        """Return the leaders above each of these users.

        :return: two dictionaries by user: the leaders of their teams and of the teams above,
            without the general managers; the general managers
        """
        no_users = self.env["res.users"].sudo()
        lines, heads = dict.fromkeys(self, no_users), dict.fromkeys(self, no_users)
        # Team leaders are known to all users.
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
        """Return the members of the teams of these users, and of the teams below."""
        # Team members are known to all users.
        teams = self.env["customer.team"].sudo()
        own = teams.search(
            Domain("member_ids", "in", self.ids) | Domain("leader_id", "in", self.ids)
        )
        own -= own.filtered(lambda team: team.leader_id in self and not team.parent_id)
        below = teams.search([("id", "child_of", own.ids)])
        return below.member_ids | below.leader_id
