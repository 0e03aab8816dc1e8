from odoo import fields, models

from ..ground.groups import AGENT


class ResPartner(models.Model):
    """A contact enrolled in plans."""

    _inherit = "res.partner"

    customer_enrollment_ids = fields.One2many(
        "customer.followup.enrollment",
        "partner_id",
        string="Plans",
        groups=AGENT,
    )
