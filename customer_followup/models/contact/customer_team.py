from odoo import models

from .customer_followup import OPEN_STATES


class CustomerTeam(models.Model):
    """A team whose members have open contacts."""

    _inherit = "customer.team"

    def _open_work(self):
        work = super()._open_work()
        # The load counts all open contacts of a member, also those the user may not see.
        for user, count in (
            self.env["customer.followup"]
            .sudo()
            ._read_group(
                [
                    ("user_id", "in", self.sudo().member_ids.ids),
                    ("state", "in", OPEN_STATES),
                ],
                ["user_id"],
                ["__count"],
            )
        ):
            work[user.id] = work.get(user.id, 0) + count
        return work
