from odoo import api, fields, models
from odoo.exceptions import ValidationError

HORIZON_DAYS, MAX_HORIZON = 28, 366
MAX_PLANNERS = 8


class ResConfigSettings(models.TransientModel):
    """How far ahead contacts are planned, and by how many scheduled actions."""

    _inherit = "res.config.settings"

    customer_horizon_days = fields.Integer(
        string="Plan ahead",
        default=HORIZON_DAYS,
        config_parameter="customer_followup.horizon_days",
        help="Contacts appear on the Desk so many days before they are due.",
    )
    customer_planners = fields.Integer(
        string="Parallel planners",
        default=1,
        config_parameter="customer_followup.planners",
        help="Scheduled actions that share the planning. More than one helps where Odoo runs"
        " several cron workers.",
    )

    @api.constrains("customer_horizon_days", "customer_planners")
    def _check_customer_planning(self):
        for settings in self:
            if not 1 <= settings.customer_horizon_days <= MAX_HORIZON:
                raise ValidationError(
                    self.env._("Contacts are planned 1 to %s days ahead.", MAX_HORIZON)
                )
            if not 1 <= settings.customer_planners <= MAX_PLANNERS:
                raise ValidationError(
                    self.env._("There may be 1 to %s parallel planners.", MAX_PLANNERS)
                )

    def set_values(self):
        # Administrators of Odoo may change settings without access to enrollments.
        parameters = self.env["ir.config_parameter"].sudo()
        before = int(parameters.get_param("customer_followup.horizon_days") or HORIZON_DAYS)
        result = super().set_values()
        enrollments = self.env["customer.followup.enrollment"].sudo()
        enrollments._set_planners(self.customer_planners)
        if self.customer_horizon_days != before:
            enrollments._shift_horizon(self.customer_horizon_days - before)
        return result
