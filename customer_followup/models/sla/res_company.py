from odoo import models


class ResCompany(models.Model):
    """A company whose working hours apply to promises of teams without their own."""

    _inherit = "res.company"

    def write(self, vals):
        result = super().write(vals)
        if "resource_calendar_id" in vals:
            self.env["customer.complaint"]._rematch_open([("company_id", "in", self.ids)])
            self.env["customer.followup.enrollment"]._place_again([("company_id", "in", self.ids)])
        return result
