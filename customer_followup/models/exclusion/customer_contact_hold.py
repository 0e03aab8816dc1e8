from odoo import models


class CustomerContactHold(models.Model):
    """A hold that a complaint set is about that complaint."""

    _name = "customer.contact.hold"
    _inherit = ["customer.contact.hold", "customer.complaint.about.mixin"]
