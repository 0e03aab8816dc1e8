from odoo import api, models
from odoo.fields import Domain

from ...tools import masking


class CustomerWorkMixin(models.AbstractModel):
    _inherit = "customer.work.mixin"

    @api.model
    def _visible_work_of(self, users):
        """Leave out what the current user must not know of, unless there is much else."""
        counts = super()._visible_work_of(users)
        few = users.browse(user.id for user, count in counts.items() if count < masking.MANY)
        if not few or not hasattr(self, "_excluded_users"):
            return counts
        # What is hidden is asked in sudo; a smaller number comes of it.
        hidden = self.sudo().search(
            self._open_work_domain()
            & (Domain("user_id", "in", few.ids) | Domain("absent_user_id", "in", few.ids))
            & self._hidden_domain()
        )
        for record in hidden:
            for user in record.user_id | record.absent_user_id:
                if user in few:
                    counts[user] = masking.told(counts[user], 1)
        return {user: count for user, count in counts.items() if count}

    def _give(self, receivers, is_meanwhile=False, team=None):
        """Give work to its receivers, or if they must not know what it is about, to who may."""
        return super()._give(self._permitted(receivers), is_meanwhile=is_meanwhile, team=team)

    def _permitted(self, receivers):
        """Return who gets each record, ``{record: user}``, instead of who must not know of it."""
        if not hasattr(self, "_excluded_users"):
            return receivers
        # Who is excluded is known to nobody; only somebody else comes of it.
        barred = [one for one, user in receivers.items() if user in one._excluded_users()]
        heirs = self.union(*barred).sudo()._complaints()._successors(is_passed_on=True)
        return receivers | {one: heirs[one.sudo()._complaints()] for one in barred}
