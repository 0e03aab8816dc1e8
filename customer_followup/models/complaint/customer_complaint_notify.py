from odoo import models

from ..ground.customer_succession_mixin import ANY_MANAGER, DEPUTY, GENERAL
from .customer_complaint import CLOSED

TODO = "mail.mail_activity_data_todo"
# The activity sends no e-mail and does not make its user a follower.
NO_NOTIFICATION = {"mail_activity_quick_update": True, "customer_nosubscribe": True}


class CustomerComplaint(models.Model):
    """Notification of users about a complaint."""

    _inherit = "customer.complaint"

    def _filter_allowed(self, users):
        """Return those of ``users`` who are not excluded from these complaints."""
        return users

    def _levels(self):
        """Return the list of leaders, from the complaint's team upwards."""
        return self.team_id._chain()

    def _decision_maker(self):
        """Return the user who decides: the general manager, else the deputy, else a manager."""
        no_one = self.env["res.users"]
        return self._successor(no_one, levels=(GENERAL, DEPUTY, ANY_MANAGER))

    def _general_managers(self):
        """Return who leads the topmost team: above the complaint's, else of its company."""
        return self._team_or_root()._general_managers()

    def _notify_users(self, users, summary, activity_type=TODO, **vals):
        """Schedule one activity for each of ``users`` who is not excluded."""
        # The current user may not have access to the activities of others.
        complaints = self.sudo().with_context(**NO_NOTIFICATION)
        for complaint in complaints:
            notified = complaint.activity_ids.filtered(lambda one: one.summary == summary).user_id
            for user in complaint._filter_allowed(users.sudo().filtered("active")) - notified:
                complaint.activity_schedule(activity_type, summary=summary, user_id=user.id, **vals)

    def _notify_handler(self, summary):
        """Schedule an activity for the handler, else for the user who must assign one."""
        for complaint in self:
            complaint._notify_users(complaint._contact_user(), summary)

    def _contact_user(self):
        """Return the handler, else the first allowed leader, accountable user or decision maker."""
        self.ensure_one()
        # Only the user to notify is returned.
        complaint = self.sudo()
        for one in (complaint.user_id, complaint.team_id.leader_id, complaint.accountable_user_id):
            if allowed := complaint._filter_allowed(one.filtered("active")):
                return allowed
        return complaint._decision_maker()

    def _notify_leaders(self, summary):
        """Schedule an activity for the leaders, else for the decision maker if all are excluded."""
        self.ensure_one()
        # Only activities are created.
        complaint = self.sudo()
        leaders = self.env["res.users"].union(*complaint._levels()).sudo()
        for leader in complaint._filter_allowed(leaders) or complaint._decision_maker():
            complaint.activity_schedule(TODO, summary=summary, user_id=leader.id)

    def _announce(self):
        """Notify the handlers of complaints that someone else assigned to them."""
        theirs = {}
        for complaint in self.sudo().filtered(lambda one: one.state != CLOSED):
            if user := complaint._contact_user() - self.env.user:
                theirs[user] = theirs.get(user, complaint.browse()) | complaint
        # One batch for each user: the activity itself shows the number of the complaint.
        for user, complaints in theirs.items():
            complaints.with_context(**NO_NOTIFICATION).activity_schedule(
                TODO, summary=self.env._("Complaint assigned to you"), user_id=user.id
            )
