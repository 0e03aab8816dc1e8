from odoo import models

from ...tools import masking


class CustomerDeparture(models.Model):
    """A departure whose numbers do not reveal what is hidden from some users."""

    _inherit = "customer.departure"

    def _shares(self, allocation):
        shares = super()._shares(allocation)
        # Others read them later.
        hidden = super()._shares(
            {
                name: {one: user for one, user in some.items() if one._excluded_users()}
                for name, some in allocation.items()
            }
        )
        shown = {key: masking.shown_count(count, hidden[key]) for key, count in shares.items()}
        return {key: count for key, count in shown.items() if count}
