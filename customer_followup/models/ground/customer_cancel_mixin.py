from odoo import fields, models
from odoo.exceptions import UserError

from ...tools.folding import has_letters


class CustomerCancelMixin(models.AbstractModel):
    """Work that a user can cancel with a reason, which is kept."""

    _name = "customer.cancel.mixin"
    _description = "Can Be Cancelled"
    _inherit = ["customer.protected.mixin"]
    _protected_fields = frozenset({"cancel_reason"})

    cancel_reason = fields.Text(string="Reason for cancelling", readonly=True, copy=False)

    def action_cancel(self):
        """Ask for the reason to cancel these records."""
        self.check_access("write")
        self._check_cancellable()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Cancel"),
            "res_model": "customer.cancel",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_res_model": self._name, "default_res_ids": self.ids},
        }

    def _cancel(self, reason):
        """Cancel these records, which are still open, and keep the reason."""
        self.check_access("write")
        reason = (reason or "").strip() if has_letters(reason) else ""
        if not reason:
            raise UserError(self.env._("Enter the reason for cancelling."))
        self._check_cancellable()
        self._record({**self._prepare_cancel_vals(), "cancel_reason": reason})

    def _prepare_cancel_vals(self):
        """Return what is recorded of cancelled records."""
        return {"state": "cancelled"}

    def _check_cancellable(self):
        """Raise if one of these records has ended."""
        # Whether a record has ended does not depend on what the user may see.
        ended = self.browse(self.sudo()._filter_ended().ids)
        if ended:
            raise UserError(ended[0]._ended_text())
