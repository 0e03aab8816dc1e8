from odoo import api, models
from odoo.exceptions import UserError


class CustomerNeededMixin(models.AbstractModel):
    """A record of a kind of which this add-on needs those that it brings."""

    _name = "customer.needed.mixin"
    _description = "Needed by Customer Follow-up"

    @api.ondelete(at_uninstall=False)
    def _unlink_needed(self):
        # Users who delete need not be allowed to read external names.
        needed = self.env["ir.model.data"].sudo()
        rows = needed.search(
            [
                ("module", "=", "customer_followup"),
                ("model", "=", self._name),
                ("res_id", "in", self.ids),
            ]
        )
        for record in self.browse(rows.mapped("res_id")):
            raise UserError(
                self.env._(
                    "“%s” is needed by Customer Follow-up and cannot be deleted. Change it"
                    " instead.",
                    record.display_name,
                )
            )
