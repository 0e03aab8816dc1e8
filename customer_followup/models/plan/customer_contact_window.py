from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CustomerContactWindow(models.Model):
    """Hours of a weekday at which a person, or every customer on a plan, may be contacted."""

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
        # Odoo checks only the constraints of fields that were given.
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
        """Raise unless the user may change the plans: leaders change only hours of people."""
        if plans:
            plans.check_access("write")
