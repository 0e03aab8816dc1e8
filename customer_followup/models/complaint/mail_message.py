from odoo import models


class MailMessage(models.Model):
    _name = "mail.message"
    _inherit = ["mail.message", "customer.confidential.mixin"]
    _about = ("model", "res_id")
