from odoo import api, models
from odoo.fields import Domain

from ...tools import masking


class CustomerWorkMixin(models.AbstractModel):
    """Work, which is not counted for or assigned to users excluded from its complaint."""

    _name = "customer.work.mixin"
    _inherit = ["customer.work.mixin", "customer.confidential.mixin"]

    @api.model
    def _visible_work_of(self, users):
        """Do not count hidden work."""
        counts = super()._visible_work_of(users)
        if not counts or not self.env.user.has_hidden_complaints:
            return counts
        # Hidden work is only readable with sudo; it only reduces the numbers.
        hidden = self.sudo().search(
            self._open_work_domain()
            & self._own_companies_domain()
            & (Domain("user_id", "in", users.ids) | Domain("absent_user_id", "in", users.ids))
            & self._hidden_domain()
        )
        for record in hidden:
            for user in (record.user_id | record.absent_user_id) & users:
                counts[user] = masking.shown_count(counts[user], 1)
        return {user: count for user, count in counts.items() if count}

    def _is_able(self, user):
        # Excluded users are not shown; only another user takes over.
        return super()._is_able(user) and user not in self._excluded_users()

    def _substitutes(self, *args, **kwargs):
        found = super()._substitutes(*args, **kwargs)
        # Confidential work that no one else may do goes to those who may know.
        left = self.filtered(lambda one: one not in found and one._excluded_users())
        others = left.sudo()._complaints()._reassignments(is_passed_on=True)
        for one in left:
            if user := others.get(one.sudo()._complaints()):
                found[one] = user
        return found

    def _permitted(self, receivers):
        receivers = super()._permitted(receivers)
        barred = [one for one, user in receivers.items() if user in one._excluded_users()]
        others = self.union(*barred).sudo()._complaints()._reassignments(is_passed_on=True)
        return receivers | {one: others[one.sudo()._complaints()] for one in barred}
