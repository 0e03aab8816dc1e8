from odoo import api, models

from ...tools import masking


class ResPartnerBank(models.Model):
    """A bank account, whose number some users see in short form only."""

    _inherit = "res.partner.bank"
    _customer_details = frozenset({"acc_number", "acc_holder_name", "sanitized_acc_number"})

    @api.depends_context("uid")
    def _compute_display_name(self):
        """Show the end of the number only, to people who must not see contact details."""
        result = super()._compute_display_name()
        if self.env["res.users"]._is_customer_data_masked():
            for account in self:
                account.display_name = masking.text(account.display_name)
        return result
