from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_datetime

from ...tools import sla
from .customer_sla_target import FIRST_ANSWER, PROMISES, SURVEY

OPEN, PAUSED, MET, MISSED, VOID = "open", "paused", "met", "missed", "void"
PENDING = (OPEN, PAUSED)
# No notices if the deadline was over for longer than this when the complaint was recorded.
NOTICE_LIMIT = timedelta(days=1)
STATES = [
    (OPEN, "Running"),
    (PAUSED, "Waiting"),
    (MET, "Kept"),
    (MISSED, "Broken"),
    (VOID, "No longer needed"),
]


class CustomerComplaintPromise(models.Model):
    """A promise to the customer of a complaint, with its deadline."""

    _name = "customer.complaint.promise"
    _description = "Promise"
    _check_company_auto = True
    _inherit = ["customer.bulk.mixin", "customer.batch.mixin"]
    _customer_confidential = "complaint_id.excluded_user_ids"
    _order = "date_deadline, id"

    complaint_id = fields.Many2one(
        "customer.complaint", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="restrict"
    )
    kind = fields.Selection(PROMISES, string="Promise", required=True, readonly=True)
    state = fields.Selection(STATES, required=True, readonly=True, default=OPEN)
    policy_id = fields.Many2one(
        "customer.sla.policy", required=True, readonly=True, ondelete="restrict"
    )
    escalation_policy_id = fields.Many2one(
        "customer.sla.policy",
        string="Notices by",
        readonly=True,
        index=True,
        ondelete="restrict",
        help="The policy that holds now: it says who is notified. Empty: nothing is promised any"
        " more, and the result stays on record.",
    )
    # Copied from the target, as the policy may change.
    count = fields.Integer(readonly=True)
    unit = fields.Selection(
        lambda self: self.env["customer.sla.target"]._fields["unit"].selection, readonly=True
    )
    calendar_id = fields.Many2one(
        "resource.calendar", string="Working hours", readonly=True, ondelete="set null"
    )
    stops_awaiting = fields.Boolean(readonly=True)
    stops_external = fields.Boolean(readonly=True)
    warn_count = fields.Integer(readonly=True)
    warn_unit = fields.Selection(
        lambda self: self.env["customer.sla.target"]._fields["warn_unit"].selection, readonly=True
    )
    fallback = fields.Selection(
        [
            (sla.NO_HOURS, "No working hours are defined: counted in calendar hours"),
            (sla.NO_MORE_HOURS, "The working hours end: counted in calendar hours after that"),
        ],
        readonly=True,
    )
    date_start = fields.Datetime(string="Promised on", required=True, readonly=True)
    date_deadline = fields.Datetime(
        string="Deadline", readonly=True, help="Empty while the clock is paused."
    )
    date_warn = fields.Datetime(string="Warning at", readonly=True)
    date_warned = fields.Datetime(string="Warned on", readonly=True)
    date_missed = fields.Datetime(string="Detected as broken on", readonly=True)
    missed_user_id = fields.Many2one(
        "res.users",
        string="Broken by",
        readonly=True,
        ondelete="restrict",
        help="Handler at that time.",
    )
    date_met = fields.Datetime(string="Done on", readonly=True)
    met_user_id = fields.Many2one("res.users", string="Done by", readonly=True, ondelete="restrict")
    late_minutes = fields.Integer(string="Minutes late", readonly=True)
    # Empty until it is decided, so that the average ignores pending promises.
    kept = fields.Float(string="Kept, %", readonly=True, aggregator="avg")
    warned_count = fields.Integer(string="Warnings", readonly=True)
    level = fields.Integer(
        string="Escalation level", readonly=True, help="Last escalation level reached."
    )
    date_level = fields.Datetime(string="Escalated on", readonly=True)
    date_stale = fields.Datetime(
        string="Working hours changed on",
        readonly=True,
        help="The deadline is not recomputed yet after this change.",
    )
    date_check = fields.Datetime(string="Next check", readonly=True)
    is_agreed = fields.Boolean(
        string="Agreed with the customer",
        readonly=True,
        help="The customer agreed to this deadline. It is not recomputed any more.",
    )
    error = fields.Text(readonly=True)

    # For the scheduled action: due promises, the oldest first.
    _check_idx = models.Index("(date_check) WHERE date_check IS NOT NULL")
    # Pending promises of a calendar whose working hours change.
    _calendar_idx = models.Index("(calendar_id) WHERE state IN ('open', 'paused')")
    # For the report by kind and state over time.
    _report_idx = models.Index("(company_id, kind, state, date_start)")

    @api.depends("complaint_id", "kind")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for promise in self:
            promise.display_name = f"{promise.complaint_id.name}: {kinds.get(promise.kind)}"

    def _clock(self, hours, ledger):
        """Return the :class:`sla.Clock` of the promise.

        :param hours: :class:`sla.Hours` of its time
        :param ledger: clock intervals of the complaint
        """
        target = sla.Target(self.count, self.unit)
        return sla.clock(self.date_start, target, hours, ledger._pauses(self))

    @api.model
    def _hours(self, calendar, company, known):
        """Return the :class:`sla.Hours` of a calendar; ``known`` is a cache."""
        if (calendar, company) not in known:
            known[calendar, company] = calendar._working_time(company)
        return known[calendar, company]

    @api.model
    def _clock_of(self, complaint, target, hours, start=None, pauses=()):
        """Return the clock of a target for a complaint from ``start`` on."""
        zone = self._hours(target._calendar(complaint), complaint.company_id, hours)
        return sla.clock(start or complaint.date_received, target._time(complaint), zone, pauses)

    @api.model
    def _prepare_vals(self, complaint, target, start, hours, ledger, earliest=None):
        """Return the values of a promise by a target for a complaint from ``start`` on.

        :param earliest: new start if the deadline would be before it
        """
        vals = target._promise_vals(complaint)
        pauses = ledger._pauses(target)
        clock = self._clock_of(complaint, target, hours, start, pauses)
        if earliest and clock.deadline and clock.deadline < earliest:
            start = earliest
            clock = self._clock_of(complaint, target, hours, start, pauses)
        timed = self._timed(clock, vals["warn_count"], vals["warn_unit"])
        deadline = timed["date_deadline"]
        levels = deadline and target.policy_id.escalation_ids._escalation_levels(
            target.kind, start, deadline
        )
        return {
            **vals,
            **timed,
            "complaint_id": complaint.id,
            "company_id": complaint.company_id.id,
            "kind": target.kind,
            "date_start": start,
            "date_check": self._first_check(levels or (), deadline, timed["date_warn"]),
        }

    def _apply_targets(self, targets):
        """Apply other targets, ``{kind: target}``, and void promises without a target."""
        for promise in self.filtered(lambda one: not one.is_agreed):
            target = targets.get(promise.kind)
            if target:
                levels = promise._prepare_escalation_vals(target.policy_id)
                promise.write(target._promise_vals(promise.complaint_id) | levels)
            elif promise.kind != SURVEY:
                promise._void()

    def _clocks(self):
        """Return the clock of each promise: ``{promise: sla.Clock}``."""
        hours = {}
        rows = self.env["customer.complaint.clock"].search(
            [("complaint_id", "in", self.complaint_id.ids)]
        )
        ledgers = rows.grouped("complaint_id")
        return {
            one: one._clock(
                self._hours(one.calendar_id, one.company_id, hours),
                ledgers.get(one.complaint_id, rows[:0]),
            )
            for one in self
        }

    @api.model
    def _timed(self, clock, warn_count, warn_unit):
        """Return the values of a pending promise by its clock."""
        return {
            "state": OPEN if clock.deadline else PAUSED,
            "date_deadline": clock.deadline or False,
            "date_warn": clock.warning(warn_count, warn_unit) or False,
            "fallback": clock.fallback or False,
        }

    def _recompute_deadlines(self, corrected=()):
        """Recompute the deadlines of pending promises from their times and pauses.

        Kept and broken promises do not change. A promise that a change would make overdue at once
        counts from the change on.

        :param corrected: promises whose start was corrected, which may be overdue by that
        """
        now = fields.Datetime.now()
        # Promises whose deadline was over before the working hours changed are broken.
        for moment, some in self._pending().grouped(lambda one: one.date_stale or now).items():
            some._note_broken(moment)
        moving = self._pending().filtered(lambda one: not one.is_agreed)
        clocks = moving._clocks()
        over = moving.filtered(
            lambda one: (
                one not in corrected
                and clocks[one].deadline
                and clocks[one].deadline < (one.date_stale or now)
            )
        )
        for promise in over:
            promise.date_start = promise.date_stale or now
        for promise, clock in (clocks | over._clocks()).items():
            timed = self._timed(clock, promise.warn_count, promise.warn_unit)
            promise.write(timed | promise._warn_again(timed["date_warn"]))
        self.date_stale = False
        self._schedule_next_check()

    def _pending(self):
        return self.filtered(lambda promise: promise.state in PENDING)

    def _is_over(self, moment):
        """Return whether the deadline of a pending promise is over; the deadline itself is not."""
        return bool(self.date_deadline and self.date_deadline < moment)

    def _note_overdue(self, moment, is_blamed=True):
        """Mark pending promises as broken whose deadline is over, and return them.

        :param is_blamed: whether the present handler is recorded as responsible
        """
        overdue = self.filtered(lambda one: one.state == OPEN and one._is_over(moment))
        for promise in overdue:
            promise.write(
                {
                    "state": MISSED,
                    "kept": 0.0,
                    "date_missed": moment,
                    "missed_user_id": is_blamed and promise.complaint_id.user_id.id,
                }
            )
        return overdue

    def _mark_missed_on_creation(self):
        """Mark promises as broken whose deadline was over when the complaint was recorded.

        No user is recorded as responsible. Leaders are notified, except of imported old cases.
        """
        self._note_overdue(fields.Datetime.now(), is_blamed=False)._schedule_next_check()

    def _was_missed_before_intake(self):
        """Return whether it was broken long before the complaint was recorded."""
        recorded = self.complaint_id.date_recorded
        return self.state == MISSED and self.date_deadline < recorded - NOTICE_LIMIT

    def _note_broken(self, moment=None):
        """Mark overdue promises as broken, notify their handlers and schedule the escalation."""
        broken = self._note_overdue(moment or fields.Datetime.now())
        self.env["customer.complaint.notice"]._notify_users(
            [(user, one, MISSED, 1) for one in broken for user in one._handlers()]
        )
        broken._schedule_next_check()

    def _mark_met(self, moment=None):
        """Mark promises as met, in time or late, and return them.

        A broken promise stays broken and records the delay, unless it was met in time and this is
        recorded afterwards.

        :param moment: when they were met, naive UTC; now by default
        """
        moment = moment or fields.Datetime.now()
        self._recompute_stale()
        undone = self.filtered(
            lambda promise: promise.state in (*PENDING, MISSED) and not promise.date_met
        )
        undone._note_overdue(moment)
        for promise in undone:
            deadline = promise.date_deadline
            late = sla.late_minutes(deadline, moment) if deadline else 0
            promise.write({"date_met": moment, "met_user_id": self.env.uid, "late_minutes": late})
        in_time = undone.filtered(lambda one: one.state in PENDING or not one._is_over(moment))
        in_time.write({"state": MET, "kept": 100.0, "date_missed": False, "missed_user_id": False})
        undone.date_check = False
        return undone

    def _reopen(self):
        """Make promises pending again that were met by mistake; broken ones stay broken."""
        self.write({"date_met": False, "met_user_id": False, "late_minutes": 0})
        met = self.filtered(lambda one: one.state == MET)
        met.write({"state": OPEN, "kept": False})
        met._recompute_deadlines()
        self._schedule_next_check()

    def _void(self):
        """Void pending promises that are no longer needed; broken ones stay broken."""
        self._recompute_stale()
        self._pending()._note_overdue(fields.Datetime.now())
        self._pending().write({"state": VOID})
        self.date_check = False

    def _agree(self, deadline, how, why):
        """Set the deadline that the customer agreed to; it is not recomputed any more."""
        self.ensure_one()
        complaint, now = self.complaint_id, fields.Datetime.now()
        complaint.check_access("write")
        # Users have no write access to promises.
        promise = self.sudo()
        promise._recompute_deadlines()
        kind = dict(self._fields["kind"]._description_selection(self.env))[promise.kind]
        if promise.state not in PENDING:
            raise UserError(
                self.env._("“%s” is already kept or broken. Choose an open promise.", kind)
            )
        if promise.kind == FIRST_ANSWER:
            raise UserError(
                self.env._("“%s” is already met by this contact. Choose another target.", kind)
            )
        if not deadline or deadline <= now:
            raise UserError(self.env._("“%s”: choose a date in the future.", kind))
        was = promise.date_deadline
        complaint._note_contact("agreed", how, why)
        if promise.state not in PENDING:
            # This contact was the progress update, so the date applies to the next one.
            pending = complaint.sudo().promise_ids._pending()
            promise = pending.filtered(lambda one: one.kind == promise.kind).sorted("id")[-1:]
        if not promise:
            raise UserError(
                self.env._("“%s” is already kept or broken. Choose an open promise.", kind)
            )
        hours = promise.calendar_id._working_time(promise.company_id)
        clock = sla.agreed_clock(now, deadline, promise.unit, hours)
        timed = self._timed(clock, promise.warn_count, promise.warn_unit)
        promise.write({"is_agreed": True, **timed, **promise._warn_again(timed["date_warn"])})
        promise._schedule_next_check()
        text = self.env._(
            "%(promise)s: the customer agreed to %(until)s, previously %(was)s. %(why)s",
            promise=kind,
            until=format_datetime(self.env, deadline),
            was=format_datetime(self.env, was) if was else self.env._("waiting"),
            why=why or "",
        )
        complaint._message_log_batch({complaint.id: text})

    def _mark_stale(self):
        """Mark promises for recomputation."""
        now = fields.Datetime.now()
        # A mark from an earlier change is kept until it is processed.
        self.filtered(lambda one: not one.date_stale)._record_plainly({"date_stale": now})
        self._record_plainly({"date_check": now})

    @api.model
    def _check_soon(self, domain):
        """Have the scheduled action look at the undecided promises of a domain again."""
        now = fields.Datetime.now()
        undecided = Domain("state", "in", (OPEN, MISSED)) & Domain("date_met", "=", False)
        promises = self.search(domain & undecided & Domain("error", "=", False))
        promises.date_check = now
        self._trigger_tick([now] if promises else [])

    def _recompute_stale(self):
        """Recompute deadlines whose working hours have changed, and log the changes."""
        stale = self.filtered("date_stale")
        if stale:
            before = {promise: promise.date_deadline for promise in stale._pending()}
            stale._recompute_deadlines()
            stale.complaint_id._note_changes(before, self.browse())
