from odoo import api, models
from odoo.fields import Domain


class CustomerFollowup(models.Model):
    """A follow-up of a plan for a complaint, hidden from the same users."""

    _name = "customer.followup"
    _inherit = ["customer.followup", "customer.confidential.mixin"]

    def _hidden_domain(self):
        hidden = self.env["customer.followup.enrollment"]._hidden_domain()
        return Domain("enrollment_id", "any!", hidden)

    def _maybe_hidden(self):
        about = set(self.enrollment_id._maybe_hidden()._ids)
        return self.filtered(lambda one: one.enrollment_id.id in about)

    @api.model
    def _unknown_ids(self, customers):
        if not customers or not self.env.user.has_hidden_complaints:
            return super()._unknown_ids(customers)
        # Only to leave them out of what the user is shown.
        domain = self._hidden_domain() & Domain("commercial_partner_id", "in", customers.ids)
        return list(self.sudo()._search(domain))

    def _may_be_undone_by(self, user):
        return super()._may_be_undone_by(user) and user not in self._excluded_users()
