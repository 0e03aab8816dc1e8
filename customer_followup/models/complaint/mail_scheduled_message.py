from odoo import models


class MailScheduledMessage(models.Model):
    _name = "mail.scheduled.message"
    _inherit = ["mail.scheduled.message", "customer.confidential.mixin"]
    _about = ("model", "res_id")
