from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CustomerContactWindow(models.Model):
    """Hours at which a person, or everybody on a plan, may be contacted."""

    _inherit = "customer.contact.window"

    plan_id = fields.Many2one("customer.followup.plan", index="btree_not_null", ondelete="cascade")

    @api.constrains("partner_id", "plan_id")
    def _check_whose(self):
        for window in self:
            if bool(window.partner_id) == bool(window.plan_id):
                raise ValidationError(
                    self.env._("Contact hours belong to one person or to one plan.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        windows = super().create(vals_list)
        # Odoo checks only what was given.
        windows._check_whose()
        windows._check_plans(windows.plan_id)
        return windows

    def write(self, vals):
        self._check_plans(self.plan_id | self.plan_id.browse(vals.get("plan_id") or ()))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_allowed(self):
        self._check_plans(self.plan_id)

    @api.model
    def _check_plans(self, plans):
        """Raise unless the user may change the plans: a leader keeps the hours of people only."""
        if plans:
            plans.check_access("write")


class CustomerFollowupPlan(models.Model):
    _inherit = "customer.followup.plan"

    window_ids = fields.One2many(
        "customer.contact.window",
        "plan_id",
        string="Contact hours",
        copy=True,
        help="Hours of the customer's day; empty: those of the channel. A time the customer chose"
        " goes before.",
    )
    is_workdays_only = fields.Boolean(
        string="On working days only", help="Those of the team's working hours."
    )
    cooling_off_hours = fields.Integer(
        string="No contact for the first hours",
        help="After the start, as the law asks after some contracts. 0: none.",
    )

    _cooling_off = models.Constraint(
        "CHECK (cooling_off_hours >= 0 AND cooling_off_hours <= 8784)",
        "A cooling-off period lasts zero or more hours, and no longer than a year.",
    )
