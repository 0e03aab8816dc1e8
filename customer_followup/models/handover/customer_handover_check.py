from odoo import api, fields, models
from odoo.exceptions import AccessError


class CustomerHandoverCheck(models.Model):
    """One point of a handover's checklist, which the receiver confirms before accepting."""

    _name = "customer.handover.check"
    _description = "Line of a Handover's Checklist"
    _check_company_auto = True
    _order = "sequence, id"

    handover_id = fields.Many2one(
        "customer.handover", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="handover_id.company_id", store=True, index=True, precompute=True
    )
    sequence = fields.Integer(default=10)
    name = fields.Char(string="What to know", required=True)
    note = fields.Char(string="How it is")
    is_done = fields.Boolean(string="Understood", copy=False)

    @api.model_create_multi
    def create(self, vals_list):
        checks = super().create(vals_list)
        checks.handover_id._check_proposed()
        checks.handover_id._check_giver()
        # Also what a default from the context has ticked.
        checks.filtered("is_done").handover_id._check_receiver()
        return checks

    def write(self, vals):
        self.check_access("write")
        self._check_writer(vals)
        result = super().write(vals)
        if "handover_id" in vals:
            self._check_writer(vals)
        return result

    def _check_writer(self, vals):
        """Raise unless the giver writes or the receiver confirms, before the decision."""
        self.handover_id._check_proposed()
        if vals.keys() - {"is_done"}:
            self.handover_id._check_giver()
        if "is_done" in vals:
            self.handover_id._check_receiver()

    @api.ondelete(at_uninstall=False)
    def _unlink_by_giver(self):
        self.handover_id._check_proposed()
        self.handover_id._check_giver()
        if not self.env.su and any(self.mapped("is_done")):
            raise AccessError(self.env._("What the receiver has confirmed stays."))
