from datetime import datetime

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from .customer_complaint_promise import OPEN, PENDING
from .customer_sla_target import FIRST_ANSWER


class CustomerComplaint(models.Model):
    _inherit = "customer.complaint"

    def action_agree(self):
        """Ask to which date the customer agreed, for which promise."""
        self.ensure_one()
        promises = self.promise_ids._pending().filtered(lambda one: one.kind != FIRST_ANSWER)
        running = promises.sorted(lambda one: one.date_deadline or datetime.max)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Agree another date"),
            "res_model": "customer.complaint.agreement",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_complaint_id": self.id,
                # Rarely another one than the next.
                "default_promise_id": running[:1].id,
            },
        }


class CustomerComplaintPromise(models.Model):
    """A promise whose date the customer agreed to move."""

    _inherit = "customer.complaint.promise"

    def _agree(self, deadline, how, why):
        """Let a promise be kept by the date the customer agreed to, which nothing moves."""
        self.ensure_one()
        complaint, now = self.complaint_id, fields.Datetime.now()
        complaint.check_access("write")
        # A promise is a fact, which nobody writes by hand.
        promise = self.sudo()
        promise._recompute_deadlines()
        kind = dict(self._fields["kind"]._description_selection(self.env))[promise.kind]
        if promise.state not in PENDING:
            raise UserError(self.env._("“%s” is decided: no other date can be agreed.", kind))
        if promise.kind == FIRST_ANSWER:
            raise UserError(
                self.env._("“%s”: whoever agrees was answered. Choose another promise.", kind)
            )
        if not deadline or deadline <= now:
            raise UserError(self.env._("“%s”: agree on a date that is still to come.", kind))
        was = promise.date_deadline
        complaint._note_contact("agreed", how, why)
        if promise.state not in PENDING:
            # Talking with the customer was the progress update: the next one waits until then.
            pending = complaint.sudo().promise_ids._pending()
            promise = pending.filtered(lambda one: one.kind == promise.kind).sorted("id")[-1:]
        if not promise:
            raise UserError(self.env._("“%s” is decided: no other date can be agreed.", kind))
        promise.write(
            {
                "is_agreed": True,
                "state": OPEN,
                "date_deadline": deadline,
                "date_warn": now + (deadline - now) * 0.8,
                **promise._warn_again(now + (deadline - now) * 0.8),
                "fallback": False,
            }
        )
        promise._schedule_next_check()
        text = self.env._(
            "%(promise)s: the customer agrees to %(until)s, it was %(was)s. %(why)s",
            promise=kind,
            until=format_datetime(self.env, deadline),
            was=format_datetime(self.env, was) if was else self.env._("waiting"),
            why=why or "",
        )
        complaint._message_log_batch({complaint.id: text})
