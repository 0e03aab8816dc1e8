from odoo import models


class MailMessage(models.Model):
    _name = "mail.message"
    _inherit = ["mail.message", "customer.confidential.mixin"]
    _about = ("model", "res_id")

    def _is_maybe_notice(self):
        """Say whether this may be a notice about complaints: those belong to no record."""
        return not self.model
