from odoo import api, models
from odoo.fields import Domain

from .customer_complaint import CLOSED


class CustomerComplaint(models.Model):
    """An open complaint keeps marketing and surveys from its customer."""

    _inherit = "customer.complaint"

    @api.model_create_multi
    def create(self, vals_list):
        complaints = super().create(vals_list)
        complaints._update_holds()
        return complaints

    def write(self, vals):
        result = super().write(vals)
        if {"stage_id", "partner_id"} & vals.keys():
            self._update_holds()
        return result

    def _update_holds(self):
        """Hold the customers of open complaints, and lift what holds those of closed ones."""
        # Whoever notes a complaint need not see or make holds; he cannot choose whom they hold.
        holds = self.env["customer.contact.hold"].sudo()
        found = holds.search(
            Domain("res_model", "=", self._name)
            & Domain("res_id", "in", self.ids)
            & Domain("date_lifted", "=", False)
        ).grouped("res_id")
        purposes = self._held_purposes()
        needed = []
        for complaint in self.sudo():
            is_open = complaint.state != CLOSED
            partner = complaint.partner_id if is_open else self.env["res.partner"]
            known = found.get(complaint.id, holds)
            known.filtered(lambda hold, partner=partner: hold.partner_id != partner).action_lift()
            if partner and purposes and partner not in known.partner_id:
                needed.append(complaint._prepare_hold_vals(purposes))
        holds.create(needed)

    @api.model
    def _held_purposes(self):
        survey = self.env.ref("customer_followup.customer_purpose_survey", raise_if_not_found=False)
        marketing = self.env["customer.purpose"].sudo().search([("is_marketing", "=", True)])
        return marketing | survey if survey else marketing

    def _prepare_hold_vals(self, purposes):
        return {
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "reason": self.env._("Open complaint %s", self.name),
            "purpose_ids": purposes.ids,
            "res_model": self._name,
            "res_id": self.id,
        }


class CustomerContactHold(models.Model):
    _name = "customer.contact.hold"
    _inherit = ["customer.contact.hold", "customer.complaint.about.mixin"]
