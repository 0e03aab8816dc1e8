from odoo import api, models


class CustomerTierMembership(models.Model):
    """A tier membership; when it changes, policies are matched again."""

    _inherit = "customer.tier.membership"

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows._rematch_complaints()
        return rows

    def write(self, vals):
        self.check_access("write")
        result = super().write(vals)
        if {"tier_id", "commercial_partner_id"} & vals.keys():
            self._rematch_complaints()
        return result

    def unlink(self):
        self.check_access("unlink")
        complaints = self._complaints_domain()
        result = super().unlink()
        self.env["customer.complaint"]._rematch_open(complaints)
        return result

    def _rematch_complaints(self):
        self.env["customer.complaint"]._rematch_open(self._complaints_domain())

    def _complaints_domain(self):
        return [
            ("commercial_partner_id", "in", self.commercial_partner_id.ids),
            ("company_id", "in", self.company_id.ids),
        ]
