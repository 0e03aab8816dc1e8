from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class CustomerTeam(models.Model):
    """A team whose leaders and members determine the excluded users of complaints."""

    _inherit = "customer.team"

    @api.model_create_multi
    def create(self, vals_list):
        before = self._persons_below()
        teams = super().create(vals_list)
        self._check_not_raised(before)
        self.env["customer.complaint"]._follow_teams(teams._people())
        return teams

    def write(self, vals):
        self.check_access("write")
        is_changed = {"active", "leader_id", "member_ids", "parent_id"} & vals.keys()
        before = self._people() if is_changed else self.env["res.users"]
        below = self._persons_below() if is_changed else {}
        result = super().write(vals)
        if is_changed:
            self._check_not_raised(below)
            self.env["customer.complaint"]._follow_teams(before | self._people())
        return result

    def unlink(self):
        self.check_access("unlink")
        before, below = self._people(), self._persons_below()
        result = super().unlink()
        self._check_not_raised(below)
        self.env["customer.complaint"]._follow_teams(before)
        return result

    @api.model
    def _persons_below(self):
        """Return the users in teams, and whether the current user is their general manager."""
        if self.env.su or self.env.is_system():
            return {}
        # Teams and their leaders are known to all users.
        teams = (
            self.env["customer.team"]
            .sudo()
            .search(Domain("leader_id", "!=", False) | Domain("member_ids", "!=", False))
        )
        _lines, heads = (teams.leader_id | teams.member_ids)._lines_above()
        return {person: self.env.user in general for person, general in heads.items()}

    @api.model
    def _check_not_raised(self, before):
        """Raise if users make themselves the general manager of users in other teams.

        General managers see the complaints about those below them, also such as were hidden.
        """
        now = self._persons_below() if before else {}
        if any(is_general and before.get(one) is False for one, is_general in now.items()):
            raise UserError(
                self.env._(
                    "By this change you would become the general manager of a team that exists."
                    " Ask an administrator, or another general manager, to make it."
                )
            )

    def _people(self):
        """Return the leaders and members of these teams and of the teams below."""
        # The current user may not have access to all teams; archived ones are included.
        everywhere = self.sudo().with_context(active_test=False)
        teams = everywhere.search([("id", "child_of", self.ids)])
        return teams.leader_id | teams.member_ids
