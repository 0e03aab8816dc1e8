from odoo import models
from odoo.exceptions import UserError


class CustomerFollowup(models.Model):
    _inherit = "customer.followup"

    def action_opportunity(self):
        """Create an opportunity from this contact, if its plan allows sales."""
        self.ensure_one()
        self.check_access("read")
        if self.plan_id.is_no_sales:
            raise UserError(
                self.env._(
                    "%(plan)s is not for sales: enter a suggestion instead.",
                    plan=self.plan_id.name,
                )
            )
        # The customer is filled in on the server: an agent may not read contacts.
        partner = self.sudo().partner_id
        lead = self.env["crm.lead"].create(
            {
                "name": self.name,
                "partner_id": partner.id,
                "type": "opportunity",
                "user_id": self.env.uid,
                "description": self.summary or False,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.lead",
            "res_id": lead.id,
            "view_mode": "form",
        }
