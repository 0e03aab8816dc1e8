from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools import worktime
from .groups import AGENT, AUDITOR, DATA_CONTACT, DATA_MASKED


class ResUsers(models.Model):
    """A user who is a member of teams."""

    _inherit = "res.users"

    customer_team_ids = fields.Many2many(
        "customer.team",
        relation="customer_team_member_rel",
        column1="user_id",
        column2="team_id",
        string="Customer teams",
        readonly=True,
        copy=False,
        # Only users who work with teams may read them.
        groups=f"{AGENT},{AUDITOR}",
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
        """Raise if a user would join or leave a team other than on the team itself."""
        if vals.get("customer_team_ids") or "default_customer_team_ids" in self.env.context:
            raise UserError(
                self.env._("Choose who belongs to a team on the team itself, not on the user.")
            )

    def _customer_zone(self, company=None):
        """Return the name of the user's time zone; without one, that of the company's hours.

        :param company: the company of the work; else the one the user belongs to
        """
        self.ensure_one()
        # When colleagues work is not confidential.
        user = self.sudo()
        return user.tz or (company or user.company_id)._customer_zone()

    def _customer_day(self, moment=None, company=None):
        """Return which day a moment (naive UTC; now) is where the user is."""
        return worktime.local_day(moment or fields.Datetime.now(), self._customer_zone(company))

    @api.model
    def _is_customer_data_masked(self):
        """Say whether the current user sees customers' contact details only in shortened form."""
        # The user of the environment: ``sudo`` keeps that user, so computations ask about them.
        return self.env.user.has_group(DATA_MASKED) and not (self.env.user.has_group(DATA_CONTACT))
