from odoo import models
from odoo.fields import Domain


class CustomerAction(models.Model):
    """An action about a complaint is hidden from the same users as the complaint."""

    _name = "customer.action"
    _inherit = [
        "customer.action",
        "customer.complaint.about.mixin",
        "customer.confidential.mixin",
    ]
    _is_hidden_by_rule = True
    _is_confidential_work = True
    _is_name_confidential = True

    def _hidden_domain(self):
        return Domain("complaint_id.excluded_user_ids", "in", self.env.uid)

    def _complaints(self):
        # Users who may read the action may know its complaint.
        return self.sudo().complaint_id

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        recipients = super()._notify_get_recipients(message, msg_vals, **kwargs)
        excluded = set(self._excluded_users().partner_id.ids)
        return [one for one in recipients if one["id"] not in excluded]
