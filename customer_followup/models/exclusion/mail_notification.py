from odoo import models
from odoo.fields import Domain


class MailNotification(models.Model):
    """A notification, hidden with its message."""

    _name = "mail.notification"
    _inherit = ["mail.notification", "customer.confidential.mixin"]

    def _hidden_domain(self):
        hidden = self.env["mail.message"]._hidden_domain()
        return Domain("mail_message_id", "any!", hidden)

    def _maybe_hidden(self):
        about = set(self.mail_message_id._maybe_hidden()._ids)
        return self.filtered(lambda one: one.mail_message_id.id in about)
