from odoo import models


class CustomerContactRefusal(models.Model):
    """A refusal by the gate, hidden with its follow-up."""

    _name = "customer.contact.refusal"
    _inherit = ["customer.contact.refusal", "customer.confidential.mixin"]
    _hidden_with = ("followup_id",)
