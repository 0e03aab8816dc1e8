from ast import literal_eval

from odoo import models


class CustomerTeam(models.Model):
    """A team with an e-mail alias for complaints."""

    _name = "customer.team"
    _inherit = ["customer.team", "mail.alias.mixin.optional"]

    def _alias_get_creation_values(self):
        values = super()._alias_get_creation_values()
        values["alias_model_id"] = self.env["ir.model"]._get_id("customer.complaint")
        if self.id:
            defaults = literal_eval(self.alias_defaults or "{}")
            values["alias_defaults"] = {**defaults, "team_id": self.id}
        return values
