from odoo import api, fields, models
from odoo.exceptions import UserError


class CustomerHandoverLine(models.Model):
    """One customer who is handed over."""

    _name = "customer.handover.line"
    _description = "Customer Handed Over"
    _inherit = ["customer.card.mixin"]
    _order = "id"
    _rec_name = "customer_name"
    _check_company_auto = True

    handover_id = fields.Many2one(
        "customer.handover", required=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="handover_id.company_id", store=True, index=True, precompute=True
    )
    state = fields.Selection(related="handover_id.state", store=True, precompute=True)
    date_accepted = fields.Datetime(
        related="handover_id.date_accepted",
        store=True,
        help="Plans of the receiver start on it: a rule may watch these records.",
    )
    # What a team's months open once: the ownership that lasted so long.
    ownership_id = fields.Many2one("customer.ownership", readonly=True, ondelete="set null")

    # One handover for an ownership that lasted so many months, whoever opens it and how often.
    _ownership_uniq = models.UniqueIndex(
        "(ownership_id) WHERE ownership_id IS NOT NULL",
        "This customer's handover is opened already.",
    )
    # Handovers of a customer that are under way.
    _open_idx = models.Index("(commercial_partner_id) WHERE state = 'proposed'")

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(vals.get("ownership_id") for vals in vals_list):
            raise UserError(self.env._("Only the calendar hands over by months."))
        lines = super().create(vals_list)
        lines.handover_id._check_proposed()
        lines.handover_id._check_giver()
        return lines
