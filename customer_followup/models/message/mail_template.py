from odoo import models


class MailTemplate(models.Model):
    """A template, which the add-on may need to write to customers."""

    _name = "mail.template"
    _inherit = ["mail.template", "customer.needed.mixin"]
