from odoo import models
from odoo.fields import Domain


class CustomerWorkMixin(models.AbstractModel):
    _inherit = "customer.work.mixin"

    def _pass_on(self, giver, receiver, customers, company, team=None):
        """Give somebody's open work for customers to somebody else."""
        for work in self._work_models():
            # The right to pass customers on includes what is open for them.
            records = work.sudo().search(
                work._work_of(giver)
                & work._customer_work_domain(customers)
                & Domain("company_id", "=", company.id)
            )
            records._give_to(receiver, team)
