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
# Why a contact was skipped: its date was past when it became known.
PASSED = "passed"


class EnrollmentState(NamedTuple):
    """What the timetable needs of one enrollment, read once.

    :param known: since when the dates are known, naive UTC
    :param pauses: those that are over, as :class:`schedule.Pause`
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
    pauses: tuple


class StepSpec(NamedTuple):
    """What the timetable needs of one step, read once.

    :param root: id of the same step in the first version of the plan
    :param before: the step it waits for, or ``None``
    :param is_conditional: whether it has a condition, which is checked on the day only
    """

    step: object
    id: int
    root: int
    pattern: schedule.Pattern
    anchor: str
    before: object
    has_target: bool
    is_conditional: bool
    is_statutory: bool
    days_late: int | None


class StepHistory(NamedTuple):
    """The contacts of a step with one customer so far.

    :param number: of the last contact
    :param ended: when the last one ended, naive UTC, or ``None``
    :param passed: when the last one ended or, if it was skipped as past, was due
    :param is_open: whether one is open
    """

    number: int = 0
    ended: object = None
    passed: object = None
    is_open: bool = False


class PlannedContact(NamedTuple):
    """One contact to plan: of which row and step, when, and its first state.

    :param covered_count: how many occurrences it covers, after a standstill of many of them
    :param nominal: the date by the plan, if it is made up for on another day
    """

    row: object
    step: object
    occurrence: object
    state: str
    code: str | None
    covered_count: int
    nominal: object = None


NO_HISTORY, WAITING, OVER = StepHistory(), schedule.Upcoming(), schedule.Upcoming(is_over=True)


class Timetable:
    """When the steps of some enrollments are due, with a fixed number of queries.

    :param rows: enrollments, in sudo
    :param facts: ``{row: what the gate knows of its person}``
    """

    def __init__(self, rows, facts):
        self.env, self.rows = rows.env, rows
        self.now = fields.Datetime.now()
        self.ahead = rows._horizon() - self.now
        self.specs = {
            version: [_spec(step, befores) for step in version._ordered_steps()]
            for version in rows.version_id
            for befores in [version._befores()]
        }
        self.by_step = {spec.step: spec for specs in self.specs.values() for spec in specs}
        workdays = self._read_workdays()
        self.entries = {row: _entry(row, facts[row].zone, workdays[row]) for row in rows}
        self.histories = self._read_histories()
        self._days, self._tonight, self._found, self._spare = {}, {}, {}, {}

    def _read_histories(self):
        """Return the history of each step: ``{(enrollment id, root step id): StepHistory}``.

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
        if all(spec.pattern.policy == "none" for spec in self.by_step.values()):
            return dict.fromkeys(self.rows, worktime.Workdays())
        workdays = {}
        for (calendar, company), rows in self.rows.grouped(
            lambda row: (row.team_id.calendar_id, row.company_id)
        ).items():
            workdays |= dict.fromkeys(rows, calendar._working_time(company).workdays)
        return workdays

    def _matching(self, field, is_without_record):
        """Return the rows whose record meets the condition ``field``, by step.

        :param is_without_record: whether rows without such a record meet it
        """
        matching = {}
        for version, rows in self.rows.grouped("version_id").items():
            for step in version.step_ids.filtered(field):
                matching[step] = set()
                for company, some in rows.grouped("company_id").items():
                    by_record, without = self._records(version.plan_id.model_name, some, step)
                    model = self.env[version.plan_id.model_name].with_context(active_test=False)
                    domain = step._condition(step[field], model, company)
                    found = model.search(domain & Domain("id", "in", list(by_record)))
                    matching[step] |= {row for record in found for row in by_record[record.id]}
                    matching[step] |= without if is_without_record else set()
        return matching

    def _records(self, model_name, rows, step):
        """Return the rows by the id of their record of a model, and the rows without one."""
        if model_name not in self.env:
            raise ValidationError(
                self.env._(
                    "%(step)s: the condition uses %(model)s, but the app is not installed.",
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
        """Return the rows whose stop condition is met, by step."""
        return self._matching("stop_condition", is_without_record=False)

    @cached_property
    def _meeting(self):
        return self._matching("condition", is_without_record=True)

    def day(self, entry, moment):
        """Return the day a moment (naive UTC) falls on for the customer."""
        key = moment, entry.zone
        if key not in self._days:
            self._days[key] = worktime.local_day(*key)
        return self._days[key]

    def tonight(self, entry):
        """Return the end of the customer's day, naive UTC."""
        if entry.zone not in self._tonight:
            today = worktime.local_day(self.now, entry.zone)
            self._tonight[entry.zone] = worktime.end_of_local_day(today, entry.zone)
        return self._tonight[entry.zone]

    def _until(self, entry, spec):
        """Return until when contacts of a step are planned ahead."""
        return self.tonight(entry) if spec.is_conditional else self.now + self.ahead

    def _start(self, entry, spec):
        """Return the moment from which a step counts, or ``None`` while it is not known."""
        if spec.anchor == START:
            return entry.anchor
        if spec.anchor != PREVIOUS:
            return entry.target
        before = self.by_step[spec.before]
        history = self.history(entry, before)
        is_over = history.number and not history.is_open
        if is_over and before.pattern.repeat != "none":
            is_over = self.upcoming(entry, before).is_over
        if not is_over:
            return None
        paused = schedule.paused_days(entry.pauses, history.passed, entry.zone)
        return history.passed + timedelta(days=paused)

    def context(self, entry, spec):
        """Return the :class:`schedule.Context` of a step, or ``None`` while it waits."""
        start = self._start(entry, spec)
        if not start or (spec.has_target and not entry.target):
            return None
        return schedule.Context(
            start if spec.pattern.offset.is_elapsed else self.day(entry, start),
            entry.zone,
            entry.workdays,
            self.day(entry, entry.target) if spec.has_target else None,
            entry.delay if spec.anchor == START and not spec.is_statutory else 0,
        )

    def history(self, entry, spec):
        """Return the :class:`StepHistory` of a step for one customer."""
        return self.histories.get((entry.id, spec.root), NO_HISTORY)

    def upcoming(self, entry, spec):
        """Return the :class:`schedule.Upcoming` contacts of a step."""
        if entry.is_paused and not spec.is_statutory:
            return WAITING
        if spec.is_conditional and entry.row in self.stopped.get(spec.step, ()):
            return OVER
        context = self.context(entry, spec)
        if not context:
            return WAITING
        history = self.history(entry, spec)
        if spec.pattern.is_chained:
            return self._upcoming_chained(entry, spec, context, history)
        # Many customers have the same dates.
        key = spec.id, context, history.number
        if key not in self._found:
            self._found[key] = schedule.upcoming(
                spec.pattern, context, history.number, self.now, self._until(entry, spec)
            )
        return self._found[key]

    def _upcoming_chained(self, entry, spec, context, history):
        if history.is_open:
            return WAITING
        # The next after a skipped contact counts from when that was recorded: it lies ahead.
        return schedule.upcoming_chained_today(
            spec.pattern,
            context,
            history.number,
            self._reference(entry, history.ended),
            self.day(entry, self.now),
            self._until(entry, spec),
        )

    def _reference(self, entry, ended):
        """Return the customer's day the last contact ended, moved by the pauses since then."""
        if not ended:
            return None
        paused = schedule.paused_days(entry.pauses, ended, entry.zone)
        return self.day(entry, ended) + timedelta(days=paused)

    def due(self, entry, spec, found):
        """Yield a :class:`PlannedContact` for each contact of a step to plan now.

        One contact covers all those that are skipped because their dates are past.
        """
        left_out, count = None, 0
        for place, one in enumerate(found.due):
            covered_count = found.earlier + 1 if place == 0 else 1
            state, code = self._state(entry, spec, one, found)
            if code == PASSED:
                left_out, count = one, count + covered_count
                continue
            made = self._made_up(entry, one) if state == PLANNED else one
            yield PlannedContact(
                entry.row, spec.step, made, state, code, covered_count, one.planned
            )
        if left_out:
            yield PlannedContact(entry.row, spec.step, left_out, NOT_APPLICABLE, PASSED, count)

    def _state(self, entry, spec, one, found):
        """Return the first state of a contact, and the reason."""
        has_passed = one.deadline < entry.known
        is_missed = one.number in found.missed
        if is_missed and not has_passed:
            is_in_pause = schedule.is_in_pause(entry.pauses, one.planned)
            return MISSED, "paused" if is_in_pause else "not_planned"
        is_expired = spec.days_late is not None and (
            one.deadline + timedelta(spec.days_late) < self.now
        )
        if is_expired and not has_passed:
            return MISSED, "expired"
        is_left_out = has_passed and (
            is_missed or is_expired or not entry.row.plan_id._makes_up(one.deadline, entry.known)
        )
        # The condition is checked only for contacts that would be made.
        if not is_left_out and self._is_unmet(entry, spec):
            return NOT_APPLICABLE, "condition"
        if spec.pattern.repeat == "period" and self._is_satisfied(entry, spec, one):
            return NOT_APPLICABLE, "satisfied"
        return (NOT_APPLICABLE, PASSED) if is_left_out else (PLANNED, None)

    def _is_unmet(self, entry, spec):
        return (
            spec.is_conditional
            and spec.step.condition
            and entry.row not in self._meeting[spec.step]
        )

    def _made_up(self, entry, one):
        """Return when a contact is made: one whose date is past is due until tonight."""
        if one.deadline >= entry.known:
            return one
        policy = entry.row.plan_id.past_policy
        if policy == "keep":
            return one
        # With the other policies it keeps its start: only its last day is past.
        planned = self.now if policy == "today" else one.planned
        return one._replace(planned=planned, deadline=self.tonight(entry))

    def next_look(self, entry, spec, found):
        """Return when the planner must look at a step again, or ``None``."""
        if found.later and spec.is_conditional:
            return worktime.at_local(self.day(entry, found.later.planned), 0, entry.zone)
        if found.later:
            return found.later.planned - self.ahead
        if spec.pattern.repeat != "remaining" or found.due or found.is_over:
            return None
        context = self.context(entry, spec)
        moment = context and schedule.opening_moment(spec.pattern, context)
        return moment if moment and moment > self.now else None

    def occurrence(self, entry, spec, followup):
        """Return the :class:`schedule.Occurrence` of an open contact by the present dates.

        ``None`` if the step skips that day, or no longer has such a contact.
        """
        context = self.context(entry, spec)
        if not context:
            return None
        # No other contact of a chain is open, so the last one ended is the one before.
        ended = self.history(entry, spec).ended if followup.occurrence > 1 else None
        reference = self._reference(entry, ended)
        return schedule.present_occurrence(spec.pattern, context, followup.occurrence, reference)

    def _is_satisfied(self, entry, spec, one):
        """Say whether another contact of the period counts for this one."""
        start = schedule.period_start(one.day(entry.zone), spec.pattern.period)
        key = entry.id, spec.id, start
        if key not in self._spare:
            self._spare[key] = self._others(entry, spec, start)
        self._spare[key] -= 1
        return self._spare[key] >= 0

    def _others(self, entry, spec, start):
        """Count contacts of the same kind made with the customer in a period, not of this step."""
        end = schedule.shift(start, schedule.Span(1, spec.pattern.period))
        kind, count = spec.step.channel_id.kind, 0
        for contact in self._made.get((entry.row.commercial_partner_id, entry.row.company_id), ()):
            is_own = contact.enrollment_id == entry.row and (
                contact.step_id._root().id == spec.root
            )
            if contact.state == DONE:
                fits = start <= self.day(entry, contact.date_done) < end
                count += not is_own and fits and contact.channel_id.kind == kind
            elif is_own and start <= self.day(entry, contact.date_nominal) < end:
                # One of them counts for this already.
                count -= 1
        return count

    @cached_property
    def _made(self):
        """Return contacts made, or covered, in the last year by customer and company."""
        since = self.now - timedelta(days=YEAR)
        made = Domain("state", "=", DONE) & Domain("outcome_id.is_reached", "=", True)
        made &= Domain("date_done", ">=", since)
        taken = Domain("close_code", "=", "satisfied") & Domain("date_nominal", ">=", since)
        found = self.env["customer.followup"].search(
            Domain("commercial_partner_id", "in", self.rows.commercial_partner_id.ids)
            & (made | taken)
        )
        return found.grouped(lambda one: (one.commercial_partner_id, one.company_id))


def _entry(row, zone, workdays):
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
        schedule.read_pauses(row.pauses or ()),
    )


def _spec(step, befores):
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
