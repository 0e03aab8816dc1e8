import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ...tools import masking
from ..ground.groups import LEADER
from .customer_complaint_notice import STEP, WARNING
from .customer_complaint_promise import MISSED, OPEN
from .customer_hours_mixin import MAX_IMMEDIATE
from .customer_sla_escalation import ONE_SECOND

_logger = logging.getLogger(__name__)
BATCH = 500
TICK = "customer_followup.ir_cron_promise"


class CustomerComplaintPromise(models.Model):
    """Scheduled action of promises: warnings, broken promises and escalation."""

    _inherit = "customer.complaint.promise"

    @api.model
    def _cron_tick(self):
        """Match complaints whose policies have changed, process due promises, send due notices.

        Several jobs may run in parallel: each takes only rows that no other has locked. Changes of
        promises are committed before notices are sent. Each batch is one transaction; a promise or
        notice that fails is rolled back and set aside without stopping the others.
        """
        self.env["ir.cron"]._commit_progress(remaining=1)
        for batch, size in (
            (self.env["customer.complaint"]._rematch_batch, MAX_IMMEDIATE),
            (self._tick_batch, BATCH),
            (self.env["customer.complaint.notice"]._send_batch, BATCH),
        ):
            if not self._run_batches(batch, size):
                return

    @api.model
    def _tick_batch(self):
        """Process one batch and return the number of its promises.

        Complaints are locked together with their promises, because other transactions write both;
        otherwise they could wait for each other.
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
        """Send warnings, mark broken promises and escalate, as due at a moment."""
        self._recompute_stale()
        notices, escalated = [], self.browse()
        away = self.env["customer.absence"]._stand_ins()
        for promise in self:
            notices += promise._warn(moment) + promise._break(moment)
            steps = promise._escalate(moment, away)
            if any(user != promise.complaint_id.user_id for user, *_step in steps):
                escalated |= promise
            notices += steps
        self.env["customer.complaint.notice"]._notify_users(notices)
        escalated.complaint_id.date_escalated = moment
        self._schedule_next_check()

    def _warn(self, moment):
        """Return the warnings to send: ``[(user, promise, code, level)]``."""
        is_due = self.state == OPEN and not self.date_warned and self.date_warn
        if not is_due or self.date_warn > moment or self._is_over(moment):
            return []
        if not self._holds():
            return []
        self.date_warned = moment
        self.warned_count += 1
        return [(user, self, WARNING, self.warned_count) for user in self._handlers()]

    def _warn_again(self, warn):
        """Return the values that allow another warning if the deadline has moved later.

        :param warn: time of the warning by the present deadline
        """
        if not (warn and self.date_warned and self.date_warned < warn):
            return {}
        # Warnings were not always counted; an uncounted one counts as one.
        return {"date_warned": False, "warned_count": max(self.warned_count, 1)}

    def _prepare_escalation_vals(self, policy):
        """Return the values that restart the escalation if the policy changes."""
        return {} if policy == self.policy_id else {"level": 0, "date_level": False}

    def _break(self, moment):
        """Mark an overdue promise as broken and return its notices, like :meth:`_warn`."""
        if self.state != OPEN or not self._is_over(moment):
            return []
        self._note_overdue(moment)
        return [(user, self, MISSED, 1) for user in self._handlers()]

    def _handlers(self):
        """Return the handler of the complaint, else the first leader above, while it holds."""
        complaint = self.complaint_id
        no_users = self.env["res.users"]
        if not self._holds():
            return no_users
        return complaint._filter_allowed(
            complaint.user_id or no_users.union(*complaint._levels()[:1])
        )

    def _holds(self):
        """Return whether the policy that says who is notified is still in use."""
        return self.escalation_policy_id.active

    def _follow_policies(self, targets):
        """Notify of broken promises by the policies that hold now, ``{kind: target}``."""
        broken = self.filtered(lambda one: one.state == MISSED and not one.date_met)
        changed = self.browse()
        for promise in broken:
            target = targets.get(promise.kind)
            policy = target.policy_id if target else promise.policy_id.browse()
            if policy != promise.escalation_policy_id:
                promise.escalation_policy_id = policy
                changed |= promise
        changed._schedule_next_check()

    def _escalate(self, moment, away):
        """Record the escalation levels that are due and return their notices.

        :param away: absent users with their stand-ins, ``{user: user}``
        """
        notices = []
        for step_moment, level, steps in self._escalation_levels():
            if step_moment <= moment:
                self.write({"level": level, "date_level": moment})
                users = self.env["res.users"].union(
                    *(step._recipients(self.complaint_id, away) for step in steps)
                )
                notices += [(user, self, STEP, level) for user in users]
        return notices

    def _escalation_levels(self):
        """Return the remaining levels, ``[(moment, level, escalations)]``, in order."""
        if self.date_met or not self.date_deadline or self.state not in (OPEN, MISSED):
            return []
        if not self._holds():
            return []
        steps = self.escalation_policy_id.escalation_ids
        levels = steps._escalation_levels(
            self.kind, self.date_start, self.date_deadline, self.level
        )
        if not levels or self.state == OPEN:
            return levels
        return [] if self._is_stopped() else self._put_off(levels)

    def _is_stopped(self):
        """Return whether the clock is paused in the present stage, even if it is broken."""
        pauses = self.complaint_id.clock_ids._pauses(self)
        return any(pause.end is None for pause in pauses)

    def _put_off(self, levels):
        """Delay the levels after the deadline by the pauses since then."""
        broken = self.date_deadline
        still = sum(
            (
                max(pause.end - max(pause.start, broken), timedelta())
                for pause in self.complaint_id.clock_ids._pauses(self)
            ),
            timedelta(),
        )
        return [
            (when + still if when > broken else when, level, steps) for when, level, steps in levels
        ]

    def _schedule_next_check(self):
        """Set the time of the next check of each promise and trigger the scheduled action."""
        for promise in self:
            promise.date_check = not promise._was_missed_before_intake() and promise._next_check()
        self._trigger_tick(self.mapped("date_check"))

    def _next_check(self):
        is_open = self.state == OPEN and self.date_deadline
        return self._first_check(
            self._escalation_levels(),
            is_open and self.date_deadline,
            is_open and self._holds() and not self.date_warned and self.date_warn,
        )

    @api.model
    def _first_check(self, levels, deadline, warn):
        """Return the moment of the next event of a promise, else ``False``."""
        moments = [moment for moment, _level, _steps in levels]
        if deadline:
            moments.append(deadline + ONE_SECOND)
        if warn:
            moments.append(warn)
        return min(moments, default=False)

    @api.model
    def _trigger_tick(self, moments):
        """Trigger the scheduled action at the first of these moments, if its next run is later."""
        # Any user may trigger the scheduled action of the system. Complaints can be recorded even
        # if it was deleted.
        cron = self.env.ref(TICK, raise_if_not_found=False)
        first = min(filter(None, moments), default=None)
        if cron and first and first < max(cron.sudo().nextcall, fields.Datetime.now()):
            cron.sudo()._trigger(first)

    def _park(self, error):
        """Set the promise aside with the reason, until an administrator retries it."""
        self._set_aside({"date_check": None, "error": masking.error(error)})
        _logger.warning("Promise %s cannot be followed: %s", self.id, self.error)

    def action_retry(self):
        """Process promises again that were set aside, as a team leader."""
        self.check_access("read")
        if not self.env.user.has_group(LEADER):
            raise AccessError(self.env._("Only team leaders can have promises checked again."))
        # Users have no write access to promises; a retry does not change their content.
        parked = self.sudo().filtered("error")
        parked.write({"error": False, "date_check": fields.Datetime.now()})
        self._trigger_tick([fields.Datetime.now()])
        return True
