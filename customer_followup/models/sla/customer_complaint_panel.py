from datetime import datetime

from odoo import api, fields, models
from odoo.fields import Domain

from ..complaint.customer_complaint import CLOSED
from ..ground.system import yes_or_no
from .customer_complaint_promise import MISSED, OPEN, STATES, VOID
from .customer_sla_target import FIRST_ANSWER, PROMISES, SOLUTION


class CustomerComplaint(models.Model):
    """The promises of a complaint as shown on its card and form."""

    _inherit = "customer.complaint"

    # Stored because the board shows them on each card.
    next_kind = fields.Selection(
        PROMISES, string="Next promise", compute="_compute_next_promise", store=True
    )
    next_state = fields.Selection(
        STATES, string="State of next promise", compute="_compute_next_promise", store=True
    )
    date_next = fields.Datetime(string="Next deadline", compute="_compute_next_promise", store=True)
    date_next_warn = fields.Datetime(
        string="Next warning", compute="_compute_next_promise", store=True
    )
    is_late = fields.Boolean(compute="_compute_is_late", search="_search_is_late")
    promise_panel = fields.Json(
        string="Promises to the customer", compute="_compute_promise_panel", compute_sudo=True
    )
    date_reply_due = fields.Datetime(
        string="Reply due",
        compute="_compute_reply_due",
        compute_sudo=True,
        help="Deadline for the solution, else for the first answer.",
    )
    is_reply_late = fields.Boolean(compute="_compute_reply_due", compute_sudo=True)
    pending_promises = fields.Char(
        compute="_compute_pending_promises",
        compute_sudo=True,
        help="Promises that are still open.",
    )

    @api.depends(
        "promise_ids.state",
        "promise_ids.date_deadline",
        "promise_ids.date_warn",
        "promise_ids.date_met",
    )
    def _compute_next_promise(self):
        for complaint in self:
            undone = complaint.promise_ids._undone()
            timed = undone.filtered(lambda one: one.state in (OPEN, MISSED))
            promise = timed.sorted("date_deadline")[:1] or undone[:1]
            complaint.next_kind = promise.kind
            complaint.next_state = promise.state
            complaint.date_next = promise.date_deadline
            complaint.date_next_warn = promise.date_warn

    @api.depends("state", "date_deadline", "next_state", "date_next")
    def _compute_is_late(self):
        """Use the next promise; without promises, the deadline of the complaint."""
        now = fields.Datetime.now()
        for complaint in self:
            until = complaint.date_next if complaint.next_state else complaint.date_deadline
            complaint.is_late = bool(complaint.state != CLOSED and until and until < now)

    def _search_is_late(self, operator, value):
        now = fields.Datetime.now()
        meanings = self.env["customer.complaint.stage"]._fields["meaning"].selection
        # Open states are listed, so that the index on the state is used.
        states = [meaning for meaning, _name in meanings if meaning != CLOSED]
        late = Domain("date_next", "<", now)
        late |= Domain("next_state", "=", False) & Domain("date_deadline", "<", now)
        late &= Domain("state", "in", states)
        return yes_or_no(operator, value, late)

    @api.depends("promise_ids.state", "promise_ids.date_deadline", "promise_ids.date_met", "state")
    def _compute_reply_due(self):
        """Use the last promise of a solution, else of a first answer; ignore void ones."""
        now = fields.Datetime.now()
        for complaint in self:
            promises = complaint.promise_ids.filtered(lambda one: one.state != VOID).sorted("id")
            last = {one.kind: one for one in promises}
            reply = last.get(SOLUTION) or last.get(FIRST_ANSWER) or promises[:0]
            is_late = complaint.state != CLOSED and reply._undone() and reply._is_over(now)
            complaint.date_reply_due = reply.date_deadline
            complaint.is_reply_late = bool(is_late)

    @api.depends("promise_ids.state", "promise_ids.date_met")
    def _compute_pending_promises(self):
        for complaint in self:
            complaint.pending_promises = ",".join(complaint.promise_ids._undone().mapped("kind"))

    @api.depends(
        "promise_ids.state",
        "promise_ids.date_deadline",
        "promise_ids.date_met",
        "promise_ids.date_level",
    )
    @api.depends_context("lang", "tz")
    def _compute_promise_panel(self):
        for complaint in self:
            shown = complaint.promise_ids._shown()
            rows = complaint.clock_ids
            clocks = shown._pending().filtered(lambda one: not one.is_agreed)._clocks()
            complaint.promise_panel = [
                one._panel_line(clocks.get(one) or one._decided_clock(rows)) for one in shown
            ]

    def action_agree(self):
        """Open the dialog that records another deadline agreed with the customer."""
        self.ensure_one()
        self.check_access("read")
        promises = self.promise_ids._pending().filtered(lambda one: one.kind != FIRST_ANSWER)
        running = promises.sorted(lambda one: one.date_deadline or datetime.max)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Agree on another date"),
            "res_model": "customer.complaint.agreement",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_complaint_id": self.id,
                # In most cases it is the next promise.
                "default_promise_id": running[:1].id,
            },
        }
