from odoo import models

from .customer_confidential_mixin import CONFIDENTIAL


class CustomerWorkMixin(models.AbstractModel):
    _inherit = "customer.work.mixin"

    def _give(self, receivers, is_meanwhile=False, team=None):
        """Give work to its receivers, or if they must not know what it is about, to who may."""
        return super()._give(self._permitted(receivers), is_meanwhile=is_meanwhile, team=team)

    def _permitted(self, receivers):
        """Return who gets each record, ``{record: user}``, instead of who must not know of it."""
        if self._name not in CONFIDENTIAL:
            return receivers
        # Who is excluded is known to nobody; only somebody else comes of it.
        barred = [one for one, user in receivers.items() if user in one._must_not_know()]
        heirs = self.union(*barred).sudo()._complaints()._heirs(is_passed_on=True)
        return receivers | {one: heirs[one.sudo()._complaints()] for one in barred}
