from odoo import api, models
from odoo.exceptions import ValidationError

from .customer_confidential_mixin import CONFIDENTIAL


class CustomerConfidentialWorkMixin(models.AbstractModel):
    """Something to be done about a record, by somebody who may know of it."""

    _name = "customer.confidential.work.mixin"
    _description = "Work on Something Confidential"

    @api.constrains("user_id", "res_model", "res_id")
    def _check_allowed(self):
        """Give nobody something to do about what he must not know of."""
        for work in self.filtered(lambda one: one.res_model in CONFIDENTIAL):
            record = self.env[work.res_model].browse(work.res_id).exists()
            if record and work.user_id in record._excluded_users():
                raise ValidationError(record._refusal())

    @api.model_create_multi
    def create(self, vals_list):
        self._check_sees(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        if {"res_model", "res_model_id", "res_id"} & vals.keys():
            self._check_sees(
                [{"res_model": one.res_model, "res_id": one.res_id, **vals} for one in self]
            )
        return super().write(vals)

    def _check_sees(self, vals_list):
        """Raise unless the caller sees what the work is about: a refusal would tell him of it."""
        if self.env.su:
            return
        defaults = self.default_get(["res_model", "res_id"])
        about = [self._about_of({**defaults, **vals}) for vals in vals_list]
        for name in CONFIDENTIAL:
            ids = {record_id for model, record_id in about if model == name and record_id}
            if ids:
                # Without ids, the right to read any would be asked of everybody.
                self.env[name].browse(ids).check_access("read")

    def _about_of(self, vals):
        """Return the model and id of what work with these values is about."""
        return vals.get("res_model"), vals.get("res_id")
