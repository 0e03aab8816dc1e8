from odoo import models
from odoo.fields import Domain

from ...tools import masking
from ..complaint.customer_complaint import CLOSED


class CustomerDeparture(models.Model):
    _inherit = "customer.departure"

    def _allocation(self):
        allocation = super()._allocation()
        # Like other work, including complaints the current user may not read.
        received = (
            self.env["customer.complaint"]
            .sudo()
            .search(
                Domain("accountable_user_id", "=", self.user_id.id)
                & Domain("state", "!=", CLOSED)
                & Domain("company_id", "=", self.company_id.id)
            )
        )
        owners = allocation["customer.ownership"]
        receivers = {row.commercial_partner_id: user for row, user in owners.items()}
        customers = received._customers_of_work()
        shared = self._allocate(received, customers, receivers)
        allocation["accountable_user_id"] = received._permitted(shared)
        return allocation

    def _shares(self, allocation):
        shares = super()._shares(allocation)
        # Other users read the shares later: confidential records count only in large numbers.
        hidden = super()._shares(
            {
                name: {one: user for one, user in some.items() if _is_confidential(one)}
                for name, some in allocation.items()
            }
        )
        shown = {key: masking.shown_count(count, hidden[key]) for key, count in shares.items()}
        return {key: count for key, count in shown.items() if count}

    def _label(self, name):
        if name == "accountable_user_id":
            return self.env._("complaints they are accountable for")
        return super()._label(name)

    def _pass_on(self, allocation):
        received = allocation["accountable_user_id"]
        others = {name: some for name, some in allocation.items() if some is not received}
        # Users have no write access to transfers.
        transfers = self.env["customer.complaint.transfer"]
        transfers.sudo().create(
            [
                transfers._prepare_accountable_vals(
                    complaint,
                    self.user_id,
                    user,
                    self.env._("%s has left", self.user_id.name),
                )
                for complaint, user in received.items()
            ]
        )
        for complaint, user in received.items():
            complaint.with_context(tracking_disable=True).accountable_user_id = user
        return super()._pass_on(others)


def _is_confidential(record):
    return bool(record._excluded_users())
