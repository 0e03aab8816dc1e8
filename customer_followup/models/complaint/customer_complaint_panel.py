from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_datetime, format_duration

from ...tools import sla
from .customer_complaint import CLOSED
from .customer_complaint_promise import MISSED, OPEN, PAUSED, PENDING, STATES, VOID
from .customer_sla_target import FIRST_ANSWER, PROMISES, SOLUTION


class CustomerComplaint(models.Model):
    """What screens show of a complaint's promises: the next on the card, all on the form."""

    _inherit = "customer.complaint"

    # Stored: a board shows them on each card.
    next_kind = fields.Selection(
        PROMISES, string="Next promise", compute="_compute_next_promise", store=True
    )
    next_state = fields.Selection(
        STATES, string="Next promise is", compute="_compute_next_promise", store=True
    )
    date_next = fields.Datetime(
        string="Next promise until", compute="_compute_next_promise", store=True
    )
    date_next_warn = fields.Datetime(
        string="Next promise in danger from", compute="_compute_next_promise", store=True
    )
    is_late = fields.Boolean(compute="_compute_is_late", search="_search_is_late")
    promise_panel = fields.Json(
        string="Promises to the customer", compute="_compute_promise_panel", compute_sudo=True
    )
    date_reply_due = fields.Datetime(
        string="Reply due",
        compute="_compute_reply_due",
        compute_sudo=True,
        help="When a solution is promised, else a first answer.",
    )
    is_reply_late = fields.Boolean(compute="_compute_reply_due", compute_sudo=True)
    pending_promises = fields.Char(
        compute="_compute_pending_promises",
        compute_sudo=True,
        help="Kinds of promises not kept yet.",
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
        """Go by the promise on the card; where nothing is promised, by the deadline."""
        now = fields.Datetime.now()
        for complaint in self:
            until = complaint.date_next if complaint.next_state else complaint.date_deadline
            complaint.is_late = bool(complaint.state != CLOSED and until and until < now)

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = fields.Datetime.now()
        meanings = self.env["customer.complaint.stage"]._fields["meaning"].selection
        # Told one by one, so that the index of states finds the few that are open.
        states = [meaning for meaning, _name in meanings if meaning != CLOSED]
        late = Domain("date_next", "<", now)
        late |= Domain("next_state", "=", False) & Domain("date_deadline", "<", now)
        late &= Domain("state", "in", states)
        return late if True in value else ~late

    @api.depends("promise_ids.state", "promise_ids.date_deadline", "promise_ids.date_met", "state")
    def _compute_reply_due(self):
        """Take the last promise of a solution, else of a first answer; what is void is none."""
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
                one._panel_line(clocks.get(one) or one._told(rows)) for one in shown
            ]


class CustomerComplaintPromise(models.Model):
    _inherit = "customer.complaint.promise"

    def _undone(self):
        """Return what the customer still waits for, in time or not."""
        return self.filtered(lambda one: one.state in (*PENDING, MISSED) and not one.date_met)

    def _shown(self):
        """Return the last promise of each kind, and earlier ones that are broken, in order."""
        shown = self.filtered(lambda one: one.state != VOID).sorted("id")
        last = {one.kind: one for one in shown}
        return shown.filtered(lambda one: one == last[one.kind] or one.state == MISSED).sorted(
            lambda one: (one.date_start, one.date_deadline or one.date_start, one.id)
        )

    def _told(self, ledger):
        """Return the clock of what is decided from what is stored: hours may have changed."""
        # What was done while the clock stood still has no deadline.
        end = self.date_deadline or self.date_met or self.date_start
        decided = self.date_met or end
        # A date that is agreed waits for nothing.
        pauses = [] if self.is_agreed else ledger._pauses(self)
        pauses = [pause for pause in pauses if pause.start < decided]
        return sla.decided_clock(self.date_start, end, pauses)

    def _panel_line(self, clock):
        """Return what the form shows of a promise: when, what time counted, and why."""
        end = self.date_met or self.date_missed
        return {
            "id": self.id,
            "kind": dict(self._fields["kind"]._description_selection(self.env))[self.kind],
            "state": self.state,
            "start": _text(self.date_start),
            "deadline": _text(self.date_deadline),
            "warn": _text(self.date_warn),
            "met": _text(self.date_met),
            "late": self.late_minutes,
            "why": self._why(clock),
            "intervals": [
                {
                    "start": _text(one.start),
                    "end": _text(one.end),
                    "is_counted": one.is_counted,
                    "why": self._reasons().get(one.why, one.why),
                }
                for one in clock.ledger
                if not end or one.start < max(end, self.date_deadline or end)
            ],
        }

    def _why(self, clock):
        """Return in words why the deadline is what it is."""
        time = self.env["customer.sla.target"]._time_text(self.count, self.unit)
        start = format_datetime(self.env, self.date_start, dt_format="short")
        sentences = [self.env._("%(time)s from %(start)s", time=time, start=start)]
        if self.is_agreed:
            sentences = [self.env._("the date was agreed with the customer")]
        if self.unit in ("business_hours", "working_days") and self.calendar_id:
            sentences.append(self.env._("hours: %s", self.calendar_id.name))
        if self.fallback:
            sentences.append(
                dict(self._fields["fallback"]._description_selection(self.env))[self.fallback]
            )
        for why in ("awaiting", "external", "closed"):
            hours = sum(
                (one.end - one.start).total_seconds() / 3600
                for one in clock.ledger
                if one.why == why and one.end
            )
            if hours:
                sentences.append(
                    self.env._(
                        "stood still %(hours)s h: %(reason)s",
                        hours=format_duration(hours),
                        reason=self._reasons()[why],
                    )
                )
        if self.level and self.date_level:
            taken = format_datetime(self.env, self.date_level, dt_format="short")
            sentences.append(
                self.env._(
                    "step %(step)s was taken %(moment)s: leaders told",
                    step=self.level,
                    moment=taken,
                )
            )
        if self.state == PAUSED:
            sentences.append(self.env._("it stands still now"))
        return "; ".join(sentences)

    @api.model
    def _reasons(self):
        return {
            "running": self.env._("the clock runs"),
            "promised": self.env._("the time promised"),
            "break": self.env._("break"),
            "off_hours": self.env._("outside working hours"),
            "day_off": self.env._("day off"),
            "awaiting": self.env._("waiting for the customer"),
            "external": self.env._("with an outside body"),
            "closed": self.env._("it was closed"),
        }


def _text(moment):
    return fields.Datetime.to_string(moment) or False
