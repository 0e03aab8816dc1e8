import logging

from odoo import api, models

_logger = logging.getLogger(__name__)


class IrRule(models.Model):
    """A rule on access, which says nothing of the records it hides."""

    _inherit = "ir.rule"

    @api.model
    def _make_access_error(self, operation, records):
        """Answer alike for records of ours that a user may not see, and for missing ones.

        Odoo names the records in developer mode, and the companies they belong to.
        """
        mine = self.env.user.company_ids.ids
        in_all = records.with_context(allowed_company_ids=mine)
        if not records._is_of_this_app or in_all.has_access(operation):
            # Of another company of the user, to which the web client then switches.
            return super()._make_access_error(operation, records)
        # As Odoo does, for administrators.
        _logger.info("No right to %s %s of user %s", operation, records, self.env.uid)
        return records._unknown_error()
