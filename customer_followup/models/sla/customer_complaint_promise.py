from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_datetime

from ...tools import sla
from .customer_sla_target import FIRST_ANSWER, PROMISES, SURVEY

OPEN, PAUSED, MET, MISSED, VOID = "open", "paused", "met", "missed", "void"
PENDING = (OPEN, PAUSED)
# Nobody is told of what was over for longer than this when a case was recorded.
TOLD_WITHIN = timedelta(days=1)
STATES = [
    (OPEN, "Running"),
    (PAUSED, "Waiting"),
    (MET, "Kept"),
    (MISSED, "Broken"),
    (VOID, "Not needed any more"),
]


class CustomerComplaintPromise(models.Model):
    """One deadline of one complaint: something promised to the customer by a moment."""

    _name = "customer.complaint.promise"
    _description = "Promise"
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
    # What was promised, whatever becomes of the policy.
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
            (sla.NO_HOURS, "No working hours are told: counted around the clock"),
            (sla.NO_MORE_HOURS, "The working hours end: counted around the clock after them"),
        ],
        readonly=True,
    )
    date_start = fields.Datetime(string="Promised on", required=True, readonly=True)
    date_deadline = fields.Datetime(
        string="Until", readonly=True, help="The last moment; empty while the clock stands still."
    )
    date_warn = fields.Datetime(string="Warning at", readonly=True)
    date_warned = fields.Datetime(string="Warned on", readonly=True)
    date_missed = fields.Datetime(string="Found broken on", readonly=True)
    missed_user_id = fields.Many2one(
        "res.users", string="Broken by", readonly=True, ondelete="restrict", help="Handler then."
    )
    date_met = fields.Datetime(string="Done on", readonly=True)
    met_user_id = fields.Many2one("res.users", string="Done by", readonly=True, ondelete="restrict")
    late_minutes = fields.Integer(string="Minutes late", readonly=True)
    # Empty until it is decided, so that the average is over what is decided.
    kept = fields.Float(string="Kept, %", readonly=True, aggregator="avg")
    warned_count = fields.Integer(string="Warnings", readonly=True)
    level = fields.Integer(string="Step", readonly=True, help="The last step of the ladder taken.")
    date_level = fields.Datetime(string="Step taken on", readonly=True)
    date_stale = fields.Datetime(
        string="Hours changed on",
        readonly=True,
        help="Working hours changed then; its time is not reckoned anew yet.",
    )
    date_check = fields.Datetime(string="Next look", readonly=True)
    is_agreed = fields.Boolean(
        string="Agreed with the customer",
        readonly=True,
        help="He agreed to this date, which nothing moves any more.",
    )
    error = fields.Text(readonly=True)

    # The scheduled action: what is due, the oldest first.
    _check_idx = models.Index("(date_check) WHERE date_check IS NOT NULL")
    # What follows working hours that change.
    _calendar_idx = models.Index("(calendar_id) WHERE state IN ('open', 'paused')")
    # Report by kind and state in time.
    _report_idx = models.Index("(company_id, kind, state, date_start)")

    @api.depends("complaint_id", "kind")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for promise in self:
            promise.display_name = f"{promise.complaint_id.name}: {kinds.get(promise.kind)}"

    def _clock(self, hours, ledger):
        """Return the :class:`sla.Clock` of the promise.

        :param hours: :class:`sla.Hours` it counts in
        :param ledger: rows of the complaint's ledger
        """
        target = sla.Target(self.count, self.unit)
        return sla.clock(self.date_start, target, hours, ledger._pauses(self))

    @api.model
    def _hours(self, calendar, company, known):
        """Return the :class:`sla.Hours` of a calendar; ``known`` keeps those found already."""
        if (calendar, company) not in known:
            known[calendar, company] = calendar._working_time(company)
        return known[calendar, company]

    @api.model
    def _clock_of(self, complaint, target, hours, start=None, pauses=()):
        """Return the clock of what a target promises for a complaint, from ``start`` on."""
        zone = self._hours(target._calendar(complaint), complaint.company_id, hours)
        return sla.clock(start or complaint.date_received, target._time(complaint), zone, pauses)

    @api.model
    def _prepare_vals(self, complaint, target, start, hours, ledger, earliest=None):
        """Return the values of what a target promises for a complaint, from ``start`` on.

        :param earliest: if its time would be over by then, it counts from then on
        """
        vals = target._promise_vals(complaint)
        pauses = ledger._pauses(target)
        clock = self._clock_of(complaint, target, hours, start, pauses)
        if earliest and clock.deadline and clock.deadline < earliest:
            start = earliest
            clock = self._clock_of(complaint, target, hours, start, pauses)
        timed = self._timed(clock, vals["warn_count"], vals["warn_unit"])
        deadline = timed["date_deadline"]
        ladder = deadline and target.policy_id.escalation_ids._ladder(target.kind, start, deadline)
        return {
            **vals,
            **timed,
            "complaint_id": complaint.id,
            "company_id": complaint.company_id.id,
            "kind": target.kind,
            "date_start": start,
            "date_check": self._first_check(ladder or (), deadline, timed["date_warn"]),
        }

    def _follow(self, targets):
        """Promise what other targets say, ``{kind: target}``; give up what none says any more."""
        for promise in self.filtered(lambda one: not one.is_agreed):
            target = targets.get(promise.kind)
            if target:
                ladder = promise._new_ladder(target.policy_id)
                promise.write(target._promise_vals(promise.complaint_id) | ladder)
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
        """Return the values that a clock gives a pending promise."""
        return {
            "state": OPEN if clock.deadline else PAUSED,
            "date_deadline": clock.deadline or False,
            "date_warn": clock.warning(warn_count, warn_unit) or False,
            "fallback": clock.fallback or False,
        }

    def _recompute_deadlines(self):
        """Work out the deadlines anew, from what was promised and when the clock stood still.

        Broken promises stay broken, and kept ones kept.
        """
        now = fields.Datetime.now()
        # What was over before the hours changed is broken.
        for moment, some in self._pending().grouped(lambda one: one.date_stale or now).items():
            some._note_broken(moment)
        moving = self._pending().filtered(lambda one: not one.is_agreed)
        for promise, clock in moving._clocks().items():
            timed = self._timed(clock, promise.warn_count, promise.warn_unit)
            promise.write(timed | promise._warn_again(timed["date_warn"]))
        self.date_stale = False
        self._schedule_next_check()

    def _pending(self):
        return self.filtered(lambda promise: promise.state in PENDING)

    def _is_over(self, moment):
        """Say whether the time of a pending promise is over; its last moment still counts."""
        return bool(self.date_deadline and self.date_deadline < moment)

    def _note_overdue(self, moment, is_blamed=True):
        """Record as broken, once, what is pending though its time is over; return what it is."""
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
        """Record as broken, by nobody, whose time was over when the case was recorded.

        Leaders hear of it if that is news: not where old cases are brought in.
        """
        self._note_overdue(fields.Datetime.now(), is_blamed=False)._schedule_next_check()

    def _was_missed_before_intake(self):
        """Say whether it was broken long before the case was recorded."""
        recorded = self.complaint_id.date_recorded
        return self.state == MISSED and self.date_deadline < recorded - TOLD_WITHIN

    def _note_broken(self, moment=None):
        """Record as broken what is at a moment; tell whose it was, and have the ladder climbed."""
        broken = self._note_overdue(moment or fields.Datetime.now())
        self.env["customer.complaint.notice"]._notify_users(
            [(user, one, "missed", 1) for one in broken for user in one._handlers()]
        )
        broken._schedule_next_check()

    def _mark_met(self, moment=None):
        """Record that what was promised is done, in time or late; return what that was.

        A broken promise stays broken, and says how late it was done.
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
        undone._pending().write({"state": MET, "kept": 100.0})
        undone.date_check = False
        return undone

    def _void(self):
        """Give up promises that are not needed any more; what is broken stays so."""
        self._recompute_stale()
        self._pending()._note_overdue(fields.Datetime.now())
        self._pending().write({"state": VOID})
        self.date_check = False

    def _agree(self, deadline, how, why):
        """Let a promise be kept by the date the customer agreed to, which nothing moves."""
        self.ensure_one()
        complaint, now = self.complaint_id, fields.Datetime.now()
        complaint.check_access("write")
        # No one writes promises by hand.
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

    @api.model
    def _note_stale(self, domain):
        """Note that working hours changed, for all promises of a domain with one statement.

        :return: whether there are any
        """
        now = fields.Datetime.now()
        # What was not followed yet since an earlier change goes on counting from that one.
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE customer_complaint_promise SET date_stale = COALESCE(date_stale, %s),"
                " date_check = %s WHERE id IN %s AND error IS NULL",
                now,
                now,
                self._search(domain).subselect(),
            )
        )
        if not self.env.cr.rowcount:
            return False
        self.invalidate_model(["date_stale", "date_check"])
        return True

    def _recompute_stale(self):
        """Reckon anew what counts in working hours that have changed, and say so."""
        stale = self.filtered("date_stale")
        if stale:
            before = {promise: promise.date_deadline for promise in stale._pending()}
            stale._recompute_deadlines()
            stale.complaint_id._note_changes(before, self.browse())
