from odoo import api, models

from ..complaint.customer_complaint import CLOSED


class CustomerTeam(models.Model):
    _inherit = "customer.team"

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
