from odoo import models


class MailActivity(models.Model):
    _name = "mail.activity"
    _inherit = [
        "mail.activity",
        "customer.confidential.mixin",
        "customer.confidential.work.mixin",
    ]

    def _about_of(self, vals):
        model, record_id = super()._about_of(vals)
        if vals.get("res_model_id"):
            # Only the name of a model; what comes of it is a check.
            model = self.env["ir.model"].sudo().browse(vals["res_model_id"]).model
        return model, record_id
