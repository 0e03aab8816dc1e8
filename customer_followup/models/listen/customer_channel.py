from odoo import fields, models


class CustomerChannel(models.Model):
    """A channel that may be a survey."""

    _inherit = "customer.channel"

    kind = fields.Selection(
        selection_add=[("survey", "Survey by e-mail")], ondelete={"survey": "set default"}
    )
