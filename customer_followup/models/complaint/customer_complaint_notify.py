from odoo import models

from ..ground.customer_succession_mixin import ANY_MANAGER, DEPUTY, GENERAL
from .customer_complaint import CLOSED

TODO = "mail.mail_activity_data_todo"
# An activity is no e-mail, and does not make its user a follower.
NO_NOTIFICATION = {"mail_activity_quick_update": True, "customer_nosubscribe": True}


class CustomerComplaint(models.Model):
    """Who is notified of a complaint, and how."""

    _inherit = "customer.complaint"

    def _filter_allowed(self, users):
        """Return those of ``users`` who may know of these complaints."""
        return users

    def _levels(self):
        """Return who leads, level by level from the complaint's team upwards: a list of users."""
        return self.team_id._chain()

    def _decision_maker(self):
        """Return who decides where no one below may: the general manager, deputy or a manager."""
        no_one = self.env["res.users"]
        return self._successor(no_one, levels=(GENERAL, DEPUTY, ANY_MANAGER))

    def _general_managers(self):
        """Return who leads the topmost team: above the complaint's, else of its company."""
        # Who leads whom is no secret.
        team = self.sudo().team_id or self.env["customer.team"]._root(self.company_id)
        return team._general_managers()

    def _notify_users(self, users, summary, activity_type=TODO, **vals):
        """Give those of ``users`` who may know of complaints an activity, each once."""
        # The author need not be allowed to read the activities of others.
        complaints = self.sudo().with_context(**NO_NOTIFICATION)
        for complaint in complaints:
            notified = complaint.activity_ids.filtered(lambda one: one.summary == summary).user_id
            for user in complaint._filter_allowed(users.sudo().filtered("active")) - notified:
                complaint.activity_schedule(activity_type, summary=summary, user_id=user.id, **vals)

    def _notify_handler(self, summary):
        """Give an activity to the handler, or to who must find one."""
        for complaint in self:
            complaint._notify_users(complaint._contact_user(), summary)

    def _contact_user(self):
        """Return the handler, else the first who may know: leader, accountable, who decides."""
        self.ensure_one()
        # Only one user to notify is returned.
        complaint = self.sudo()
        for one in (complaint.user_id, complaint.team_id.leader_id, complaint.accountable_user_id):
            if allowed := complaint._filter_allowed(one.filtered("active")):
                return allowed
        return complaint._decision_maker()

    def _notify_leaders(self, summary):
        """Give those above the handler an activity; if none of them may know, who decides."""
        self.ensure_one()
        # Only activities are made.
        complaint = self.sudo()
        leaders = self.env["res.users"].union(*complaint._levels()).sudo()
        for leader in complaint._filter_allowed(leaders) or complaint._decision_maker():
            complaint.activity_schedule(TODO, summary=summary, user_id=leader.id)

    def _announce(self):
        """Notify users of open complaints that are now theirs, unless they took them."""
        theirs = {}
        for complaint in self.sudo().filtered(lambda one: one.state != CLOSED):
            if user := complaint._contact_user() - self.env.user:
                theirs[user] = theirs.get(user, complaint.browse()) | complaint
        # All of one user at once: the activity shows the number of its complaint.
        for user, complaints in theirs.items():
            complaints.with_context(**NO_NOTIFICATION).activity_schedule(
                TODO, summary=self.env._("A complaint for you"), user_id=user.id
            )
