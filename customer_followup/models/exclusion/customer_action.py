from odoo import models
from odoo.fields import Domain


class CustomerAction(models.Model):
    """An action is hidden with the complaint or contact it is about."""

    _name = "customer.action"
    _inherit = [
        "customer.action",
        "customer.complaint.about.mixin",
        "customer.confidential.mixin",
    ]
    _is_confidential_work = True
    _is_name_confidential = True

    def _hidden_domain(self):
        # No user may read the complaint's excluded users.
        rows = self.sudo().with_context(active_test=False)
        about = rows._search([("complaint_id.excluded_user_ids", "in", self.env.uid)])
        return Domain("id", "in", about) | Domain.OR(
            Domain("res_model", "=", name) & Domain("res_id", "in", self.env[name]._hidden_query())
            for name in ("customer.followup", "customer.followup.enrollment")
        )

    def _complaints(self):
        # Users who may read the action may know its complaint.
        return self.sudo().complaint_id

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        recipients = super()._notify_get_recipients(message, msg_vals, **kwargs)
        excluded = set(self._excluded_users().partner_id.ids)
        return [one for one in recipients if one["id"] not in excluded]
