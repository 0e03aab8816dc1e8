from odoo import models


class CustomerContactHold(models.Model):
    """A hold, which may be about the complaint that caused it."""

    _name = "customer.contact.hold"
    _inherit = ["customer.contact.hold", "customer.complaint.about.mixin"]
