from odoo import fields, models

from ..models.ground.system import serialize


class CustomerOnceMixin(models.AbstractModel):
    """A dialog whose button counts once, however often and quickly it is pressed."""

    _name = "customer.once.mixin"
    _description = "Used Once"

    is_used = fields.Boolean(readonly=True)

    def _use(self):
        """Return whether the dialog is used for the first time."""
        self.ensure_one()
        # The same request may arrive twice at the same time.
        serialize(self)
        is_first = not self.is_used
        self.is_used = True
        return is_first
