from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..models.handover.customer_handover import REASONS


class CustomerHandoverPropose(models.TransientModel):
    """The dialog that proposes handovers of the chosen customers."""

    _name = "customer.handover.propose"
    _description = "Hand Customers Over"
    _inherit = ["customer.dialog.mixin"]

    partner_ids = fields.Many2many(
        "res.partner",
        relation="customer_handover_propose_partner_rel",
        column1="propose_id",
        column2="partner_id",
        string="Customers",
        default=lambda self: self._chosen("res.partner"),
    )
    # Users who may not open contacts choose rows of owners.
    ownership_ids = fields.Many2many(
        "customer.ownership",
        relation="customer_handover_propose_ownership_rel",
        column1="propose_id",
        column2="ownership_id",
        default=lambda self: self._chosen("customer.ownership"),
    )
    customer_names = fields.Text(
        string="Which customers", readonly=True, default=lambda self: self._chosen_names()
    )
    user_to_id = fields.Many2one(
        "res.users", string="To", ondelete="cascade", domain="[('share', '=', False)]"
    )
    team_to_id = fields.Many2one("customer.team", string="Or to the team", ondelete="cascade")
    reason = fields.Selection(REASONS, string="Why", required=True, default="agreed")
    note = fields.Text(string="What else to know")

    @api.model
    def _chosen(self, model):
        """Return what was chosen in a list or form of a model."""
        is_chosen = self.env.context.get("active_model") == model
        records = self.env[model].browse(self.env.context.get("active_ids") if is_chosen else ())
        records.check_access("read")
        return records

    @api.model
    def _chosen_names(self):
        # Users who see the owner of a customer may see the customer's name.
        customers = self._chosen("customer.ownership").sudo().commercial_partner_id
        return ", ".join(customers.mapped("display_name"))

    def action_propose(self):
        """Propose the handovers, one for each present owner, and show them."""
        if not self._use():
            return {"type": "ir.actions.act_window_close"}
        # The user who hands customers over need not be allowed to open them.
        rows = self.sudo()
        customers = (
            rows.partner_ids | rows.ownership_ids.commercial_partner_id
        ).commercial_partner_id
        if not customers:
            raise UserError(self.env._("Choose the customers."))
        holders = self.env["customer.ownership"]._holders(customers, self.env.company)
        givers = {}
        for customer in customers:
            giver = holders.get((customer.id, "owner")) or self.env.user
            givers.setdefault(giver, []).append(customer.id)
        handovers = self.env["customer.handover"].create(
            [
                {
                    "user_from_id": giver.id,
                    "user_to_id": self.user_to_id.id,
                    "team_to_id": self.team_to_id.id,
                    "reason": self.reason,
                    "note": self.note,
                    "line_ids": [Command.create({"partner_id": id_}) for id_ in ids],
                }
                for giver, ids in givers.items()
            ]
        )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_followup.customer_handover_action"
        )
        if len(handovers) == 1:
            return {**action, "res_id": handovers.id, "views": [(False, "form")]}
        return {**action, "domain": [("id", "in", handovers.ids)]}
