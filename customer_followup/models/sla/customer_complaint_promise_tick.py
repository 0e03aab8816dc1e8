import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools import masking
from .customer_complaint_notice import STEP, WARNING
from .customer_complaint_promise import MISSED, OPEN
from .customer_sla_escalation import ONE_SECOND

_logger = logging.getLogger(__name__)
BATCH = 500
TICK = "customer_followup.ir_cron_promise"


class CustomerComplaintPromise(models.Model):
    """The scheduled action warns before, records what is broken, and tells people, step by step."""

    _inherit = "customer.complaint.promise"

    @api.model
    def _cron_tick(self):
        """Look at the promises whose time has come, then tell people what they must know.

        Any number of these may run at once: each takes rows no other has locked. What happened is
        committed before anybody is told. Each batch is a transaction of its own; within it, what
        fails for one promise or person is undone and set aside, and holds up no other.
        """
        self.env["ir.cron"]._commit_progress(remaining=1)
        for batch in (self._tick_batch, self.env["customer.complaint.notice"]._send_batch):
            if not self._run_batches(batch, BATCH):
                return

    @api.model
    def _tick_batch(self):
        """Look at one batch and return how many promises it held.

        Their complaints are locked with them: whoever works on one, or another of these, changes
        the complaint as well, and neither may wait for the other.
        """
        query = SQL(
            """SELECT promise.id
                 FROM customer_complaint_promise AS promise
                 JOIN customer_complaint AS complaint ON complaint.id = promise.complaint_id
                WHERE promise.date_check <= %s
                ORDER BY promise.date_check LIMIT %s
                  FOR NO KEY UPDATE OF promise, complaint SKIP LOCKED""",
            fields.Datetime.now(),
            BATCH,
        )
        return self.sudo()._run_batch(query, lambda some: some._tick(fields.Datetime.now()))

    def _tick(self, moment):
        """Do what is due at a moment: warn, record as broken, go up the ladder."""
        self._recompute_stale()
        told, escalated = [], self.browse()
        away = self.env["customer.absence"]._stand_ins()
        for promise in self:
            told += promise._warn(moment) + promise._break(moment)
            steps = promise._escalate(moment, away)
            if any(user != promise.complaint_id.user_id for user, *_step in steps):
                escalated |= promise
            told += steps
        self.env["customer.complaint.notice"]._notify_users(told)
        escalated.complaint_id.date_escalated = moment
        self._schedule_next_check()

    def _warn(self, moment):
        """Return whom to warn: ``[(user, promise, code, step)]``."""
        is_due = self.state == OPEN and not self.date_warned and self.date_warn
        if not is_due or self.date_warn > moment or self._is_over(moment):
            return []
        self.date_warned = moment
        self.warned_count += 1
        return [(user, self, WARNING, self.warned_count) for user in self._handlers()]

    def _warn_again(self, warn):
        """Return the values that let a promise be warned of again: its time has moved later.

        :param warn: when to warn of it, by its present deadline
        """
        if not (warn and self.date_warned and self.date_warned < warn):
            return {}
        # Whoever was warned before warnings were counted was warned once.
        return {"date_warned": False, "warned_count": max(self.warned_count, 1)}

    def _new_ladder(self, policy):
        """Return the values that let a promise begin another policy's ladder at its start."""
        return {} if policy == self.policy_id else {"level": 0, "date_level": False}

    def _break(self, moment):
        """Record a broken promise and return whom to tell, as :meth:`_warn` does."""
        if self.state != OPEN or not self._is_over(moment):
            return []
        self._note_overdue(moment)
        return [(user, self, MISSED, 1) for user in self._handlers()]

    def _handlers(self):
        """Return whose promise it is: the handler, else the first above him."""
        complaint = self.complaint_id
        nobody = self.env["res.users"]
        return complaint._filter_allowed(
            complaint.user_id or nobody.union(*complaint._levels()[:1])
        )

    def _escalate(self, moment, away):
        """Take the steps of the ladder that are due, each once; return whom to tell.

        :param away: who is away, and who stands in: ``{user: user}``
        """
        told = []
        for step_moment, level, steps in self._ladder():
            if step_moment <= moment:
                self.write({"level": level, "date_level": moment})
                users = self.env["res.users"].union(
                    *(step._recipients(self.complaint_id, away) for step in steps)
                )
                told += [(user, self, STEP, level) for user in users]
        return told

    def _ladder(self):
        """Return the steps still to take, ``[(moment, level, escalations)]`` in order."""
        if self.date_met or not self.date_deadline or self.state not in (OPEN, MISSED):
            return []
        steps = self.policy_id.escalation_ids
        ladder = steps._ladder(self.kind, self.date_start, self.date_deadline, self.level)
        if not ladder or self.state == OPEN:
            return ladder
        return [] if self._is_stopped() else self._put_off(ladder)

    def _is_stopped(self):
        """Say whether its clock stands still at the present stage, also if it is broken."""
        pauses = self.complaint_id.clock_ids._pauses(self)
        return any(pause.end is None for pause in pauses)

    def _put_off(self, ladder):
        """Let steps after the breach wait for as long as the clock stood still since."""
        broken = self.date_deadline
        still = sum(
            (
                max(pause.end - max(pause.start, broken), timedelta())
                for pause in self.complaint_id.clock_ids._pauses(self)
            ),
            timedelta(),
        )
        return [
            (when + still if when > broken else when, level, steps) for when, level, steps in ladder
        ]

    def _schedule_next_check(self):
        """Note when each promise is to be looked at next, and have that done in time."""
        for promise in self:
            promise.date_check = not promise._was_missed_before_intake() and promise._next_check()
        self._trigger_tick(self.mapped("date_check"))

    def _next_check(self):
        is_open = self.state == OPEN and self.date_deadline
        return self._first_check(
            self._ladder(),
            is_open and self.date_deadline,
            is_open and not self.date_warned and self.date_warn,
        )

    @api.model
    def _first_check(self, ladder, deadline, warn):
        """Return the first moment at which something happens to a promise, or nothing."""
        moments = [moment for moment, _level, _steps in ladder]
        if deadline:
            moments.append(deadline + ONE_SECOND)
        if warn:
            moments.append(warn)
        return min(moments, default=False)

    @api.model
    def _trigger_tick(self, moments):
        """Have the scheduled action run at the first of these moments, if it would come later."""
        # The scheduled action belongs to the system; anybody may ask for it to run. Somebody may
        # have deleted it: that keeps nobody from noting a complaint.
        cron = self.env.ref(TICK, raise_if_not_found=False)
        first = min(filter(None, moments), default=None)
        if cron and first and first < max(cron.sudo().nextcall, fields.Datetime.now()):
            cron.sudo()._trigger(first)

    def _park(self, error):
        """Set the promise aside, with the reason, until somebody mends it and retries."""
        # By SQL: whatever is wrong with the row must not keep it from being set aside.
        self.env.execute_query(
            SQL(
                "UPDATE customer_complaint_promise SET date_check = NULL, error = %s WHERE id = %s"
                " RETURNING id",
                masking.error(error),
                self.id,
            )
        )
        self.invalidate_recordset(["date_check", "error"], flush=False)
        _logger.warning("Promise %s cannot be followed: %s", self.id, self.error)

    def action_retry(self):
        """Have promises that were set aside looked at again."""
        self.check_access("read")
        # Only the scheduled action writes promises; asking it to try again changes no fact.
        parked = self.sudo().filtered("error")
        parked.write({"error": False, "date_check": fields.Datetime.now()})
        self._trigger_tick([fields.Datetime.now()])
        return True
