from odoo import models

from ..ground.customer_succession_mixin import HOLDER

# In the order in which they are asked.
ROLES = ("backup", "owner")


class CustomerSuccessionMixin(models.AbstractModel):
    """A record of a customer, whose backup or owner takes over first."""

    _inherit = "customer.succession.mixin"

    def _succession_candidates(self, level, replaced, away, stand_ins):
        """Add the customer's backup, or else owner."""
        if level != HOLDER:
            return super()._succession_candidates(level, replaced, away, stand_ins)
        candidates, customers = {}, self._customers_of_work()
        for company, records in self.grouped("company_id").items():
            people = self.env["res.partner"].union(*(customers[one] for one in records))
            holders = self.env["customer.ownership"]._holders(people, company, ROLES)
            for record in records:
                customer_id = customers[record].id
                candidates[record] = [holders.get((customer_id, role)) for role in ROLES]
        return candidates
