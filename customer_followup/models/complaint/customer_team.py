from odoo import api, models

from .customer_complaint import CLOSED


class CustomerTeam(models.Model):
    _inherit = "customer.team"

    @api.model_create_multi
    def create(self, vals_list):
        teams = super().create(vals_list)
        self.env["customer.complaint"]._follow_teams(teams._people())
        return teams

    def write(self, vals):
        is_changed = {"active", "leader_id", "member_ids", "parent_id"} & vals.keys()
        before = self._people() if is_changed else self.env["res.users"]
        result = super().write(vals)
        complaints = self.env["customer.complaint"]
        if is_changed:
            complaints._follow_teams(before | self._people())
        if "calendar_id" in vals:
            complaints._rematch_open([("team_id", "in", self.ids)])
        return result

    def unlink(self):
        before = self._people()
        result = super().unlink()
        self.env["customer.complaint"]._follow_teams(before)
        return result

    def _people(self):
        """Return who leads or belongs to these teams and those below them."""
        # Whoever arranges teams need not see all of them, archived ones included.
        everywhere = self.sudo().with_context(active_test=False)
        teams = everywhere.search([("id", "child_of", self.ids)])
        return teams.leader_id | teams.member_ids

    def _open_work(self):
        work = super()._open_work()
        # Load counts all of a member's open complaints, also those the caller may not see.
        for user, count in (
            self.env["customer.complaint"]
            .sudo()
            ._read_group(
                [("user_id", "in", self.sudo().member_ids.ids), ("state", "!=", CLOSED)],
                ["user_id"],
                ["__count"],
            )
        ):
            work[user.id] = work.get(user.id, 0) + count
        return work

    def _general_managers(self):
        """Return who leads the topmost team above each of these."""
        # Who leads whom is known to whoever works in a team.
        roots = {int(team.parent_path.split("/")[0]) for team in self.sudo()}
        return self.sudo().browse(roots).leader_id

    @api.model
    def _root(self, company):
        """Return the topmost team of a company, the first if there are several."""
        # As above.
        root = [("company_id", "=", company.id), ("parent_id", "=", False)]
        return self.sudo().search(root, limit=1)

    @api.model
    def _teams_of(self, users, company):
        """Return for each user, and for nobody, whose team in a company answers for his work.

        It is one he belongs to, else one he leads, else the topmost: nothing is no team's.
        """
        # As above.
        mine = self.sudo().search([("company_id", "=", company.id)])
        root = mine.filtered(lambda team: not team.parent_id)[:1]
        teams = {self.env["res.users"]: root}
        for user in users:
            led = mine.filtered(lambda team, user=user: team.leader_id == user)
            joined = mine.filtered(lambda team, user=user: user in team.member_ids)
            teams[user] = (joined or led or root)[:1]
        return teams
