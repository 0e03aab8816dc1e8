from odoo import models

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
