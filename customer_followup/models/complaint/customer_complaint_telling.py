from odoo import models
from odoo.exceptions import UserError


class CustomerComplaint(models.Model):
    """Who may hear of a complaint: those who must not know of it are told by nobody."""

    _inherit = "customer.complaint"

    def _may_know(self, users):
        """Return those of ``users`` who may be told of these complaints."""
        # Who is excluded is known to nobody; only who may be told leaves.
        return users - self.sudo().excluded_user_ids

    def _must_not_know(self):
        # Who is excluded is known to nobody; whoever asks here tells nobody.
        return self.sudo().excluded_user_ids

    def _complaints(self):
        return self

    def _refusal(self):
        return self.env._(
            "%s cannot be brought before this person: choose somebody else.", self.name
        )

    def _check_may_tell(self, partner_ids):
        """Raise if one of these contacts must not hear of a complaint."""
        if not partner_ids:
            return
        # First, so that a refusal tells nothing to those who do not see the complaint.
        self.check_access("read")
        for complaint in self.sudo():
            if set(complaint.excluded_user_ids.partner_id.ids) & set(partner_ids):
                raise UserError(complaint._refusal())

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        self._check_may_tell(partner_ids)
        return super().message_subscribe(partner_ids=partner_ids, subtype_ids=subtype_ids)

    def message_post(self, **kwargs):
        self._check_may_tell(kwargs.get("partner_ids"))
        return super().message_post(**kwargs)

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        recipients = super()._notify_get_recipients(message, msg_vals, **kwargs)
        # Whatever way they came among the recipients.
        closed = set(self._must_not_know().partner_id.ids)
        return [one for one in recipients if one["id"] not in closed]
