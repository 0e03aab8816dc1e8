from odoo import models

from ..complaint.customer_complaint import CLOSED


class CustomerTeam(models.Model):
    _inherit = "customer.team"

    def _open_work(self):
        work = super()._open_work()
        # The load includes open complaints that the current user may not read.
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
