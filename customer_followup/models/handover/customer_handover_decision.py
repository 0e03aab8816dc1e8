from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from .customer_handover import ACCEPTED, DECLINED, MANAGER, PROPOSED, WITHDRAWN

_TODO = "mail.mail_activity_data_todo"


class CustomerHandover(models.Model):
    """How a handover is decided, and who is told."""

    _inherit = "customer.handover"

    def action_accept(self):
        """Take the customers over from today on."""
        self._check_proposed()
        self._check_receiver()
        for handover in self:
            unknown = handover.check_ids.filtered(lambda check: not check.is_done)
            if unknown:
                raise UserError(
                    self.env._(
                        "%(handover)s: first tick what you have been told about: %(topics)s.",
                        handover=handover.display_name,
                        topics=", ".join(unknown.mapped("name")),
                    )
                )
        self._accept(self.env.user)

    def action_decline(self):
        """Ask why the customers are not taken."""
        self._check_receiver()
        return self._action_decide("decline", self.env._("Why not?"))

    def action_accept_for(self):
        """Ask a manager why he accepts for somebody else."""
        return self._action_decide("accept", self.env._("Accept for somebody else"))

    def action_withdraw(self):
        """Leave everything as it is."""
        self._check_proposed()
        self._check_giver()
        self._decide(WITHDRAWN)

    def action_open_customers(self):
        """Open the customers of these handovers, each with what everybody may know of him."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Customers handed over"),
            "res_model": "customer.handover.line",
            "view_mode": "list",
            "domain": [("handover_id", "in", self.ids)],
        }

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
        """Accept for somebody else, with the right of a manager."""
        if not self.env.su and not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Only a manager accepts for somebody else."))
        self.check_access("write")
        self._check_proposed()
        for handover in self:
            if not (handover.user_to_id or receiver):
                raise UserError(
                    self.env._("%s: say who of the team takes them.", handover.display_name)
                )
            handover._accept(handover.user_to_id or receiver, note)

    def _decline(self, note):
        """Let the customers stay where they are, and tell the giver and his leader."""
        self._check_proposed()
        self._check_receiver()
        self._decide(DECLINED, note)
        for handover in self:
            title = self.env._("Handover declined: %s", handover.display_name)
            handover._notify_users(handover.user_from_id | handover._leader(), title)

    def _accept(self, receiver, note=None):
        """Make ``receiver`` the owner from today on, and give him what is open."""
        # Somebody else may have accepted another handover of these customers meanwhile.
        self._check_customers()
        self._decide(ACCEPTED, note)
        for handover in self:
            handover._check_can_take(receiver)
            giver, company = handover.user_from_id, handover.company_id
            # The receiver need not be allowed to open the customers he takes over.
            customers = handover.sudo().line_ids.commercial_partner_id
            stays = handover.reason not in ("departure", "leave")
            self.env["customer.ownership"]._hand_over(
                customers, company, receiver, giver if stays else None
            )
            self.env["customer.work.mixin"]._pass_on(
                giver, receiver, customers, company, handover.sudo().team_to_id
            )
            if not handover.user_to_id:
                # Who of the team it was.
                handover.sudo().user_to_id = receiver

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
        # Facts, which nobody writes by hand; the right to decide was checked.
        self.sudo().write(
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
        """Let whoever is to accept find it among his activities."""
        quick = self.with_context(mail_activity_quick_update=True).sudo()
        for user, handovers in quick.grouped(lambda one: one._asked()).items():
            if user:
                handovers.activity_schedule(
                    _TODO,
                    date_deadline=max(handovers.mapped("date_due")),
                    summary=self.env._("Accept or decline"),
                    user_id=user.id,
                )

    def _notify_users(self, users, title):
        """Tell people of a handover, without naming any customer."""
        people = users.sudo().partner_id
        if people:
            # Told by the system, also to people whom the user may not open.
            self.sudo().message_notify(partner_ids=people.ids, subject=title, body=title)

    @api.model
    def _warn_domain(self):
        today = fields.Date.context_today(self)
        late = Domain("state", "=", PROPOSED) & Domain("date_due", "<", today)
        return late & Domain("date_warned", "=", False)

    def _warn(self):
        """Tell both sides once that the handover is late."""
        for handover in self:
            title = self.env._("Handover is late: %s", handover.display_name)
            handover._notify_users(handover.user_from_id | handover._asked(), title)
        self.date_warned = fields.Date.context_today(self)
