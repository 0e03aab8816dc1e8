from odoo import api, fields, models


class CustomerChannel(models.Model):
    """A channel that may be a survey."""

    _inherit = "customer.channel"

    kind = fields.Selection(
        selection_add=[("survey", "Survey by e-mail")], ondelete={"survey": "set default"}
    )

    @api.model
    def _automatic_kinds(self):
        return super()._automatic_kinds() | {"survey"}

    @api.model
    def _needs_by_kind(self):
        return {**super()._needs_by_kind(), "survey": "email"}
