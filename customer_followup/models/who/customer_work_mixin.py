from odoo import models
from odoo.fields import Domain


class CustomerWorkMixin(models.AbstractModel):
    _inherit = "customer.work.mixin"

    def _substitutes(self, stand_ins, away):
        """Let the customer's other holder come first: his backup, or his owner."""
        found = {}
        for company, records in self.grouped("company_id").items():
            found |= records._other_holders(company, away)
        rest = self.filtered(lambda record: record not in found)
        return found | super(CustomerWorkMixin, rest)._substitutes(stand_ins, away)

    def _other_holders(self, company, away):
        customers = self._customers_of_work()
        people = self.env["res.partner"].union(*customers.values())
        holders = self.env["customer.ownership"]._holders(people, company, ("owner", "backup"))
        found = {}
        for record in self:
            for role in ("backup", "owner"):
                holder = holders.get((customers[record].id, role))
                is_able = holder and holder.active and holder not in away | record.user_id
                if is_able and record not in found:
                    found[record] = holder
        return found

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
