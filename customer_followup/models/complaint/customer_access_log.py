from odoo import models


class CustomerAccessLog(models.Model):
    """Looks at complaints are kept, with their ids, from whom the complaints are kept from."""

    _name = "customer.access.log"
    _inherit = ["customer.access.log", "customer.confidential.mixin"]
