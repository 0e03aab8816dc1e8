from datetime import timedelta
from functools import cached_property
from typing import NamedTuple

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools import schedule, worktime
from ..plan.customer_followup_enrollment import PAUSED
from ..plan.customer_followup_enrollment_change import SHIFT
from ..plan.customer_followup_step import PREVIOUS, START
from .customer_followup import DONE, MISSED, NOT_APPLICABLE, PLANNED

YEAR = 366


class Past(NamedTuple):
    """What came of a step for one customer so far.

    :param number: of the last contact
    :param ended: when the last one ended, naive UTC, or ``None``
    :param is_open: whether one is still to be made
    """

    number: int = 0
    ended: object = None
    is_open: bool = False


NOTHING = Past()


class Due(NamedTuple):
    """One contact to be planned: of which row and step, when, and in which state it begins.

    :param stands_for: how many contacts it stands for, after a standstill too long to tell each
    """

    row: object
    step: object
    occurrence: object
    state: str
    code: str | None
    stands_for: int


class Timetable:
    """When the steps of some enrollments are due: a fixed number of queries for all of them.

    :param rows: enrollments, in sudo
    :param facts: ``{row: what the gate knows of its person}``
    """

    def __init__(self, rows, facts):
        self.env, self.rows, self.facts = rows.env, rows, facts
        self.now = fields.Datetime.now()
        self.horizon = rows._horizon()
        self.steps = {version: version._ordered_steps() for version in rows.version_id}
        self.patterns = {step: step._pattern() for steps in self.steps.values() for step in steps}
        self.roots = {step: step._root().id for step in self.patterns}
        self.past = self._read_past()
        self.workdays = self._read_workdays()
        self.stopped = self._matching("stop_condition", is_without_record=False)
        self._days, self._tonight, self._found, self._spare = {}, {}, {}, {}

    # Facts, read once

    def _read_past(self):
        """Return what came of each step so far: ``{(enrollment id, root step id): Past}``."""
        query = SQL(
            """SELECT followup.enrollment_id, COALESCE(step.origin_id, step.id),
                      max(followup.occurrence), max(followup.date_done),
                      bool_or(followup.state IN ('planned', 'waiting'))
                 FROM customer_followup AS followup
                 JOIN customer_followup_step AS step ON step.id = followup.step_id
                WHERE followup.enrollment_id = ANY(%s)
                GROUP BY 1, 2""",
            self.rows.ids,
        )
        self.env["customer.followup"].flush_model()
        return {
            (row_id, root): Past(number, ended, is_open)
            for row_id, root, number, ended, is_open in self.env.execute_query(query)
        }

    def _read_workdays(self):
        """Return the working days of each row's team or company, where a step asks for them."""
        every = worktime.Workdays()
        if all(pattern.policy == "none" for pattern in self.patterns.values()):
            return dict.fromkeys(self.rows, every)
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
            for step in self.steps[version].filtered(field):
                by_record, without = self._records(version.plan_id.model_name, rows, step)
                model = self.env[version.plan_id.model_name].with_context(active_test=False)
                domain = step._condition(step[field], model)
                found = model.search(domain & _among(by_record))
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

    def meets(self, step, row):
        """Say whether the condition of a step holds for a row now."""
        if not step.condition:
            return True
        return row in self._meeting[step]

    @cached_property
    def _meeting(self):
        return self._matching("condition", is_without_record=True)

    # Time

    def day(self, row, moment):
        """Return the day a moment (naive UTC) falls on for the customer of a row."""
        key = moment, self.facts[row].zone
        if key not in self._days:
            self._days[key] = worktime.local_day(*key)
        return self._days[key]

    def tonight(self, row):
        """Return the end of the customer's day, naive UTC."""
        zone = self.facts[row].zone
        if zone not in self._tonight:
            today = worktime.local_day(self.now, zone)
            self._tonight[zone] = worktime.end_of_local_day(today, zone)
        return self._tonight[zone]

    def until(self, row, step):
        """Return until when contacts of a step are planned ahead.

        Whether a condition holds is known on the day only.
        """
        is_asked = step.condition or step.stop_condition
        return self.tonight(row) if is_asked else self.horizon

    def look(self, row, step, one):
        """Return when to look for a contact that need not be planned yet."""
        if step.condition or step.stop_condition:
            zone = self.facts[row].zone
            return worktime.at_local(worktime.local_day(one.planned, zone), 0, zone)
        return one.planned - (self.horizon - self.now)

    def frame(self, row, step):
        """Return in whose time a step is read, or ``None`` while it waits for something."""
        moment = self._anchor(row, step)
        if not moment:
            return None
        pattern = self.patterns[step]
        target = None
        if step._has_target():
            if not row.date_target:
                return None
            target = self.day(row, row.date_target)
        return schedule.Frame(
            moment if pattern.offset.is_elapsed else self.day(row, moment),
            self.facts[row].zone,
            self.workdays[row],
            target,
            0 if step.is_statutory else row.delay_days,
        )

    def _anchor(self, row, step):
        if step.anchor == START:
            return row.date_anchor
        if step.anchor != PREVIOUS:
            return row.date_target
        before = step._before()
        past = self.of(row, before)
        is_over = past.number and not past.is_open
        if is_over and self.patterns[before].repeat != "none":
            is_over = self.upcoming(row, before).is_over
        return past.ended if is_over else None

    # What is due

    def of(self, row, step):
        """Return the :class:`Past` of a step for one customer."""
        return self.past.get((row.id, self.roots[step]), NOTHING)

    def upcoming(self, row, step):
        """Return the :class:`schedule.Upcoming` contacts of a step."""
        if row.state == PAUSED and not step.is_statutory:
            return schedule.Upcoming()
        if row in self.stopped.get(step, ()):
            return schedule.Upcoming(is_over=True)
        frame = self.frame(row, step)
        if not frame:
            return schedule.Upcoming()
        past, pattern = self.of(row, step), self.patterns[step]
        if pattern.is_chained:
            return self._upcoming_chained(row, step, frame, past)
        # Most customers share their dates with others.
        key = step.id, frame, past.number, self.until(row, step)
        if key not in self._found:
            self._found[key] = schedule.upcoming(
                pattern, frame, past.number, self.now, self.until(row, step)
            )
        return self._found[key]

    def due(self, row, step, found):
        """Yield a :class:`Due` for each contact of a step to plan now."""
        for place, one in enumerate(found.due):
            stands_for = found.earlier + 1 if place == 0 else 1
            state, code = self._state(row, step, one, found)
            yield Due(row, step, one, state, code, stands_for)

    def _state(self, row, step, one, found):
        """Return in which state a contact begins, and why."""
        if one.number in found.missed:
            in_pause = row.date_resumed and row.date_paused <= one.planned < row.date_resumed
            return MISSED, "paused" if in_pause else "not_planned"
        if step.is_expiring and one.deadline + timedelta(days=step.expire_days) < self.now:
            return MISSED, "expired"
        if not self.meets(step, row):
            return NOT_APPLICABLE, "condition"
        if step.repeat == "period" and self._is_satisfied(row, step, one):
            return NOT_APPLICABLE, "satisfied"
        return PLANNED, None

    def next_look(self, row, step, found):
        """Return when the planner must look at a step again, or ``None``."""
        if found.later:
            return self.look(row, step, found.later)
        if step.repeat != "remaining" or found.due or found.is_over:
            return None
        frame = self.frame(row, step)
        opens = (
            frame and not self.of(row, step).is_open and schedule.opens(self.patterns[step], frame)
        )
        if not opens:
            return None
        moment = worktime.at_local(opens, 0, frame.zone)
        return moment if moment > self.now else None

    # Contacts somebody else made

    def _is_satisfied(self, row, step, one):
        """Say whether another contact of the period stands for this one."""
        zone = self.facts[row].zone
        start = schedule.period_start(one.day(zone), step.period)
        key = row, step, start
        if key not in self._spare:
            self._spare[key] = self._others(row, step, start)
        self._spare[key] -= 1
        return self._spare[key] >= 0

    def _others(self, row, step, start):
        """Count contacts of the same kind made with the customer in a period, not of this step."""
        end = schedule.shift(start, schedule.Span(1, step.period))
        kind = step.channel_id.kind
        count = 0
        for contact in self._made.get((row.commercial_partner_id, row.company_id), ()):
            is_own = contact.enrollment_id == row and (
                contact.step_id and contact.step_id._root().id == self.roots[step]
            )
            if contact.state == DONE:
                fits = start <= self.day(row, contact.date_done) < end
                count += not is_own and fits and contact.channel_id.kind == kind
            elif is_own:
                # It stood for one already.
                count -= start <= self.day(row, contact.date_nominal) < end
        return count

    @cached_property
    def _made(self):
        """Return contacts made, or taken as made, in the last year by customer and company."""
        since = self.now - timedelta(days=YEAR)
        customers = self.rows.commercial_partner_id
        made = Domain("state", "=", DONE) & Domain("outcome_id.is_reached", "=", True)
        made &= Domain("date_done", ">=", since)
        taken = Domain("close_code", "=", "satisfied") & Domain("date_nominal", ">=", since)
        found = self.env["customer.followup"].search(
            Domain("commercial_partner_id", "in", customers.ids) & (made | taken)
        )
        return found.grouped(lambda one: (one.commercial_partner_id, one.company_id))

    def _upcoming_chained(self, row, step, frame, past):
        if past.is_open:
            return schedule.Upcoming()
        return schedule.upcoming_chained(
            self.patterns[step],
            frame,
            past.number,
            self._reference(row, past),
            self.until(row, step),
        )

    def _reference(self, row, past):
        """Return the customer's day the last contact ended; a pause since then does not count."""
        if not past.ended:
            return None
        day = self.day(row, past.ended)
        if row.pause_mode == SHIFT and row.date_resumed and past.ended < row.date_resumed:
            start = self.day(row, max(row.date_paused, past.ended))
            day += self.day(row, row.date_resumed) - start
        return day

    def occurrence(self, row, step, followup):
        """Return the :class:`schedule.Occurrence` of a pending contact as its row says now.

        ``None`` where the step leaves that day out, or no longer has such a contact.
        """
        frame, pattern = self.frame(row, step), self.patterns[step]
        if not frame:
            return None
        if not pattern.is_chained:
            one = schedule.occurrence(pattern, frame, followup.occurrence)
            is_out = one and schedule.last_day(pattern, frame) < one.day(frame.zone)
            return None if is_out else one
        ended = self._ended_before(row, step, followup)
        reference = self._reference(row, Past(ended=ended))
        return schedule.chained_occurrence(pattern, frame, followup.occurrence, reference)

    def _ended_before(self, row, step, followup):
        """Return when the contact before a pending one ended: no other of a chain is open."""
        return self.of(row, step).ended if followup.occurrence > 1 else None


def _among(by_record):
    """Return the domain of the records with the ids that are keys."""
    return Domain("id", "in", list(by_record))
