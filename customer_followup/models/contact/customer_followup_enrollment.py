import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ...tools import masking
from ..plan.res_config_settings import HORIZON_DAYS, MAX_HORIZON, MAX_PLANNERS
from .customer_followup import OPEN_STATES
from .timetable import Timetable

_logger = logging.getLogger(__name__)
BATCH = 500
IDLE_DAYS = 30
PLANNER = "customer_followup.ir_cron_plan"


class CustomerFollowupEnrollment(models.Model):
    _inherit = "customer.followup.enrollment"

    followup_ids = fields.One2many("customer.followup", "enrollment_id", string="Follow-ups")
    is_idle = fields.Boolean(
        string="No next contact",
        compute="_compute_is_idle",
        search="_search_is_idle",
        help="It runs, but nothing was done for a month and nothing is pending.",
    )

    @api.model
    def _idle_domain(self):
        since = fields.Datetime.now() - timedelta(days=IDLE_DAYS)
        pending = Domain("state", "in", OPEN_STATES) | Domain("date_done", ">", since)
        return (
            Domain("state", "=", "active")
            & Domain("date_anchor", "<=", since)
            & Domain("followup_ids", "not any", pending)
        )

    @api.depends("state", "followup_ids.state")
    def _compute_is_idle(self):
        idle = self.filtered_domain(self._idle_domain())
        for enrollment in self:
            enrollment.is_idle = enrollment in idle

    def _search_is_idle(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._idle_domain() if True in value else ~self._idle_domain()

    @api.model_create_multi
    def create(self, vals_list):
        enrollments = super().create(vals_list)
        self._trigger_planners(len(enrollments))
        return enrollments

    @api.model
    def _enroll(self, vals_list):
        rows = super()._enroll(vals_list)
        self._trigger_planners(len(rows))
        return rows

    @api.model
    def _trigger_planners(self, count):
        # The scheduled actions belong to the system; anybody may ask for them to run.
        planners = self.env.ref(PLANNER).sudo()
        if count > BATCH:
            planners |= self._other_planners()[: count // BATCH]
        for planner in planners:
            planner._trigger()

    @api.model
    def _other_planners(self):
        """Return the scheduled actions that share the work of the first."""
        # Which scheduled actions there are is the system's own matter.
        first = self.env.ref(PLANNER).sudo()
        return (
            first.with_context(active_test=False).search(
                [("model_id", "=", first.model_id.id), ("code", "=", first.code)], order="id"
            )
            - first
        )

    @api.model
    def _set_planners(self, count):
        """Have ``count`` scheduled actions plan at once.

        One scheduled action runs on one worker of all servers, so each planner is one of its own.
        """
        others = self._other_planners()
        wanted = min(count, MAX_PLANNERS) - 1
        others[max(wanted, 0) :].unlink()
        first = self.env.ref(PLANNER).sudo()
        for number in range(len(others), wanted):
            first.copy({"cron_name": f"{first.cron_name} ({number + 2})", "active": True})

    @api.model
    def _shift_horizon(self, days):
        """Let the planner look at all rows so many days earlier: it plans further ahead now.

        Where it plans less far ahead, a look that comes too early does no harm.
        """
        if days <= 0:
            return
        self.env.execute_query(
            SQL(
                """UPDATE customer_followup_enrollment
                      SET date_next = date_next - %s * interval '1 day'
                    WHERE date_next IS NOT NULL RETURNING id""",
                days,
                to_flush=self._fields["date_next"],
            )
        )
        self.invalidate_model(["date_next"])
        self._trigger_planners(1)

    def action_followups(self):
        """Open the contacts of this enrollment."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": "customer.followup",
            "view_mode": "list,form",
            "domain": [("enrollment_id", "=", self.id)],
        }

    @api.model
    def _horizon(self):
        """Return until when contacts are planned ahead, naive UTC."""
        # A number that concerns everybody, kept where only administrators write.
        days = self.env["ir.config_parameter"].sudo().get_param("customer_followup.horizon_days")
        is_number = (days or "").isdecimal() and int(days) <= MAX_HORIZON
        return fields.Datetime.now() + timedelta(days=int(days) if is_number else HORIZON_DAYS)

    @api.model
    def _cron_plan(self):
        """Create the follow-ups that come due before the horizon, a batch of customers at a time.

        Any number of planners may run at once: each takes rows no other has locked, and the
        unique index on the occurrence refuses whatever would come twice.
        """
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=1)
        while self._resume_due() == BATCH and cron._commit_progress(remaining=1):
            pass
        self.env["customer.followup"]._expire_due()
        cron._commit_progress(remaining=1)
        while True:
            count = self._plan_batch()
            left = cron._commit_progress(count, remaining=int(count == BATCH))
            if count < BATCH or not left:
                return

    @api.model
    def _resume_due(self):
        """Let a batch of rows go on whose pause is over, and return how many there were."""
        query = SQL(
            """SELECT id FROM customer_followup_enrollment
                WHERE state = 'paused' AND date_resume <= %s
                ORDER BY date_resume LIMIT %s FOR NO KEY UPDATE SKIP LOCKED""",
            fields.Datetime.now(),
            BATCH,
        )
        try:
            rows = self._lock(query)
            rows._each_safely(lambda some: some._resume())
            return len(rows)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            # Another planner changed these rows after this transaction began: look again.
            self.env.cr.rollback()
            self.env.invalidate_all()
            return BATCH

    @api.model
    def _plan_batch(self):
        """Plan one batch and return how many customers it held."""
        try:
            enrollments = self._lock_due()
            enrollments._plan_safely()
            return len(enrollments)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            # Another planner changed these rows after this transaction began: look again.
            self.env.cr.rollback()
            self.env.invalidate_all()
            return BATCH

    @api.model
    def _lock_due(self):
        """Lock and return the next batch of rows to plan, skipping those others hold."""
        query = SQL(
            """SELECT id FROM customer_followup_enrollment
                WHERE state IN ('active', 'paused') AND date_next <= %s
                ORDER BY date_next LIMIT %s FOR NO KEY UPDATE SKIP LOCKED""",
            fields.Datetime.now(),
            BATCH,
        )
        return self._lock(query)

    def _plan_safely(self):
        """Plan all rows; park the one that cannot be planned."""
        self._each_safely(lambda rows: rows._plan())

    def _park(self, error):
        """Set the row aside, with the reason, until somebody mends it and retries."""
        # By SQL: whatever is wrong with the row must not keep it from being set aside.
        self.env.execute_query(
            SQL(
                "UPDATE customer_followup_enrollment SET state = 'stuck', error = %s WHERE id = %s"
                " RETURNING id",
                masking.error(error),
                self.id,
            )
        )
        self.invalidate_recordset(["state", "error"], flush=False)
        _logger.warning("Enrollment %s cannot be planned: %s", self.id, self.error)

    def _plan(self):
        """Create what is due before the horizon, and note when to look at each row again."""
        # The scheduled action works for everybody.
        rows = self.sudo()
        rows._check_same_company()
        facts = rows._facts()
        timetable = Timetable(rows, facts)
        due, later = [], {}
        for row, line in timetable.lines.items():
            looks, is_over = [], not line.is_paused
            for term in timetable.terms[line.version]:
                found = timetable.upcoming(line, term)
                if found.due:
                    due += timetable.due(line, term, found)
                is_over &= found.is_over
                looks.append(timetable.next_look(line, term, found))
            later[row] = min(filter(None, looks), default=None), is_over
        closed = self.env["customer.followup"]._plan(due, facts)
        waits = {version for version in closed.version_id if version._waits()}
        # What waits for a contact that is not to be made goes on without it.
        again = closed.filtered(lambda row: row.version_id in waits)
        later |= dict.fromkeys(again, (timetable.now, False))
        if again:
            self._trigger_planners(len(again))
        rows._schedule_next_check(later)
        rows.browse(row.id for row, (_moment, is_over) in later.items() if is_over)._finish()

    def _schedule_next_check(self, later):
        """Note when to look at each row again, and whether no contact will come any more.

        :param later: ``{row: (naive UTC or None, whether all is planned)}``
        """
        # One statement: a write groups rows by moment, and nearly every row has its own.
        self.env.execute_query(
            SQL(
                """UPDATE customer_followup_enrollment AS enrollment
                      SET date_next = new.moment, is_planned_out = new.is_over
                     FROM unnest(%s, %s::timestamp[], %s) AS new(id, moment, is_over)
                    WHERE enrollment.id = new.id RETURNING enrollment.id""",
                [row.id for row in later],
                [moment for moment, _is_over in later.values()],
                [is_over for _moment, is_over in later.values()],
                to_flush=self._fields["date_next"],
            )
        )
        self.invalidate_recordset(["date_next", "is_planned_out"], flush=False)

    def _finish(self):
        """Close rows on which nothing is left, neither to plan nor to do."""
        # An agent ends a plan by his last contact without being allowed to edit enrollments.
        ended = self.sudo().filtered(lambda row: row.is_planned_out and row.state == "active")
        if not ended:
            return
        busy = dict(
            self.env["customer.followup"]
            .sudo()
            ._read_group(
                [("enrollment_id", "in", ended.ids), ("state", "in", OPEN_STATES)],
                ["enrollment_id"],
                ["__count"],
            )
        )
        ended.filtered(lambda row: row not in busy).state = "done"

    def _contact_ended(self):
        """Plan what the end of a contact makes due, or close rows on which nothing is left."""
        # As for `_finish`.
        running = self.sudo().filtered(lambda row: row.state in ("active", "paused"))
        waiting = running.filtered(lambda row: row.version_id._waits())
        waiting._wake()
        (running - waiting)._finish()
