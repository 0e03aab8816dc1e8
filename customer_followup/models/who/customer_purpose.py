from odoo import fields, models


class CustomerPurpose(models.Model):
    """A reason to contact customers."""

    _name = "customer.purpose"
    _description = "Purpose of Contact"
    _inherit = ["customer.needed.mixin"]
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    budget_count = fields.Integer(
        string="At most",
        help="Contacts one person may get for this purpose within the period; 0: no limit.",
    )
    budget_days = fields.Integer(string="In days", default=7)
    is_requested = fields.Boolean(
        string="Asked for by the customer or by law",
        help="Such contacts, like answers to a complaint or recall notices, reach also those"
        " who wish no contact.",
    )

    is_marketing = fields.Boolean(
        string="Marketing", help="Never reaches children; an objection to it is final."
    )
    needs_consent = fields.Boolean(
        string="Only with consent", help="Only customers who gave consent are contacted for it."
    )
    is_any_hour = fields.Boolean(
        string="At any hour",
        help="For safety: reaches people at night and on holidays as well, and is logged.",
    )

    _budget_range = models.Constraint(
        "CHECK (budget_count >= 0 AND budget_days > 0)",
        "A budget needs a number of contacts of zero or more and at least one day.",
    )
