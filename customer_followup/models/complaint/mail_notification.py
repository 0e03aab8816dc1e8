from odoo import models
from odoo.fields import Domain


class MailNotification(models.Model):
    _name = "mail.notification"
    _inherit = ["mail.notification", "customer.confidential.mixin"]

    def _hidden_domain(self):
        hidden = self.env["mail.message"]._hidden_domain()
        return Domain("mail_message_id", "any!", hidden)
