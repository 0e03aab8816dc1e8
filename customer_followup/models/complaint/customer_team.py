from odoo import models

from .customer_complaint import CLOSED


class CustomerTeam(models.Model):
    _inherit = "customer.team"

    def write(self, vals):
        result = super().write(vals)
        if "calendar_id" in vals:
            self.env["customer.complaint"]._rematch_open([("team_id", "in", self.ids)])
        return result

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
