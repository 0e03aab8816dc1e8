from odoo import api, models
from odoo.exceptions import UserError, ValidationError

COMPLAINT = "customer.complaint"
# What a user may choose of the e-mail address of a team; the system sets the rest.
_CHOSEN = {"alias_id", "alias_name", "alias_domain_id", "alias_contact"}


class CustomerTeam(models.Model):
    """A team with an e-mail alias for complaints."""

    _name = "customer.team"
    _inherit = ["customer.team", "mail.alias.mixin.optional"]

    @api.constrains("alias_id")
    def _check_alias(self):
        """Raise if the address leads elsewhere than to complaints of this team."""
        # The user may not read addresses; only whether it is the team's own is asked.
        for team in self.sudo().filtered("alias_id"):
            alias = team.alias_id
            is_own = (
                alias.alias_model_id.model == COMPLAINT
                and alias.alias_parent_model_id.model == self._name
                and alias.alias_parent_thread_id in (0, team.id)
                and not alias.alias_force_thread_id
            )
            if not is_own or self.sudo().search_count([("alias_id", "=", alias.id)], limit=2) > 1:
                raise ValidationError(
                    self.env._(
                        "%(team)s: enter the name of an address; one that exists belongs to other"
                        " documents.",
                        team=team.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_alias_vals(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_alias_vals(vals)
        return super().write(vals)

    def _check_alias_vals(self, vals):
        closed = {name for name in vals if name.startswith("alias_")} - _CHOSEN
        if closed and not self.env.su:
            raise UserError(
                self.env._(
                    "Of the address of a team, choose only its name and who may write to it."
                )
            )

    def _alias_get_creation_values(self):
        values = super()._alias_get_creation_values()
        values["alias_model_id"] = self.env["ir.model"]._get_id(COMPLAINT)
        if self.id:
            values["alias_defaults"] = {"team_id": self.id}
        return values
