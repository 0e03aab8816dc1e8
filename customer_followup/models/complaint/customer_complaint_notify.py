from odoo import models
from odoo.exceptions import UserError

from .customer_complaint import CLOSED

TODO = "mail.mail_activity_data_todo"
# Something to do is no mail, nor a wish to get all that is written from now on by mail.
NO_NOTIFICATION = {"mail_activity_quick_update": True, "customer_nosubscribe": True}


class CustomerComplaint(models.Model):
    """Who may hear of a complaint: those who must not know of it are told by nobody."""

    _inherit = "customer.complaint"

    def _filter_allowed(self, users):
        """Return those of ``users`` who may be told of these complaints."""
        # Who is excluded is known to nobody; only who may be told leaves.
        return users - self.sudo().excluded_user_ids

    def _notify_users(self, users, summary, activity_type=TODO, **vals):
        """Give those of ``users`` who may know of complaints something to do, each once."""
        # Whoever tells need not be allowed to open those he tells.
        complaints = self.sudo().with_context(**NO_NOTIFICATION)
        for complaint in complaints:
            told = complaint.activity_ids.filtered(lambda one: one.summary == summary).user_id
            for user in complaint._filter_allowed(users.sudo().filtered("active")) - told:
                complaint.activity_schedule(activity_type, summary=summary, user_id=user.id, **vals)

    def _notify_handler(self, summary):
        """Tell whoever works on a complaint, or must see to it that somebody does."""
        for complaint in self:
            complaint._notify_users(complaint._listener(), summary)

    def _listener(self):
        """Return the handler, else the first who may know: leader, first asked, who decides."""
        self.ensure_one()
        # Who leads and who must not know: only somebody to tell comes of it.
        complaint = self.sudo()
        for one in (complaint.user_id, complaint.team_id.leader_id, complaint.accountable_user_id):
            if known := complaint._filter_allowed(one.filtered("active")):
                return known
        return complaint._decision_maker()

    def _announce(self):
        """Tell those of complaints that are theirs now who did not bring that about."""
        told = {}
        for complaint in self.sudo().filtered(lambda one: one.state != CLOSED):
            if listener := complaint._listener() - self.env.user:
                told[listener] = told.get(listener, complaint.browse()) | complaint
        # Its number stands above it: so those of one person are told at once.
        for listener, complaints in told.items():
            complaints.with_context(**NO_NOTIFICATION).activity_schedule(
                TODO, summary=self.env._("A complaint for you"), user_id=listener.id
            )

    def _excluded_users(self):
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
        if self.env.context.get("customer_nosubscribe"):
            return True
        return super().message_subscribe(partner_ids=partner_ids, subtype_ids=subtype_ids)

    def message_post(self, **kwargs):
        self._check_may_tell(kwargs.get("partner_ids"))
        return super().message_post(**kwargs)

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        recipients = super()._notify_get_recipients(message, msg_vals, **kwargs)
        # Whatever way they came among the recipients.
        closed = set(self._excluded_users().partner_id.ids)
        return [one for one in recipients if one["id"] not in closed]
