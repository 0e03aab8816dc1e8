from odoo import api, fields, models


class CustomerHandoverTopic(models.Model):
    """One line of the checklist that each handover or departure starts with."""

    _name = "customer.handover.topic"
    _description = "Topic of Handovers"
    _inherit = ["customer.shared.mixin"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, ondelete="cascade", help="Empty: for all companies."
    )
    usage = fields.Selection(
        [("handover", "Each handover"), ("departure", "Each departure")],
        string="On the checklist of",
        required=True,
        default="handover",
    )

    @api.model
    def _of(self, usage, company):
        return self.search([("usage", "=", usage), ("company_id", "in", [False, company.id])])
