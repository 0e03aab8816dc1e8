from odoo import models


class MailMessage(models.Model):
    """A message on a confidential document, hidden with it, even from its author."""

    _name = "mail.message"
    _inherit = ["mail.message", "customer.confidential.mixin"]
    _document_fields = ("model", "res_id")
