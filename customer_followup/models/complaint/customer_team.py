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
