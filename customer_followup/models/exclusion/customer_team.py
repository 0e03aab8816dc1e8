from odoo import api, models


class CustomerTeam(models.Model):
    """A team whose leaders and members determine the excluded users of complaints."""

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
        if is_changed:
            self.env["customer.complaint"]._follow_teams(before | self._people())
        return result

    def unlink(self):
        before = self._people()
        result = super().unlink()
        self.env["customer.complaint"]._follow_teams(before)
        return result

    def _people(self):
        """Return the leaders and members of these teams and of the teams below."""
        # The current user may not have access to all teams; archived ones are included.
        everywhere = self.sudo().with_context(active_test=False)
        teams = everywhere.search([("id", "child_of", self.ids)])
        return teams.leader_id | teams.member_ids
