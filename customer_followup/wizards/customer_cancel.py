from odoo import fields, models
from odoo.exceptions import UserError


class CustomerCancel(models.TransientModel):
    """The reason for cancelling some records."""

    _name = "customer.cancel"
    _description = "Reason for Cancelling"
    _inherit = ["customer.dialog.mixin"]

    res_model = fields.Char(required=True)
    res_ids = fields.Json(required=True)
    reason = fields.Text(required=True)

    def action_cancel(self):
        """Cancel the records with this reason."""
        if self._use():
            self._records()._cancel(self.reason)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _records(self):
        """Return the records to cancel; their own verb checks the access to them."""
        model = self.env.get(self.res_model)
        if model is None or not isinstance(model, self.pool["customer.cancel.mixin"]):
            raise UserError(self.env._("Choose what to cancel in its list or form."))
        return model.browse(self.res_ids)
