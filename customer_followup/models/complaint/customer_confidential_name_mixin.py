from odoo import SUPERUSER_ID, api, models


class CustomerConfidentialNameMixin(models.AbstractModel):
    """A record whose name is kept from those it is kept from.

    Odoo shows names of linked records to whoever may read the link.
    """

    _name = "customer.confidential.name.mixin"
    _description = "With a Confidential Name"

    @api.depends_context("uid")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        if self.env.uid != SUPERUSER_ID and any(self._ids):
            hidden = set(self._hidden_query())
            for record in self:
                if record.id in hidden:
                    record.display_name = False
        return result
