import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ...tools import masking
from ..ground.groups import MANAGER
from .customer_handover import ACCEPTED, DECLINED, WITHDRAWN
from .customer_ownership import BATCH

_logger = logging.getLogger(__name__)
_TODO = "mail.mail_activity_data_todo"


class CustomerHandover(models.Model):
    """How a handover is decided, and who is notified."""

    _inherit = "customer.handover"

    def action_accept(self):
        """Take the customers over from today on."""
        self.check_access("read")
        self._check_proposed()
        self._check_receiver()
        for handover in self:
            unknown = handover.check_ids.filtered(lambda check: not check.is_done)
            if unknown:
                raise UserError(
                    self.env._(
                        "%(handover)s: first confirm the points of the checklist: %(topics)s.",
                        handover=handover.display_name,
                        topics=", ".join(unknown.mapped("name")),
                    )
                )
        self._accept(self.env.user)

    def action_decline(self):
        """Ask why the customers are not taken."""
        self.check_access("read")
        self._check_receiver()
        return self._action_decide("decline", self.env._("Why not?"))

    def action_accept_for(self):
        """Ask a manager for the reason to accept on behalf of the receiver."""
        self.check_access("read")
        return self._action_decide("accept", self.env._("Accept on behalf"))

    def action_withdraw(self):
        """Withdraw the proposal; the customers stay with the giver."""
        self.check_access("read")
        self._check_proposed()
        self._check_giver()
        self._decide(WITHDRAWN)

    def _action_decide(self, decision, title):
        self._check_proposed()
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "customer.handover.decide",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_handover_ids": self.ids, "default_decision": decision},
        }

    def _accept_for(self, receiver, note):
        """Accept on behalf of the receiver, with the right of a manager."""
        if not self.env.su and not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Only a manager accepts on behalf of another user."))
        self.check_access("write")
        self._check_proposed()
        for handover in self:
            if not (handover.user_to_id or receiver):
                raise UserError(
                    self.env._("%s: say who of the team takes them.", handover.display_name)
                )
            handover._accept(handover.user_to_id or receiver, note)

    def _decline(self, note):
        """Leave the customers with the giver; notify the giver and their leader."""
        self._check_proposed()
        self._check_receiver()
        self._decide(DECLINED, note)
        for handover in self:
            title = self.env._("Handover declined: %s", handover.display_name)
            handover._notify_users(handover.user_from_id | handover._leader(), title)

    def _accept(self, receiver, note=None):
        """Make ``receiver`` the owner from today on, who also gets the open work."""
        # Another handover of these customers may have been accepted meanwhile.
        self._check_customers()
        self._decide(ACCEPTED, note)
        for handover in self:
            handover._check_can_take(receiver)
            giver, company = handover.user_from_id, handover.company_id
            # The receiver need not be allowed to open the customers.
            customers = handover.sudo().line_ids.commercial_partner_id
            stays = handover.reason not in ("departure", "leave")
            self.env["customer.ownership"]._hand_over(
                customers, company, receiver, giver if stays else None
            )
            self.env["customer.work.mixin"]._pass_on(
                giver, receiver, customers, company, handover.sudo().team_to_id
            )
            if not handover.user_to_id:
                handover._record({"user_to_id": receiver.id})

    def _check_can_take(self, receiver):
        if not receiver.active or receiver == self.user_from_id:
            raise UserError(
                self.env._(
                    "%(handover)s: %(receiver)s cannot take them.",
                    handover=self.display_name,
                    receiver=receiver.name,
                )
            )

    def _decide(self, state, note=None):
        now = fields.Datetime.now()
        self._record(
            {
                "state": state,
                "date_decided": now,
                "date_accepted": now if state == ACCEPTED else False,
                "decided_by_id": self.env.uid,
                "decision_note": note,
            }
        )
        self.sudo().activity_unlink([_TODO])

    def _ask_receiver(self):
        """Schedule an activity for each user who can accept."""
        quick = self.with_context(mail_activity_quick_update=True).sudo()
        for users, handovers in quick.grouped(lambda one: one._asked()).items():
            for user in users:
                handovers.activity_schedule(
                    _TODO,
                    date_deadline=max(handovers.mapped("date_due")),
                    summary=self.env._("Accept or decline"),
                    user_id=user.id,
                )

    def _notify_users(self, users, title):
        """Notify users of a handover, without the name of any customer."""
        people = users.sudo().partner_id
        if people:
            # The current user need not be allowed to open the recipients.
            self.sudo().message_notify(partner_ids=people.ids, subject=title, body=title)

    @api.model
    def _warn_domain(self):
        return self._late_domain() & Domain("date_warned", "=", False)

    def _warn(self):
        """Notify both sides once that the handover is late."""
        for handover in self:
            title = self.env._("Handover is late: %s", handover.display_name)
            handover._notify_users(handover.user_from_id | handover._asked(), title)
        self.date_warned = self.company_id[:1]._customer_day()

    @api.model
    def _cron_handover(self):
        """Open the handovers that are due by months, and notify both sides of late ones."""
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=1)
        if not self.env["customer.ownership"]._open_due_handovers():
            return
        domain = self._warn_domain()
        for handover in self.search(domain, limit=BATCH):
            handover._run_one(lambda late: late._warn(), domain)
            cron._commit_progress(1)

    def _park(self, error):
        # Listed as late all the same; a notification that fails is not tried each day.
        self.date_warned = self.company_id[:1]._customer_day()
        _logger.warning("Handover %s: no notification: %s", self.id, masking.error(error))
