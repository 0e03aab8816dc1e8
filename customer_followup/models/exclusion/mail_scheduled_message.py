from odoo import models


class MailScheduledMessage(models.Model):
    """A scheduled message on a confidential document, hidden with it."""

    _name = "mail.scheduled.message"
    _inherit = ["mail.scheduled.message", "customer.confidential.mixin"]
    _document_fields = ("model", "res_id")
