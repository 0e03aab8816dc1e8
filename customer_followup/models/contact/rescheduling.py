from datetime import timedelta
from functools import cached_property

from ...tools import schedule
from ..plan.customer_followup_step import TARGET
from .customer_followup import CANCELLED, MISSED, NOT_APPLICABLE
from .timetable import PASSED, Timetable


class Rescheduling(Timetable):
    """A timetable by which open contacts are moved when an enrollment changes."""

    @cached_property
    def _moved(self):
        return self.env["customer.followup"]

    def finish(self):
        """Ask the gate about all contacts that were moved."""
        verdicts = self._moved._gate(is_planned=True)
        for contact in self._moved:
            verdict = verdicts[contact.id]
            if verdict.until:
                contact._postpone(verdict.until, verdict.reason)

    def move(self, contact):
        """Give a contact its date by the present plan; it stays while the plan knows none."""
        entry, spec = self._where(contact)
        if not self.context(entry, spec):
            return
        one = self.occurrence(entry, spec, contact)
        if one:
            self._place(contact, entry, one)
        else:
            contact._end(CANCELLED, "changed")

    def follow(self, contact):
        """Move a contact if the plan gives it another date than before."""
        entry, spec = self._where(contact)
        if not self.context(entry, spec):
            return
        one = self.occurrence(entry, spec, contact)
        if not one:
            contact._end(CANCELLED, "changed")
        elif one.planned != contact.date_nominal or (
            one.planned == contact.date_planned and one.deadline != contact.date_deadline
        ):
            self._place(contact, entry, one)

    def postpone(self, contact, days):
        """Move a contact by so many of the customer's days."""
        entry, spec = self._where(contact)
        if spec.anchor == TARGET:
            # A pause does not move what counts back from the target date.
            self.move(contact)
            return
        nominal = contact.date_nominal or contact.date_planned
        moment = nominal if spec.pattern.offset.is_elapsed else self.day(entry, nominal)
        moment += timedelta(days=days)
        context = self.context(entry, spec)
        one = context and schedule.placed(spec.pattern, context, contact.occurrence, moment)
        if one and one.day(entry.zone) <= schedule.last_day(spec.pattern, context):
            self._place(contact, entry, one)
        else:
            contact._end(CANCELLED, "changed")

    def make_up(self, contacts):
        """Make overdue contacts due today: the last of each series; the others are missed."""
        for _step, series in contacts.grouped("step_id").items():
            overdue = series.filtered(lambda one: one.date_deadline < self.now)
            *earlier, last = overdue.sorted("occurrence") or [series.browse()]
            for contact in earlier:
                contact._end(MISSED, "paused")
            for contact in last:
                self._make_due_today(contact)

    def _where(self, contact):
        """Return the entry of a contact, and the spec of its step in the present version."""
        entry, root = self.entries[contact.enrollment_id], contact.step_id._root().id
        return entry, next(spec for spec in self.specs[entry.version] if spec.root == root)

    def _place(self, contact, entry, one):
        """Set the dates of an occurrence; if they are past, do what the plan says."""
        was_late = contact.date_due and contact.date_due < self.now
        contact._schedule(
            one.planned,
            one.deadline,
            date_nominal=one.planned,
            date_expiry=contact.step_id._expiry(one.deadline) or False,
            moved_reason=one.reason or False,
        )
        if one.deadline < self.now:
            policy = entry.row.plan_id.past_policy
            if policy == "skip":
                # A contact that was overdue before was the agent's to make.
                contact._end(*((MISSED, "changed") if was_late else (NOT_APPLICABLE, PASSED)))
            elif policy != "keep":
                self._make_due_today(contact)
            return
        self._moved |= contact

    def _make_due_today(self, contact):
        contact._schedule(self.now, self.tonight(self.entries[contact.enrollment_id]))
