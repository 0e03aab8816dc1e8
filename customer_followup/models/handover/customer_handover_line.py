from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class CustomerHandoverLine(models.Model):
    """One customer in a handover."""

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
    # The ownership that lasted the months of its team; it is handed over once.
    ownership_id = fields.Many2one("customer.ownership", readonly=True, ondelete="set null")

    # One handover for an ownership by months, however often the scheduled action runs.
    _ownership_uniq = models.UniqueIndex(
        "(ownership_id) WHERE ownership_id IS NOT NULL",
        "This customer's handover is opened already.",
    )
    # Handovers of a customer that are under way.
    _open_idx = models.Index("(commercial_partner_id) WHERE state = 'proposed'")

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(vals.get("ownership_id") for vals in vals_list):
            raise UserError(self.env._("Only the scheduled action hands over by months."))
        lines = super().create(vals_list)
        lines.handover_id._check_proposed()
        lines.handover_id._check_giver()
        lines._check_known()
        return lines

    def _check_known(self):
        """Raise if customers are neither the giver's nor readable for the current user.

        A line shows a customer's name, which must not disclose customers of other owners.
        """
        strange = self.partner_id - self.partner_id._filtered_access("read")
        unknown = self.filtered(lambda line: line.partner_id in strange)
        for company, lines in unknown.grouped("company_id").items():
            customers = lines.commercial_partner_id
            holders = self.env["customer.ownership"]._holders(customers, company)
            for line in lines:
                giver = line.handover_id.user_from_id
                if holders.get((line.commercial_partner_id.id, "owner")) != giver:
                    raise ValidationError(
                        self.env._("%s can hand over only customers they own.", giver.name)
                    )
