from odoo import api, models


class CustomerMergedMixin(models.AbstractModel):
    """A row about a customer (``commercial_partner_id``), of which a merge keeps some only."""

    _name = "customer.merged.mixin"
    _description = "Of a Customer That May Be Merged"

    @api.model
    def _merged_into(self, sources, destination):
        self._fold(sources, destination)
        return super()._merged_into(sources, destination)

    @api.model
    def _after_merge(self, destination):
        customer = destination.commercial_partner_id
        if customer != destination:
            self._fold(destination, customer)
        return super()._after_merge(destination)

    @api.model
    def _fold(self, sources, customer):
        """Give the rows of some contacts to a customer, and end those that cannot be beside others.

        Each model says which.
        """
        raise NotImplementedError
