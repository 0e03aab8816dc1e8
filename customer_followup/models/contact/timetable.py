from datetime import timedelta
from functools import cached_property
from typing import NamedTuple

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools import schedule, worktime
from ..plan.customer_followup_enrollment import PAUSED
from ..plan.customer_followup_step import PREVIOUS, START
from .customer_followup import DONE, MISSED, NOT_APPLICABLE, PLANNED

YEAR = 366
# Why a contact was left out: its time had passed when its date became known.
PASSED = "passed"


class EnrollmentState(NamedTuple):
    """What counts of one enrollment, read once: its zone, dates and delay.

    :param known: since when the dates are known, naive UTC
    """

    row: object
    id: int
    version: object
    zone: str
    workdays: object
    anchor: object
    target: object
    known: object
    delay: int
    is_paused: bool


class StepSpec(NamedTuple):
    """What counts of one step, read once.

    :param root: id of the step of the first version it goes on with
    :param before: the step it waits for, or ``None``
    :param is_asked: whether a condition decides, which is known on the day only
    """

    step: object
    id: int
    root: int
    pattern: schedule.Pattern
    anchor: str
    before: object
    has_target: bool
    is_asked: bool
    is_statutory: bool
    days_late: int | None


class StepHistory(NamedTuple):
    """What came of a step for one customer so far.

    :param number: of the last contact
    :param ended: when the last one ended, naive UTC, or ``None``
    :param passed: when the last one ended or, left out because its time had passed, was due
    :param is_open: whether one is still to be made
    """

    number: int = 0
    ended: object = None
    passed: object = None
    is_open: bool = False


class PlannedContact(NamedTuple):
    """One contact to be planned: of which row and step, when, and in which state it begins.

    :param stands_for: how many contacts it stands for, after a standstill too long to tell each
    :param nominal: when the plan says, where it is made up for on another day
    """

    row: object
    step: object
    occurrence: object
    state: str
    code: str | None
    stands_for: int
    nominal: object = None


NOTHING, WAITING, OVER = StepHistory(), schedule.Upcoming(), schedule.Upcoming(is_over=True)


class Timetable:
    """When the steps of some enrollments are due: a fixed number of queries for all of them.

    :param rows: enrollments, in sudo
    :param facts: ``{row: what the gate knows of its person}``
    """

    def __init__(self, rows, facts):
        self.env, self.rows = rows.env, rows
        self.now = fields.Datetime.now()
        self.ahead = rows._horizon() - self.now
        self.terms = {
            version: [_term(step, befores) for step in version._ordered_steps()]
            for version in rows.version_id
            for befores in [version._befores()]
        }
        self.by_step = {term.step: term for terms in self.terms.values() for term in terms}
        workdays = self._read_workdays()
        self.lines = {row: _line(row, facts[row].zone, workdays[row]) for row in rows}
        self.past = self._read_past()
        self._days, self._tonight, self._found, self._spare = {}, {}, {}, {}

    # Facts, read once

    def _read_past(self):
        """Return what came of each step so far: ``{(enrollment id, root step id): StepHistory}``.

        A contact that was not made, such as one withheld, ends on its own day at the earliest.
        """
        query = SQL(
            """SELECT followup.enrollment_id, COALESCE(step.origin_id, step.id),
                      max(followup.occurrence),
                      max(CASE WHEN followup.state IN ('done', 'planned', 'waiting')
                               THEN followup.date_done
                               ELSE GREATEST(followup.date_done, followup.date_nominal) END),
                      max(CASE WHEN followup.state IN ('done', 'planned', 'waiting')
                               THEN followup.date_done
                               WHEN followup.close_code = %s THEN followup.date_deadline
                               ELSE GREATEST(followup.date_done, followup.date_nominal) END),
                      bool_or(followup.state IN ('planned', 'waiting'))
                 FROM customer_followup AS followup
                 JOIN customer_followup_step AS step ON step.id = followup.step_id
                WHERE followup.enrollment_id = ANY(%s)
                GROUP BY 1, 2""",
            PASSED,
            self.rows.ids,
        )
        self.env["customer.followup"].flush_model()
        return {
            (row_id, root): StepHistory(number, ended, passed, is_open)
            for row_id, root, number, ended, passed, is_open in self.env.execute_query(query)
        }

    def _read_workdays(self):
        """Return the working days of each row's team or company, where a step asks for them."""
        if all(term.pattern.policy == "none" for term in self.by_step.values()):
            return dict.fromkeys(self.rows, worktime.Workdays())
        workdays = {}
        for (calendar, company), rows in self.rows.grouped(
            lambda row: (row.team_id.calendar_id, row.company_id)
        ).items():
            found = self.env["customer.workday"]._workdays(calendar, company)
            workdays |= dict.fromkeys(rows, found)
        return workdays

    def _matching(self, field, is_without_record):
        """Return the rows whose record matches the condition ``field`` of each step that has one.

        :param is_without_record: whether it holds for rows that have no such record
        """
        matching = {}
        for version, rows in self.rows.grouped("version_id").items():
            for step in version.step_ids.filtered(field):
                by_record, without = self._records(version.plan_id.model_name, rows, step)
                model = self.env[version.plan_id.model_name].with_context(active_test=False)
                domain = step._condition(step[field], model)
                found = model.search(domain & Domain("id", "in", list(by_record)))
                matching[step] = {row for record in found for row in by_record[record.id]}
                matching[step] |= without if is_without_record else set()
        return matching

    def _records(self, model_name, rows, step):
        """Return the rows by the id of their record of a model, and those that have none."""
        if model_name not in self.env:
            raise ValidationError(
                self.env._(
                    "%(step)s: its condition is about %(model)s, whose app is not installed.",
                    step=step.name,
                    model=model_name,
                )
            )
        by_record, without = {}, set()
        for row in rows:
            record_id = row.res_id if row.res_model == model_name else None
            if model_name == "res.partner":
                record_id = row.commercial_partner_id.id
            if record_id:
                by_record.setdefault(record_id, []).append(row)
            else:
                without.add(row)
        return by_record, without

    @cached_property
    def stopped(self):
        """Return the rows whose series is over, by the step whose stop condition holds."""
        return self._matching("stop_condition", is_without_record=False)

    @cached_property
    def _meeting(self):
        return self._matching("condition", is_without_record=True)

    # Time

    def day(self, line, moment):
        """Return the day a moment (naive UTC) falls on for the customer."""
        key = moment, line.zone
        if key not in self._days:
            self._days[key] = worktime.local_day(*key)
        return self._days[key]

    def tonight(self, line):
        """Return the end of the customer's day, naive UTC."""
        if line.zone not in self._tonight:
            today = worktime.local_day(self.now, line.zone)
            self._tonight[line.zone] = worktime.end_of_local_day(today, line.zone)
        return self._tonight[line.zone]

    def _until(self, line, term):
        """Return until when contacts of a step are planned ahead."""
        return self.tonight(line) if term.is_asked else self.now + self.ahead

    def _start(self, line, term):
        """Return the moment a step counts from, or ``None`` while it waits for one."""
        if term.anchor == START:
            return line.anchor
        if term.anchor != PREVIOUS:
            return line.target
        before = self.by_step[term.before]
        past = self.of(line, before)
        is_over = past.number and not past.is_open
        if is_over and before.pattern.repeat != "none":
            is_over = self.upcoming(line, before).is_over
        if not is_over:
            return None
        return past.passed + timedelta(days=self._paused_since(line, past.passed))

    def frame(self, line, term):
        """Return in whose time a step is read, or ``None`` while it waits for something."""
        start = self._start(line, term)
        if not start or (term.has_target and not line.target):
            return None
        return schedule.Context(
            start if term.pattern.offset.is_elapsed else self.day(line, start),
            line.zone,
            line.workdays,
            self.day(line, line.target) if term.has_target else None,
            line.delay if term.anchor == START and not term.is_statutory else 0,
        )

    # What is due

    def of(self, line, term):
        """Return the :class:`StepHistory` of a step for one customer."""
        return self.past.get((line.id, term.root), NOTHING)

    def upcoming(self, line, term):
        """Return the :class:`schedule.Upcoming` contacts of a step."""
        if line.is_paused and not term.is_statutory:
            return WAITING
        if term.is_asked and line.row in self.stopped.get(term.step, ()):
            return OVER
        frame = self.frame(line, term)
        if not frame:
            return WAITING
        past = self.of(line, term)
        if term.pattern.is_chained:
            return self._upcoming_chained(line, term, frame, past)
        # Most customers share their dates with others.
        key = term.id, frame, past.number
        if key not in self._found:
            self._found[key] = schedule.upcoming(
                term.pattern, frame, past.number, self.now, self._until(line, term)
            )
        return self._found[key]

    def _upcoming_chained(self, line, term, frame, past):
        if past.is_open:
            return WAITING
        # One left out counts as ended when that was noted: the next lies ahead, not in the past.
        reference, until = self._reference(line, past.ended), self._until(line, term)
        opening = schedule.opens(term.pattern, frame)
        start = reference or schedule.shift(frame.day, term.pattern.offset)
        if opening and start < opening <= self.day(line, self.now):
            reference = opening
        return schedule.upcoming_chained(term.pattern, frame, past.number, reference, until)

    def _reference(self, line, ended):
        """Return the customer's day the last contact ended; a pause since then does not count."""
        if not ended:
            return None
        return self.day(line, ended) + timedelta(days=self._paused_since(line, ended))

    def _paused_since(self, line, moment):
        """Return by how many days pauses since a moment (naive UTC) put everything off."""
        days = 0
        for start, end, is_shifted in line.row.pauses or ():
            first, last = (fields.Datetime.to_datetime(text) for text in (start, end))
            if is_shifted and moment < last:
                days += (self.day(line, last) - self.day(line, max(first, moment))).days
        return days

    def due(self, line, term, found):
        """Yield a :class:`PlannedContact` for each contact of a step to plan now.

        Of those that are left out because their time had passed, one stands for all.
        """
        left_out, count = None, 0
        for place, one in enumerate(found.due):
            stands_for = found.earlier + 1 if place == 0 else 1
            state, code = self._state(line, term, one, found)
            if code == PASSED:
                left_out, count = one, count + stands_for
                continue
            made = self._made_up(line, one) if state == PLANNED else one
            yield PlannedContact(line.row, term.step, made, state, code, stands_for, one.planned)
        if left_out:
            yield PlannedContact(line.row, term.step, left_out, NOT_APPLICABLE, PASSED, count)

    def _state(self, line, term, one, found):
        """Return in which state a contact begins, and why."""
        has_passed = one.deadline < line.known
        is_missed = one.number in found.missed
        if is_missed and not has_passed:
            return MISSED, "paused" if self._is_in_pause(line, one) else "not_planned"
        is_expired = term.days_late is not None and (
            one.deadline + timedelta(term.days_late) < self.now
        )
        if is_expired and not has_passed:
            return MISSED, "expired"
        is_left_out = has_passed and (
            is_missed or is_expired or not line.row.plan_id._makes_up(one.deadline, line.known)
        )
        # Whether a condition holds is asked for what would be made only.
        if not is_left_out and self._is_unmet(line, term):
            return NOT_APPLICABLE, "condition"
        if term.pattern.repeat == "period" and self._is_satisfied(line, term, one):
            return NOT_APPLICABLE, "satisfied"
        return (NOT_APPLICABLE, PASSED) if is_left_out else (PLANNED, None)

    def _is_unmet(self, line, term):
        return term.is_asked and term.step.condition and line.row not in self._meeting[term.step]

    def _made_up(self, line, one):
        """Return when a contact is made: one whose time had passed is due until tonight."""
        if one.deadline >= line.known:
            return one
        policy = line.row.plan_id.past_policy
        if policy == "keep":
            return one
        # What is a day late keeps its beginning: only its last day is over.
        planned = self.now if policy == "today" else one.planned
        return one._replace(planned=planned, deadline=self.tonight(line))

    def _is_in_pause(self, line, one):
        return any(
            fields.Datetime.to_datetime(start) <= one.planned < fields.Datetime.to_datetime(end)
            for start, end, _is_shifted in line.row.pauses or ()
        )

    def next_look(self, line, term, found):
        """Return when the planner must look at a step again, or ``None``."""
        if found.later:
            return self._look(line, term, found.later)
        if term.pattern.repeat != "remaining" or found.due or found.is_over:
            return None
        frame = self.frame(line, term)
        opens = schedule.opens(term.pattern, frame) if frame else None
        moment = opens and worktime.at_local(opens, 0, line.zone)
        return moment if moment and moment > self.now else None

    def _look(self, line, term, one):
        """Return when a contact that need not be planned yet must be looked for."""
        if term.is_asked:
            return worktime.at_local(self.day(line, one.planned), 0, line.zone)
        return one.planned - self.ahead

    def occurrence(self, line, term, followup):
        """Return the :class:`schedule.Occurrence` of a pending contact as its row says now.

        ``None`` where the step leaves that day out, or no longer has such a contact.
        """
        frame, pattern = self.frame(line, term), term.pattern
        if not frame:
            return None
        if pattern.is_chained:
            # Of a chain no other is open, so the last to end is the one before.
            ended = self.of(line, term).ended if followup.occurrence > 1 else None
            reference = self._reference(line, ended)
            return schedule.chained_occurrence(pattern, frame, followup.occurrence, reference)
        one = schedule.occurrence(pattern, frame, followup.occurrence)
        is_out = one and schedule.last_day(pattern, frame) < one.day(line.zone)
        return None if is_out else one

    # Contacts made otherwise

    def _is_satisfied(self, line, term, one):
        """Say whether another contact of the period stands for this one."""
        start = schedule.period_start(one.day(line.zone), term.pattern.period)
        key = line.id, term.id, start
        if key not in self._spare:
            self._spare[key] = self._others(line, term, start)
        self._spare[key] -= 1
        return self._spare[key] >= 0

    def _others(self, line, term, start):
        """Count contacts of the same kind made with the customer in a period, not of this step."""
        end = schedule.shift(start, schedule.Span(1, term.pattern.period))
        kind, count = term.step.channel_id.kind, 0
        for contact in self._made.get((line.row.commercial_partner_id, line.row.company_id), ()):
            is_own = contact.enrollment_id == line.row and (contact.step_id._root().id == term.root)
            if contact.state == DONE:
                fits = start <= self.day(line, contact.date_done) < end
                count += not is_own and fits and contact.channel_id.kind == kind
            elif is_own and start <= self.day(line, contact.date_nominal) < end:
                # One of them stood for this already.
                count -= 1
        return count

    @cached_property
    def _made(self):
        """Return contacts made, or taken as made, in the last year by customer and company."""
        since = self.now - timedelta(days=YEAR)
        made = Domain("state", "=", DONE) & Domain("outcome_id.is_reached", "=", True)
        made &= Domain("date_done", ">=", since)
        taken = Domain("close_code", "=", "satisfied") & Domain("date_nominal", ">=", since)
        found = self.env["customer.followup"].search(
            Domain("commercial_partner_id", "in", self.rows.commercial_partner_id.ids)
            & (made | taken)
        )
        return found.grouped(lambda one: (one.commercial_partner_id, one.company_id))


def _line(row, zone, workdays):
    return EnrollmentState(
        row,
        row.id,
        row.version_id,
        zone,
        workdays,
        row.date_anchor,
        row.date_target,
        row.date_known,
        row.delay_days,
        row.state == PAUSED,
    )


def _term(step, befores):
    return StepSpec(
        step,
        step.id,
        step._root().id,
        step._pattern(),
        step.anchor,
        befores.get(step),
        step._has_target(),
        bool(step.condition or step.stop_condition),
        step.is_statutory,
        step.expire_days if step.is_expiring else None,
    )
