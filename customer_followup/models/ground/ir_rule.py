from odoo import api, models

from .base import OURS


class IrRule(models.Model):
    """A rule on access, which says nothing of the records it hides."""

    _inherit = "ir.rule"

    @api.model
    def _make_access_error(self, operation, records):
        """Answer alike for records of ours that a user may not see, and for missing ones.

        Odoo names the records in developer mode, and the companies they belong to.
        """
        if not (records._original_module or "").startswith(OURS):
            return super()._make_access_error(operation, records)
        return records._unknown_error()
