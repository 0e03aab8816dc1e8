from odoo import models


class MailComposeMessage(models.TransientModel):
    """A message that a user is writing, maybe to many customers."""

    _inherit = "mail.compose.message"

    def _prepare_mail_values(self, res_ids):
        """Prepare messages whose author is the user: Odoo queues e-mails in sudo."""
        result = super()._prepare_mail_values(res_ids)
        if self.env.su:
            return result
        messages = self.env["mail.message"]
        for vals in result.values():
            authored = messages._with_own_author({**vals, "model": self.model})
            vals |= {name: authored[name] for name in ("author_id", "email_from")}
        return result
