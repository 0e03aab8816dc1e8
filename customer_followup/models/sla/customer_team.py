from odoo import models


class CustomerTeam(models.Model):
    """A team whose working hours apply to the promises of its complaints."""

    _inherit = "customer.team"

    def write(self, vals):
        result = super().write(vals)
        if "calendar_id" in vals:
            self.env["customer.complaint"]._rematch_open([("team_id", "in", self.ids)])
            self.env["customer.followup.enrollment"]._place_again([("team_id", "in", self.ids)])
        return result
