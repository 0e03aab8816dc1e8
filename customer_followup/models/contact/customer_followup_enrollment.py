import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools import masking
from ..ground.system import yes_or_no
from ..plan.customer_followup_enrollment import MERGED, STUCK
from ..plan.customer_followup_enrollment_change import COLLAPSE, SHIFT
from ..plan.res_config_settings import HORIZON_DAYS, MAX_HORIZON, MAX_PLANNERS
from .customer_followup import CANCELLED, OPEN_STATES, PLANNED
from .journey import Journey
from .rescheduling import Rescheduling
from .timetable import Timetable

_logger = logging.getLogger(__name__)
BATCH = 1000
IDLE_DAYS = 30
PLANNER = "customer_followup.ir_cron_plan"


class CustomerFollowupEnrollment(models.Model):
    """A customer on a plan, whose contacts the planner creates and moves."""

    _inherit = "customer.followup.enrollment"

    followup_ids = fields.One2many("customer.followup", "enrollment_id", string="Follow-ups")
    is_idle = fields.Boolean(
        string="No next contact",
        compute="_compute_is_idle",
        search="_search_is_idle",
        help="Running, but without contacts in the last month and without open contacts.",
    )
    journey = fields.Json(compute="_compute_journey")
    is_stale = fields.Boolean(
        readonly=True,
        copy=False,
        help="Days off or the zone have changed: the planner gives contacts their dates again.",
    )

    @api.model
    def _place_again(self, domain):
        """Have the planner give the planned contacts of running rows their dates again."""
        self.env.flush_all()
        self._mark_stale(id_ for (id_,) in self.env.execute_query(self._planned_query(domain)))

    @api.model
    def _planned_query(self, domain):
        """Return the query of the running rows of a domain whose contacts may get other dates."""
        # Days off may concern all rows, also those the user may not read.
        return SQL(
            """SELECT enrollment.id FROM customer_followup_enrollment AS enrollment
                WHERE enrollment.id IN %s AND enrollment.state IN ('active', 'paused')
                  AND EXISTS (SELECT FROM customer_followup AS contact
                               WHERE contact.enrollment_id = enrollment.id
                                 AND contact.state = 'planned'
                                 AND contact.is_agreed IS NOT TRUE
                                 AND contact.date_deadline >= %s)""",
            self.sudo()._search(domain).subselect(),
            fields.Datetime.now(),
        )

    @api.model
    def _mark_stale(self, ids):
        """Mark rows for the planner."""
        rows = self.sudo().browse(ids)
        if rows:
            rows._record_plainly({"is_stale": True, "date_next": fields.Datetime.now()})
            self._trigger_planners(len(rows))

    def _place_contacts(self, facts):
        """Give planned contacts their dates again where the plan now gives others."""
        rescheduling = Rescheduling(self, facts)
        for contact in self._pending():
            is_ahead = contact.state == PLANNED and contact.date_deadline >= rescheduling.now
            if is_ahead and contact.step_id and not (contact.is_agreed or contact.attempt_ids):
                rescheduling.follow(contact)
        rescheduling.finish()
        self._record({"is_stale": False})

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
        return yes_or_no(operator, value, self._idle_domain())

    @api.depends("followup_ids.state", "followup_ids.date_planned", "date_next", "state")
    @api.depends_context("uid", "lang")
    def _compute_journey(self):
        # Dates follow the time zone of the person, whom the user may not be allowed to open.
        rows = self._origin.sudo()
        journey = Journey(rows, rows._facts()) if rows else None
        for enrollment in self:
            row = enrollment._origin.sudo()
            enrollment.journey = row and {
                "plan": row.plan_id.display_name,
                "state": dict(row._fields["state"]._description_selection(self.env))[row.state],
                "dots": journey.dots(row),
            }

    @api.model
    def _trigger_planners(self, count):
        # Scheduled actions belong to the system; any user may trigger them.
        planners = self.env.ref(PLANNER).sudo()
        if count > BATCH:
            planners |= self._other_planners()[: count // BATCH]
        for planner in planners:
            planner._trigger()

    @api.model
    def _other_planners(self):
        """Return the scheduled actions that share the work of the first."""
        # Only administrators may read scheduled actions.
        first = self.env.ref(PLANNER).sudo()
        return (
            first.with_context(active_test=False).search(
                [("model_id", "=", first.model_id.id), ("code", "=", first.code)], order="id"
            )
            - first
        )

    @api.model
    def _set_planners(self, count):
        """Use ``count`` scheduled actions to plan at once.

        A scheduled action runs on one worker at a time, so each planner is a scheduled action.
        """
        others = self._other_planners()
        wanted = min(count, MAX_PLANNERS) - 1
        others[max(wanted, 0) :].unlink()
        first = self.env.ref(PLANNER).sudo()
        for number in range(len(others), wanted):
            first.copy({"cron_name": f"{first.cron_name} ({number + 2})", "active": True})

    @api.model
    def _shift_horizon(self, days):
        """Set the next planning of all rows so many days earlier, to plan further ahead.

        If it plans less far ahead, an early look does no harm.
        """
        if days <= 0:
            return
        self._trigger_planners(1)
        if not self._is_written_plainly():
            for row in self.search([("date_next", "!=", False)]):
                row._record({"date_next": row.date_next - timedelta(days=days)})
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

    @api.model
    def _horizon(self):
        """Return until when contacts are planned ahead, naive UTC."""
        # Only administrators may read parameters.
        days = self.env["ir.config_parameter"].sudo().get_param("customer_followup.horizon_days")
        is_number = (days or "").isdecimal() and int(days) <= MAX_HORIZON
        return fields.Datetime.now() + timedelta(days=int(days) if is_number else HORIZON_DAYS)

    @api.model
    def _cron_plan(self):
        """Create the follow-ups that come due before the horizon, in batches.

        Any number of planners may run at once: each takes rows that no other has locked, and the
        unique index on the occurrence refuses duplicates.
        """
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=1)
        if not self._run_batches(self._resume_due, BATCH):
            cron._commit_progress(remaining=1)
            return
        self.env["customer.followup"]._expire_due()
        cron._commit_progress(remaining=1)
        self._run_batches(self._plan_due, BATCH)

    @api.model
    def _resume_due(self):
        """Resume one batch of rows whose pause is over, and return how many there were."""
        query = SQL(
            """SELECT id FROM customer_followup_enrollment
                WHERE state = 'paused' AND date_resume <= %s
                ORDER BY date_resume LIMIT %s FOR NO KEY UPDATE SKIP LOCKED""",
            fields.Datetime.now(),
            BATCH,
        )
        return self._run_batch(query, lambda rows: rows._resume())

    @api.model
    def _plan_due(self):
        """Plan one batch of rows, and return how many there were."""
        return self._run_batch(self._due_query(), lambda rows: rows._plan())

    def _plan_safely(self):
        """Plan these rows now; set aside those that cannot be planned."""
        self._run_halving(lambda rows: rows._plan())

    @api.model
    def _due_query(self):
        """Return the query that locks the next batch of rows to plan, skipping locked ones."""
        return SQL(
            """SELECT id FROM customer_followup_enrollment
                WHERE state IN ('active', 'paused') AND date_next <= %s
                ORDER BY date_next LIMIT %s FOR NO KEY UPDATE SKIP LOCKED""",
            fields.Datetime.now(),
            BATCH,
        )

    def _park(self, error):
        """Set the row aside, with the reason, until a user corrects it and retries."""
        self._set_aside({"state": STUCK, "error": masking.error(error)})
        _logger.warning("Enrollment %s cannot be planned: %s", self.id, self.error)

    def _plan(self):
        """Create what is due before the horizon, and set the next planning of each row."""
        # The planner works for all users.
        rows = self.sudo()
        rows._check_same_company()
        facts = rows._facts()
        stale = rows.filtered("is_stale")
        if stale:
            stale._place_contacts({row: facts[row] for row in stale})
        timetable = Timetable(rows, facts)
        due, later = [], {}
        for row, entry in timetable.entries.items():
            looks, is_over = [], not entry.is_paused
            for spec in timetable.specs[entry.version]:
                found = timetable.upcoming(entry, spec)
                if found.due:
                    due += timetable.due(entry, spec, found)
                is_over &= found.is_over
                looks.append(timetable.next_look(entry, spec, found))
            later[row] = min(filter(None, looks), default=None), is_over
        closed = self.env["customer.followup"]._plan(due, facts)
        waits = {version for version in closed.version_id if version._waits()}
        # Steps that wait for a contact that is closed already go on without it.
        again = closed.filtered(lambda row: row.version_id in waits)
        later |= dict.fromkeys(again, (timetable.now, False))
        if again:
            self._trigger_planners(len(again))
        rows._schedule_next_check(later)
        rows.browse(row.id for row, (_moment, is_over) in later.items() if is_over)._finish()

    def _schedule_next_check(self, later):
        """Set the next planning of each row, and whether all its contacts are planned.

        :param later: ``{row: (naive UTC or None, whether all is planned)}``
        """
        if not self._is_written_plainly():
            for row, (moment, is_over) in later.items():
                row._record({"date_next": moment or False, "is_planned_out": is_over})
            return
        # One statement, because nearly every row has a moment of its own.
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
        """Close rows that have neither contacts to plan nor open contacts."""
        # Agents end a plan by its last contact, without access to edit enrollments.
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
        """Plan what follows a contact that has ended, or close rows that are complete."""
        # As for `_finish`.
        running = self.sudo().filtered(lambda row: row.state in ("active", "paused"))
        waiting = running.filtered(lambda row: row.version_id._waits())
        waiting._wake()
        (running - waiting)._finish()

    def _prepare_followup_vals(self):
        """Return the values that all follow-ups of each row have in common, by row."""
        stars = self._stars()
        return {
            row: {
                "partner_id": row.partner_id.id,
                "commercial_partner_id": row.commercial_partner_id.id,
                "company_id": row.company_id.id,
                "team_id": row.team_id.id,
                "user_id": row.user_id.id,
                "enrollment_id": row.id,
                "priority": stars.get((row.company_id, row.commercial_partner_id.id), "0"),
            }
            for row in self
        }

    def _stars(self):
        """Return the stars of customers in a tier: ``{(company, customer id): stars}``."""
        membership = self.env["customer.tier.membership"]
        return {
            (company, customer_id): tier.stars
            for company, rows in self.grouped("company_id").items()
            for customer_id, tier in membership._tiers(rows.partner_id, company).items()
        }

    def _pending(self):
        """Return the open contacts."""
        return self.followup_ids.filtered(lambda followup: followup.state in OPEN_STATES)

    def _progress(self):
        ended = ("enrollment_id", "in", self.ids), ("state", "not in", OPEN_STATES)
        counts = self.env["customer.followup"]._read_group(ended, ["enrollment_id"], ["__count"])
        return super()._progress() | dict(counts)

    def _stop(self, code, note=None):
        result = super()._stop(code, note)
        # Contacts that other users make stop with the plan.
        pending = self.sudo()._pending()
        pending._record({"is_paused": False})
        pending._end(CANCELLED, MERGED if code == MERGED else "stopped")
        return result

    def _move(self):
        """Move open contacts, except those with an agreed date."""
        # As for the journey.
        rows = self.sudo()
        rescheduling = Rescheduling(rows, rows._facts())
        for contact in rows._pending().filtered(lambda one: one.state == PLANNED):
            if contact.step_id and not contact.is_agreed:
                rescheduling.move(contact)
        rescheduling.finish()
        return super()._move()

    def _change_version(self, version):
        """Turn open contacts into those of the same step in the other version."""
        # A version concerns contacts that the manager may not see as well.
        rows = self.sudo()
        steps = {step._root(): step for step in version.step_ids}
        for contact in rows._pending():
            step = steps.get(contact.step_id._root())
            if step:
                vals = step._prepare_followup_vals()
                # The gate has chosen the channel, and the customer's tier counts further.
                vals["channel_id"] = contact.channel_id.id
                vals["priority"] = max(vals["priority"], contact.priority)
                contact._record({"step_id": step.id, **vals})
            else:
                contact._end(CANCELLED, "changed")
        return super()._change_version(version)

    def _pause(self, mode=SHIFT, note=None, until=None):
        result = super()._pause(mode, note, until)
        # As in `_stop`.
        pending = self.sudo()._pending()
        pending.filtered(lambda one: not one.step_id.is_statutory)._record({"is_paused": True})
        # What the law requires is planned in a pause as well.
        self._wake()
        return result

    def _resume(self):
        rows = self.sudo()
        rescheduling = Rescheduling(rows, rows._facts())
        lengths = {row: row._pause_length(rescheduling.now) for row in rows}
        paused = rows._pending().filtered("is_paused")
        paused._record({"is_paused": False})
        result = super()._resume()
        for row, contacts in paused.grouped("enrollment_id").items():
            late = contacts.filtered(lambda one, row=row: one.date_deadline < row.date_paused)
            for contact in late:
                contact._record({"paused_days": contact.paused_days + lengths[row]})
            if row.pause_mode == COLLAPSE:
                rescheduling.make_up(contacts - late)
            else:
                for contact in (contacts - late).filtered(lambda one: not one.is_agreed):
                    rescheduling.postpone(contact, lengths[row])
        rescheduling.finish()
        return result
