from datetime import timedelta
from functools import cached_property

from odoo import api, fields, models
from odoo.fields import Domain

from ...tools import schedule, worktime
from ..plan.customer_followup_enrollment_change import COLLAPSE, SHIFT
from ..plan.customer_followup_step import TARGET
from .customer_followup import CANCELLED, DONE, MISSED, NOT_APPLICABLE, OPEN_STATES, PLANNED
from .timetable import PASSED, Timetable


class CustomerFollowupEnrollment(models.Model):
    """What happens to pending contacts when the start, the version or the pace changes."""

    _inherit = "customer.followup.enrollment"

    def _pending(self):
        """Return the contacts not made yet."""
        return self.followup_ids.filtered(lambda followup: followup.state in OPEN_STATES)

    def _stop(self, code, note=None):
        result = super()._stop(code, note)
        # Contacts of the plan that were handed to others stop with it.
        pending = self.sudo()._pending()
        pending.is_paused = False
        pending._end(CANCELLED, "stopped")
        return result

    def _move(self):
        """Give pending contacts their dates anew, unless somebody agreed on them."""
        # Dates follow the person's zone, who need not be open to whoever corrects a start.
        rows = self.sudo()
        timetable = MovingTimetable(rows, rows._facts())
        for contact in rows._pending().filtered(lambda one: one.state == PLANNED):
            if contact.step_id and not contact.is_agreed:
                timetable.move(contact)
        timetable.settle()
        return super()._move()

    def _change_version(self, version):
        """Let pending contacts become those of the same step in the other version."""
        # A manager moves everybody; what he may not see is on the plan as well.
        rows = self.sudo()
        steps = {step._root(): step for step in version.step_ids}
        for contact in rows._pending():
            step = steps.get(contact.step_id._root())
            if step:
                vals = step._prepare_followup_vals()
                # How to reach him, and how much he counts, was decided already.
                vals["channel_id"] = contact.channel_id.id
                vals["priority"] = max(vals["priority"], contact.priority)
                contact.write({"step_id": step.id, **vals})
            else:
                contact._end(CANCELLED, "changed")
        return super()._change_version(version)

    def _pause(self, mode=SHIFT, note=None, until=None):
        result = super()._pause(mode, note, until)
        # That its plan is paused is a fact, which nobody writes by hand.
        pending = self.sudo()._pending()
        pending.filtered(lambda one: not one.step_id.is_statutory).is_paused = True
        # What the law requires is planned all the same.
        self._wake()
        return result

    def _resume(self):
        rows = self.sudo()
        timetable = MovingTimetable(rows, rows._facts())
        lengths = {row: row._pause_length(timetable.now) for row in rows}
        paused = rows._pending().filtered("is_paused")
        paused.is_paused = False
        result = super()._resume()
        for row, contacts in paused.grouped("enrollment_id").items():
            late = contacts.filtered(lambda one, row=row: one.date_deadline < row.date_paused)
            for contact in late:
                contact.paused_days += lengths[row]
            if row.pause_mode == COLLAPSE:
                timetable.catch_up(contacts - late)
            else:
                for contact in (contacts - late).filtered(lambda one: not one.is_agreed):
                    timetable.put_off(contact, lengths[row])
        timetable.settle()
        return result


class MovingTimetable(Timetable):
    """A timetable by which pending contacts are moved."""

    @cached_property
    def _moved(self):
        return self.env["customer.followup"]

    def settle(self):
        """Ask the gate about all contacts that were moved."""
        verdicts = self._moved._gate(is_planned=True)
        for contact in self._moved:
            if verdicts[contact.id].until:
                contact._put_off(verdicts[contact.id].until)

    def move(self, contact):
        """Give a contact its date by the plan as it is now; it stays while the plan knows none."""
        line, term = self._where(contact)
        if not self.frame(line, term):
            return
        one = self.occurrence(line, term, contact)
        if one:
            self._place(contact, line, one)
        else:
            contact._end(CANCELLED, "changed")

    def put_off(self, contact, days):
        """Let a contact come so many of the customer's days later."""
        line, term = self._where(contact)
        if term.anchor == TARGET:
            # A pause does not put off what the target counts back from.
            self.move(contact)
            return
        nominal = contact.date_nominal or contact.date_planned
        moment = nominal if term.pattern.offset.is_elapsed else self.day(line, nominal)
        moment += timedelta(days=days)
        frame = self.frame(line, term)
        one = frame and schedule.placed(term.pattern, frame, contact.occurrence, moment)
        if one and one.day(line.zone) <= schedule.last_day(term.pattern, frame):
            self._place(contact, line, one)
        else:
            contact._end(CANCELLED, "changed")

    def catch_up(self, contacts):
        """Let contacts whose time went by be due today: of a series the last, the others missed."""
        for _step, series in contacts.grouped("step_id").items():
            gone = series.filtered(lambda one: one.date_deadline < self.now)
            *earlier, last = gone.sorted("occurrence") or [series.browse()]
            for contact in earlier:
                contact._end(MISSED, "paused")
            for contact in last:
                self._make_up(contact)

    def _where(self, contact):
        """Return the line of a contact, and the term of the step it belongs to by now."""
        line, root = self.lines[contact.enrollment_id], contact.step_id._root().id
        return line, next(term for term in self.terms[line.version] if term.root == root)

    def _place(self, contact, line, one):
        """Write the dates of an occurrence; where they are past, as the plan says."""
        was_late = contact.date_due and contact.date_due < self.now
        contact.write(
            {
                "date_planned": one.planned,
                "date_deadline": one.deadline,
                "date_due": one.deadline,
                "date_nominal": one.planned,
                "date_expiry": contact.step_id._expiry(one.deadline) or False,
                "moved_reason": one.reason or False,
                "is_agreed": False,
            }
        )
        if one.deadline < self.now:
            policy = line.row.plan_id.past_policy
            if policy == "skip":
                # What was late before was the agent's to make.
                contact._end(*((MISSED, "changed") if was_late else (NOT_APPLICABLE, PASSED)))
            elif policy != "keep":
                self._make_up(contact)
            return
        self._moved |= contact

    def _make_up(self, contact):
        """Let a contact be due until tonight."""
        tonight = self.tonight(self.lines[contact.enrollment_id])
        contact.write(
            {
                "date_planned": self.now,
                "date_deadline": tonight,
                "date_due": tonight,
                "is_agreed": False,
            }
        )


class CustomerFollowup(models.Model):
    _inherit = "customer.followup"

    late_days = fields.Integer(
        compute="_compute_late_days", help="Whole days since it was to be made at the latest."
    )
    late_days_unpaused = fields.Integer(
        string="Late days without pauses", compute="_compute_late_days"
    )

    @api.depends("state", "date_due", "date_done", "paused_days")
    def _compute_late_days(self):
        now = fields.Datetime.now()
        for contact in self:
            end = now if contact.state in OPEN_STATES else contact.date_done or now
            late = max((end - contact.date_due).days, 0) if contact.date_due else 0
            contact.late_days = late
            contact.late_days_unpaused = max(late - contact.paused_days, 0)

    def _put_off(self, moment):
        """Let contacts begin at ``moment`` (naive UTC), which nobody chose, and end no earlier."""
        for contact in self:
            contact.write(
                {
                    "date_planned": moment,
                    "date_deadline": max(contact.date_deadline, moment),
                    "date_due": max(contact.date_due, moment),
                    "is_agreed": contact.is_agreed,
                }
            )

    def _stand_for_others(self):
        """Let each contact made stand for one planned of the same kind in the same period.

        Where a plan asks for so many contacts a month, one more makes another needless.
        """
        made = self.sudo().filtered(lambda one: one.state == DONE and one.outcome_id.is_reached)
        if not made:
            return
        # Whoever made the contact need not see those of others it stands for.
        pending = made.search(
            Domain("commercial_partner_id", "in", made.commercial_partner_id.ids)
            & Domain("state", "=", PLANNED)
            & Domain("step_id.repeat", "=", "period"),
            order="date_planned",
        )
        for contact in made:
            other = pending.filtered(contact._stands_for)[:1]
            other._end(NOT_APPLICABLE, "satisfied")
            pending -= other

    def _stands_for(self, other):
        """Say whether this contact makes another, planned in the same period, needless."""
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
