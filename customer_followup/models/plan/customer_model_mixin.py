from odoo import api, fields, models


class CustomerModelMixin(models.AbstractModel):
    """A record about records of a model, which is chosen in its form and stored by name."""

    _name = "customer.model.mixin"
    _description = "About Records of a Model"

    # The name, not a link: the record must survive the uninstallation of the other app.
    model_name = fields.Char(string="Model", required=True)
    model_id = fields.Many2one(
        "ir.model",
        string="When a",
        compute="_compute_model_id",
        inverse="_inverse_model_id",
        domain="[('transient', '=', False), ('abstract', '=', False)]",
    )

    @api.depends("model_name")
    def _compute_model_id(self):
        for record in self:
            # Names of models are not confidential; ir.model is closed to ordinary users.
            record.model_id = self.env["ir.model"].sudo()._get(record.model_name or "")

    def _inverse_model_id(self):
        for record in self.filtered("model_id"):
            record.model_name = record.model_id.sudo().model

    @api.onchange("model_id")
    def _onchange_model_id(self):
        usual = self.default_get(["model_name"]).get("model_name")
        self.model_name = self.model_id.sudo().model or usual
