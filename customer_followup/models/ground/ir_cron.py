from odoo import models


class IrCron(models.Model):
    """A scheduled action, which the add-on may need."""

    _name = "ir.cron"
    _inherit = ["ir.cron", "customer.needed.mixin"]
