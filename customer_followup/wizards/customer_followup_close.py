from odoo import api, fields, models
from odoo.fields import Domain

from ..models.contact.customer_followup_ending import REFUSED

MANUAL = Domain("is_manual", "=", True)


class CustomerFollowupClose(models.TransientModel):
    """The outcome of a contact, with the details that it needs."""

    _name = "customer.followup.close"
    _description = "End of a Contact"
    _inherit = ["customer.dialog.mixin"]

    followup_id = fields.Many2one("customer.followup", required=True, ondelete="cascade")
    allowed_outcome_ids = fields.Many2many(
        "customer.followup.outcome", compute="_compute_allowed_outcome_ids"
    )
    outcome_id = fields.Many2one(
        "customer.followup.outcome",
        required=True,
        ondelete="cascade",
        domain="[('id', 'in', allowed_outcome_ids)]",
    )
    effect = fields.Selection(related="outcome_id.effect")
    consequence = fields.Char(compute="_compute_consequence")
    summary = fields.Text(string="Key points")
    date_until = fields.Datetime(string="Contact again")
    refused = fields.Selection(REFUSED, string="What the customer does not want")
    colleague_id = fields.Many2one(
        "res.users", string="New agent", ondelete="cascade", domain="[('share', '=', False)]"
    )

    @api.depends_context("customer_effects")
    @api.depends("followup_id")
    def _compute_allowed_outcome_ids(self):
        effects = self.env.context.get("customer_effects")
        domain = Domain("effect", "in", effects) if effects else Domain.TRUE
        manual = self.env["customer.followup.outcome"].search(domain & MANUAL)
        for dialog in self:
            has_plan = dialog.followup_id.enrollment_id
            dialog.allowed_outcome_ids = manual.filtered(
                lambda one, has_plan=has_plan: has_plan or one.effect != "stop"
            )

    @api.depends("outcome_id", "refused", "followup_id")
    def _compute_consequence(self):
        for dialog in self:
            purpose = dialog.followup_id.purpose_id
            dialog.consequence = dialog.outcome_id._consequence(dialog.refused, purpose)

    def action_close(self):
        """Record the outcome, and do what follows from it."""
        if self._use():
            self.followup_id._record_outcome_by_hand(
                self.outcome_id,
                self.summary,
                until=self.date_until,
                refused=self.refused,
                colleague=self.colleague_id,
            )
        infos = {
            "outcome": self.outcome_id.name,
            "is_gone": not self.followup_id.has_access("read"),
        }
        return {"type": "ir.actions.act_window_close", "infos": infos}
