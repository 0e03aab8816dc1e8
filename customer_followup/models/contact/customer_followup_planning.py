from odoo import api, fields, models
from odoo.fields import Domain

from ...tools import schedule, worktime
from .batch_gate import BatchGate
from .customer_followup import DONE, MISSED, NOT_APPLICABLE, OPEN_STATES, PLANNED, WITHHELD

MAX_EXPIRED = 500


class CustomerFollowup(models.Model):
    """How the planner creates contacts, and which of them are late, expired or needless."""

    _inherit = "customer.followup"

    timeliness = fields.Selection(
        [("on_time", "On time"), ("late", "Late"), ("missed", "Not made")],
        compute="_compute_timeliness",
        store=True,
        help="Whether the contact was made by its due date. Empty while it is open, and if it was"
        " cancelled or withheld.",
    )
    late_days = fields.Integer(compute="_compute_late_days", help="Whole days since the due date.")
    late_days_unpaused = fields.Integer(
        string="Late days without pauses", compute="_compute_late_days"
    )

    @api.depends("state", "date_done", "date_due")
    def _compute_timeliness(self):
        for followup in self:
            if followup.state == DONE:
                is_late = followup.date_due and followup.date_done > followup.date_due
                followup.timeliness = "late" if is_late else "on_time"
            else:
                followup.timeliness = "missed" if followup.state == MISSED else False

    @api.depends("state", "date_due", "date_done", "paused_days")
    def _compute_late_days(self):
        now = fields.Datetime.now()
        for contact in self:
            end = now if contact.state in OPEN_STATES else contact.date_done or now
            late = max((end - contact.date_due).days, 0) if contact.date_due else 0
            contact.late_days = late
            contact.late_days_unpaused = max(late - contact.paused_days, 0)

    @api.model
    def _plan(self, due, facts):
        """Create the contacts of ``due`` that the gate allows, and withhold the others.

        :param due: a list of ``timetable.PlannedContact``
        :param facts: what the gate knows of the person of each enrollment
        :return: the enrollments of which a contact is closed already
        """
        if not due:
            return self.env["customer.followup.enrollment"]
        vals_list = self._due_vals(due, facts)
        ids = self._insert(vals_list)
        contacts = self.browse(ids)
        contacts._stand_in()
        # Of one recordset, so that they are read together.
        withheld = {
            contact: vals["close_code"]
            for contact, vals in zip(contacts, vals_list, strict=True)
            if vals["state"] == WITHHELD
        }
        self.env["customer.contact.refusal"]._note(withheld)
        ended = {vals["enrollment_id"] for vals in vals_list if vals["date_done"]}
        return self.env["customer.followup.enrollment"].sudo().browse(ended)

    @api.model
    def _due_vals(self, due, facts):
        """Return the values of the contacts of ``due``, with what the gate decides."""
        rows = self.env["customer.followup.enrollment"].union(*{one.row for one in due}).sudo()
        steps = self.env["customer.followup.step"].union(*{one.step for one in due}).sudo()
        by_row = rows._prepare_followup_vals()
        by_step = {step: step._prepare_followup_vals() for step in steps}
        roles = {step: step.role_ids.ids or [None] for step in steps}
        batch, now, vals_list = BatchGate(rows, facts, steps), fields.Datetime.now(), []
        # The most important contacts choose their day first.
        for one in sorted(due, key=lambda one: by_step[one.step]["priority"], reverse=True):
            row, step, when = one.row, one.step, one.occurrence
            common, own = by_row[row], by_step[step]
            vals = {
                **common,
                **own,
                "priority": max(common["priority"], own["priority"]),
                "occurrence": when.number,
                "state": one.state,
                "close_code": one.code,
                "moved_reason": when.reason or None,
                "date_planned": when.planned,
                "date_deadline": when.deadline,
                "date_original": when.planned,
                "date_due": when.deadline,
                "date_nominal": one.nominal or when.planned,
                "timeliness": "missed" if one.state == MISSED else None,
                "date_done": None if one.state == PLANNED else now,
                "date_expiry": step._expiry(when.deadline),
                "covered_count": one.covered_count,
            }
            for role_id in roles[step]:
                vals_list.append({**vals, "role_id": role_id})
                batch.pass_through(vals_list[-1], row, step)
        return vals_list

    @api.model
    def _expire_due(self):
        """Close contacts that have expired, such as late greetings, as missed."""
        over = (
            Domain("state", "in", OPEN_STATES)
            & Domain("date_expiry", "<", fields.Datetime.now())
            & Domain("error", "=", False)
            & Domain("is_paused", "=", False)
        )
        for contact in self.search(over, limit=MAX_EXPIRED):
            contact._run_one(lambda one: one._end(MISSED, "expired"), over)

    def _stand_in(self):
        """Give new contacts that come due during the absence of their agent to stand-ins."""
        absences = self.env["customer.absence"]._open_now().grouped("user_id")
        if not absences:
            return
        until = {user: max(one._last_moment() for one in some) for user, some in absences.items()}
        due = self.filtered(
            lambda one: (
                one.user_id in until
                and one.state in OPEN_STATES
                and one.date_deadline <= until[one.user_id]
                and not one.channel_id.is_automatic
            )
        )
        stand_ins = {user: some.stand_in_id[:1] for user, some in absences.items()}
        away = self.env["res.users"].union(*absences)
        due._give(due._substitutes(stand_ins, away), is_meanwhile=True)

    def _cover_others(self):
        """Count each contact made for a planned one of the same kind in the same period.

        If a plan asks for a number of contacts a month, one made otherwise counts as well.
        """
        made = self.sudo().filtered(lambda one: one.state == DONE and one.outcome_id.is_reached)
        if not made:
            return
        # The agent need not see the contacts of other agents that this one covers.
        pending = made.search(
            Domain("commercial_partner_id", "in", made.commercial_partner_id.ids)
            & Domain("state", "=", PLANNED)
            & Domain("step_id.repeat", "=", "period"),
            order="date_planned",
        )
        for contact in made:
            other = pending.filtered(contact._covers)[:1]
            other._end(NOT_APPLICABLE, "satisfied")
            pending -= other

    def _covers(self, other):
        """Say whether this contact counts for another that is planned in the same period."""
        is_own = self.enrollment_id == other.enrollment_id and (
            self.step_id._root() == other.step_id._root()
        )
        if is_own or self.channel_id.kind != other.channel_id.kind:
            return False
        if self.company_id != other.company_id:
            return False
        zone = other.partner_id._customer_zone(other.company_id)
        days = (self.date_done, other.date_nominal or other.date_planned)
        starts = [
            schedule.period_start(worktime.local_day(day, zone), other.step_id.period)
            for day in days
        ]
        return starts[0] == starts[1]
