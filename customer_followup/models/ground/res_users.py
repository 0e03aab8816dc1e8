from odoo import api, fields, models
from odoo.exceptions import UserError


class ResUsers(models.Model):
    _inherit = "res.users"

    customer_team_ids = fields.Many2many(
        "customer.team",
        relation="customer_team_member_rel",
        column1="user_id",
        column2="team_id",
        string="Customer teams",
        readonly=True,
        copy=False,
        # Teams are read by those who work with them only.
        groups="customer_followup.group_followup_user,customer_followup.group_followup_auditor",
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_teams_untouched(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_teams_untouched(vals)
        return super().write(vals)

    @api.model
    def _check_teams_untouched(self, vals):
        """Raise if somebody joins or leaves a team behind the team's back."""
        if vals.get("customer_team_ids") or "default_customer_team_ids" in self.env.context:
            raise UserError(
                self.env._("Choose who belongs to a team on the team itself, not on the user.")
            )

    @api.model
    def _is_customer_data_masked(self):
        """Say whether the current user sees customers' contact details only in shortened form."""
        # On the user himself: ``sudo`` keeps him, so a computation done for him asks about him.
        return self.env.user.has_group("customer_followup.group_data_masked") and not (
            self.env.user.has_group("customer_followup.group_data_contact")
        )
