import logging
from datetime import timedelta
from functools import cache

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools import masking, schedule
from .customer_followup import CANCELLED, OPEN_STATES, PLANNED, WITHHELD

_logger = logging.getLogger(__name__)
BATCH = 500
HORIZON_DAYS = 28


class CustomerFollowupEnrollment(models.Model):
    _inherit = "customer.followup.enrollment"

    followup_ids = fields.One2many("customer.followup", "enrollment_id", string="Follow-ups")

    @api.model_create_multi
    def create(self, vals_list):
        enrollments = super().create(vals_list)
        # The scheduled action belongs to the system; anybody may ask for it to run.
        self.env.ref("customer_followup.ir_cron_plan").sudo()._trigger()
        return enrollments

    def action_stop(self, note=None):
        result = super().action_stop(note)
        pending = self.followup_ids.filtered(lambda followup: followup.state in OPEN_STATES)
        pending._end(CANCELLED, "stopped")
        return result

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
        return fields.Datetime.now() + timedelta(days=int(days or HORIZON_DAYS))

    @api.model
    def _cron_plan(self):
        """Create the follow-ups that come due before the horizon, a batch of customers at a time.

        Any number of planners may run at once: each takes rows no other has locked, and the
        unique index on the occurrence refuses whatever would come twice.
        """
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=1)
        while True:
            count = self._plan_batch()
            left = cron._commit_progress(count, remaining=int(count == BATCH))
            if count < BATCH or not left:
                return

    @api.model
    def _plan_batch(self):
        """Plan one batch and return how many customers it held."""
        try:
            enrollments = self._lock_due()
            enrollments._plan_safely()
            return len(enrollments)
        except psycopg2.errors.SerializationFailure:
            # Another planner changed these rows after this transaction began: look again.
            self.env.cr.rollback()
            self.env.invalidate_all()
            return BATCH

    @api.model
    def _lock_due(self):
        """Lock and return the next batch of rows to plan, skipping those others hold."""
        query = SQL(
            """SELECT id FROM customer_followup_enrollment
                WHERE state = 'active' AND date_next <= %s
                ORDER BY date_next LIMIT %s FOR NO KEY UPDATE SKIP LOCKED""",
            self._horizon(),
            BATCH,
        )
        # That another planner was faster is no error to log.
        self.env.cr.execute(query, log_exceptions=False)
        rows = self.env.cr.fetchall()
        return self.browse([row[0] for row in rows])

    def _plan_safely(self):
        """Plan all rows; park the one that cannot be planned, so that it holds up no other."""
        if not self:
            return
        try:
            with self.env.cr.savepoint():
                self._plan()
        except psycopg2.errors.SerializationFailure:
            raise
        except Exception as error:
            self.env.invalidate_all()
            if len(self) == 1:
                self._park(error)
                return
            half = len(self) // 2
            self[:half]._plan_safely()
            self[half:]._plan_safely()

    def _park(self, error):
        """Set the row aside, with the reason, until somebody mends it and retries."""
        self.write({"state": "stuck", "error": masking.error(error)})
        _logger.warning("Enrollment %s cannot be planned: %s", self.id, self.error)

    def _plan(self):
        """Create what is due before the horizon, and note when to look at each row again."""
        horizon, facts = self._horizon(), self._facts()
        due, later = [], {}
        for enrollment, dates in self._dates_to_plan(facts).items():
            due += [(enrollment, *date) for date in dates if date[1] <= horizon]
            later[enrollment] = min((date[1] for date in dates if date[1] > horizon), default=False)
        self.env["customer.followup"]._plan(due, facts)
        self._look_again(later)
        self._finish()

    def _look_again(self, moments):
        """Note when to look at each row of ``{row: naive UTC, or False for never}`` again."""
        # One statement: a write groups rows by moment, and nearly every row has its own.
        self.env.execute_query(
            SQL(
                """UPDATE customer_followup_enrollment AS enrollment SET date_next = new.moment
                     FROM unnest(%s, %s::timestamp[]) AS new(id, moment)
                    WHERE enrollment.id = new.id RETURNING enrollment.id""",
                [row.id for row in moments],
                [moment or None for moment in moments.values()],
                to_flush=self._fields["date_next"],
            )
        )
        self.invalidate_recordset(["date_next"], flush=False)

    def _dates_to_plan(self, facts):
        """Return ``{enrollment: [(step, planned, deadline)]}`` for steps not planned yet."""
        planned = set(
            self.env["customer.followup"]._read_group(
                [("enrollment_id", "in", self.ids)], ["enrollment_id", "step_id"]
            )
        )
        steps = self.plan_id.step_ids.grouped("plan_id")
        due = cache(lambda step, anchor, zone: step._due(anchor, zone))
        dates = {}
        for enrollment in self:
            zone = facts[enrollment].zone
            anchor = schedule.local_day(enrollment.date_anchor, zone)
            dates[enrollment] = [
                (step, *due(step, anchor, zone))
                for step in steps.get(enrollment.plan_id, ())
                if (enrollment, step) not in planned
            ]
        return dates

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
                "occurrence": 1,
                "state": PLANNED,
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

    def _finish(self):
        """Close rows on which nothing is left, neither to plan nor to do."""
        ended = self.sudo().filtered(lambda row: row.state == "active" and not row.date_next)
        if not ended:
            return
        # An agent ends a plan by his last contact without being allowed to edit enrollments.
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


class CustomerFollowup(models.Model):
    _inherit = "customer.followup"

    @api.model
    def _plan(self, due, facts):
        """Create one follow-up for each ``(enrollment, step, planned, deadline)`` of ``due``.

        :param facts: what the gate knows of the person of each enrollment
        """
        rows = self.env["customer.followup.enrollment"].union(*(one[0] for one in due))
        steps = self.env["customer.followup.step"].union(*(one[1] for one in due))
        by_row = rows._prepare_followup_vals()
        by_step = {step: step._prepare_followup_vals() for step in steps}
        # The gate gives the same answer on people of whom it knows the same.
        verdict = cache(
            lambda known, step, moment: known.verdict(
                step.plan_id.purpose_id, step.channel_id, moment
            )
        )
        vals_list = []
        for row, step, planned, deadline in due:
            vals = {
                **by_row[row],
                **by_step[step],
                "date_planned": planned,
                "date_deadline": deadline,
                "date_original": planned,
            }
            vals_list.append(self._through_gate(vals, verdict(facts[row], step, planned)))
        created = self.with_context(tracking_disable=True).create(vals_list)
        self.env["customer.contact.refusal"]._note(
            {
                followup: vals["close_code"]
                for followup, vals in zip(created, vals_list, strict=True)
                if vals["state"] == WITHHELD
            }
        )
        return created.with_env(self.env)

    @api.model
    def _through_gate(self, vals, verdict):
        """Return ``vals`` as the gate lets them pass: unchanged, later, or withheld."""
        if verdict.state == "blocked":
            return {**vals, "state": WITHHELD, "close_code": verdict.reason}
        if verdict.until:
            latest = max(vals["date_deadline"], verdict.until)
            return {**vals, "date_planned": verdict.until, "date_deadline": latest}
        return vals
