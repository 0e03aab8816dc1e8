from odoo import models

from .customer_confidential_mixin import CONFIDENTIAL


class MailActivity(models.Model):
    """An activity on a confidential document, hidden with it and never for an excluded user."""

    _name = "mail.activity"
    _inherit = ["mail.activity", "customer.confidential.mixin"]
    _document_fields = ("res_model", "res_id")
    _is_confidential_work = True

    def _document_of(self, vals):
        model, record_id = super()._document_of(vals)
        if vals.get("res_model_id"):
            # By model name, because Odoo caches these ids.
            names = {self.env["ir.model"]._get_id(name): name for name in CONFIDENTIAL}
            model = names.get(vals["res_model_id"])
        return model, record_id
