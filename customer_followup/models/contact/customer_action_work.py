from odoo import api, models
from odoo.fields import Domain

from ...tools import worktime


class CustomerAction(models.Model):
    _name = "customer.action"
    _inherit = ["customer.action", "customer.work.mixin"]

    @api.model
    def _work_label(self):
        return self.env._("actions")

    @api.model
    def _open_work_domain(self):
        return Domain("state", "=", "open")

    @api.model
    def _due_work_domain(self, until):
        return Domain("date_deadline", "<=", worktime.local_day(until, "UTC"))

    @api.model
    def _about_models(self):
        """Return the models of records of one customer that an action may be about."""
        return [one for one in self._work_models() if "commercial_partner_id" in one._fields]

    @api.model
    def _customer_work_domain(self, customers):
        return Domain.OR(
            Domain("res_model", "=", one._name)
            # Which records are the customer's, whoever may read them.
            & Domain("res_id", "in", one.sudo()._search(one._customer_work_domain(customers)))
            for one in self._about_models()
        )

    def _customers_of_work(self):
        nobody = self.env["res.partner"]
        customers = dict.fromkeys(self, nobody)
        for about in self._about_models():
            some = self.filtered(lambda one, about=about: one.res_model == about._name)
            records = about.sudo().browse(some.mapped("res_id")).exists()
            by_id = {record.id: record.commercial_partner_id for record in records}
            customers |= {one: by_id.get(one.res_id, nobody) for one in some}
        return customers
