from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date, format_time

from ...tools import schedule, worktime
from .customer_followup_step import PREVIOUS, TARGET

SHOWN = 10
AHEAD_DAYS = 30
# More contacts of one step than fit in a year.
MAX_YEAR = 366


class CustomerFollowupStep(models.Model):
    """The timing of a step in words and dates, for its form and the preview of rules."""

    _inherit = "customer.followup.step"

    when = fields.Char(compute="_compute_when")
    preview = fields.Json(compute="_compute_preview", string="Next dates")

    @api.depends(
        "anchor", "after_step_id", "offset_count", "offset_unit", "early_count", "early_unit",
        "late_count", "late_unit", "repeat", "every_count", "every_unit", "times", "period",
        "interval_ids", "end_count", "end_after_count", "end_after_unit", "end_date",
        "is_ending_at_target", "workday_policy", "hour",
    )  # fmt: skip
    def _compute_when(self):
        for step in self:
            step.when = step._when_text()

    @api.depends(
        "name", "anchor", "after_step_id", "offset_count", "offset_unit", "early_count",
        "early_unit", "late_count", "late_unit", "repeat", "every_count", "every_unit", "times",
        "period", "interval_ids.limit_count", "interval_ids.limit_unit", "interval_ids.month_from",
        "interval_ids.month_to", "interval_ids.every_count", "interval_ids.every_unit",
        "is_stated", "grace_days", "end_count", "end_after_count", "end_after_unit", "end_date",
        "is_ending_at_target", "is_month_end", "workday_policy", "hour", "plan_id.sample_date",
        "plan_id.sample_target", "plan_id.team_id", "channel_id", "stop_condition",
    )  # fmt: skip
    def _compute_preview(self):
        for step in self:
            step.preview = step._preview(step.plan_id._sample())

    def _label(self, name):
        value = self[name]
        return dict(self._fields[name]._description_selection(self.env)).get(value, value or "")

    def _span_text(self, count, unit):
        if count == 1:
            return self._one_texts()[self[unit]]
        return f"{count} {self._label(unit)}"

    @api.model
    def _one_texts(self):
        return {
            "minutes": self.env._("1 minute"),
            "hours": self.env._("1 hour"),
            "days": self.env._("1 day"),
            "weeks": self.env._("1 week"),
            "months": self.env._("1 month"),
            "quarters": self.env._("1 quarter"),
            "years": self.env._("1 year"),
        }

    def _when_text(self):
        """Return the timing in words."""
        parts = [self._offset_text(), *self._repeat_texts(), *self._end_texts()]
        if self.late_count:
            late = self._span_text(self.late_count, "late_unit")
            parts.append(self.env._("%s left to do it", late))
        if self.early_count:
            early = self._span_text(self.early_count, "early_unit")
            parts.append(self.env._("up to %s earlier", early))
        if self.workday_policy and self.workday_policy != "none":
            parts.append(self.env._("on non-working days: %s", self._label("workday_policy")))
        return "; ".join(filter(None, parts))

    def _offset_text(self):
        place = self._label("anchor")
        if self.anchor == PREVIOUS and self.after_step_id:
            place = self.env._("the end of %s", self.after_step_id.name)
        if not self.offset_count:
            return self.env._("on the day of %s", place)
        span = self._span_text(abs(self.offset_count), "offset_unit")
        if self.offset_count < 0:
            return self.env._("%(span)s before %(place)s", span=span, place=place)
        return self.env._("%(span)s after %(place)s", span=span, place=place)

    def _repeat_texts(self):
        every = self._span_text(self.every_count, "every_unit")
        return {
            "interval": [self.env._("then every %s", every)],
            "completion": [self.env._("then %s after each contact", every)],
            "period": [
                self.env._("%(times)s times a %(period)s", times=self.times,
                           period=self._label("period"))
            ],
            "remaining": [self.env._("the nearer the target date the more often")],
            "season": [self.env._("by the month of the year")],
        }.get(self.repeat, [])  # fmt: skip

    def _end_texts(self):
        if self.repeat == "none":
            return
        if self.end_count:
            yield self.env._("%s contacts at most", self.end_count)
        if self.end_after_count:
            end = self._span_text(self.end_after_count, "end_after_unit")
            yield self.env._("for %s", end)
        if self.end_date:
            yield self.env._("until %s", format_date(self.env, self.end_date))
        if self.is_ending_at_target:
            yield self.env._("until the target date")

    def _preview(self, sample):
        """Return the next dates for a sample customer, or the reason why there are none.

        Contacts count as done on the day they are planned.

        :param sample: the customer's :class:`schedule.Context`
        """
        try:
            found = self._sample_dates(sample)
        except (UserError, ValidationError) as error:
            return {"problem": str(error), "dates": []}
        found.sort(key=lambda pair: pair[1].planned)
        return {
            "problem": False,
            "dates": [
                step._preview_line(one, sample.zone, number)
                for number, (step, one) in enumerate(found[:SHOWN])
            ],
        }

    def _sample_dates(self, sample, most=SHOWN, until=None):
        """Return ``(step, occurrence)`` of the first ``most`` contacts of each step.

        :param until: the last day to look at, or ``None``
        """
        found, ends = [], {}
        for step in self:
            problem = step._schedule_problem()
            if problem:
                raise ValidationError(
                    self.env._("%(step)s: %(problem)s", step=step.name or "", problem=problem)
                )
        for step in self.sorted(lambda step: step.anchor == PREVIOUS):
            frame = step._sample_frame(sample, ends)
            pattern = step._pattern()
            if until:
                pattern = pattern._replace(until_day=min(pattern.until_day or until, until))
            dates = schedule.preview(pattern, frame, most) if frame else []
            ends[step._origin or step] = dates[-1].planned if dates else None
            found += [(step, one) for one in dates]
        return found

    def _sample_frame(self, sample, ends):
        """Return the sample in the time of this step, or ``None`` where it would not come."""
        target = sample.target if self._has_target() else None
        anchor = sample.anchor
        if self.anchor == TARGET:
            anchor = sample.target
        elif self.anchor == PREVIOUS:
            before = self._before()
            anchor = ends.get(before._origin or before) or sample.anchor
        if anchor and self.offset_unit in schedule.ELAPSED:
            if not hasattr(anchor, "hour"):
                anchor = worktime.at_local(anchor, self.hour, sample.zone)
        elif hasattr(anchor, "hour"):
            anchor = worktime.local_day(anchor, sample.zone)
        return anchor and sample._replace(anchor=anchor, target=target)

    def _preview_line(self, one, zone, number):
        """Return one date in the words of the reader."""
        moment = fields.Datetime.context_timestamp(self.with_context(tz=zone), one.planned)
        last = worktime.local_day(one.deadline, zone)
        return {
            "key": f"{number}",
            "day": format_date(self.env, moment.date(), date_format="EEE d MMM y"),
            "time": format_time(self.env, moment.time(), time_format="short"),
            "until": format_date(self.env, last, date_format="EEE d MMM")
            if last > moment.date()
            else "",
            "name": self.name or "",
            "by": self.channel_id.name or "",
            "note": self._reason_texts().get(one.reason, ""),
        }

    @api.model
    def _reason_texts(self):
        return {
            "holiday": self.env._("moved: the day is not worked"),
            "window": self.env._("moved forward: later would be too late"),
            "kept": self.env._("a day not worked: no other fits"),
            "target": self.env._("once more after the target date"),
        }

    def _first_year(self, sample):
        """Return ``(step, occurrence)`` of each contact in a sample customer's first year.

        :param sample: the customer's :class:`schedule.Context`
        """
        end = schedule.shift(sample.day, schedule.Span(1, "years")) - timedelta(days=1)
        return self._sample_dates(sample, MAX_YEAR, end)

    def _days_ahead(self, dates, zone, workdays, first, last):
        """Return the days of contacts from ``first`` to ``last`` for one customer.

        What is late counts on the first day where the plan makes up for it.

        :param dates: start and target, naive UTC
        """
        anchor, target = dates
        days = []
        for step in self.filtered(lambda step: step.anchor != PREVIOUS):
            start = target if step.anchor == TARGET else anchor
            if not start or (step._has_target() and not target):
                continue
            frame = schedule.Context(
                start if step.offset_unit in schedule.ELAPSED else worktime.local_day(start, zone),
                zone,
                workdays,
                worktime.local_day(target, zone) if step._has_target() else None,
            )
            pattern = step._pattern()
            ahead = schedule.preview(pattern, frame, AHEAD_DAYS, first)
            if not ahead and pattern.repeat == "none":
                ahead = step._late_today(schedule.occurrence(pattern, frame, 1))
                days += [first for _one in ahead]
            else:
                days += [one.day(zone) for one in ahead if one.day(zone) <= last]
        return days

    def _late_today(self, one):
        """Return a single contact whose day is over, if it would be made all the same."""
        now = fields.Datetime.now()
        is_made = one and (one.deadline >= now or self.plan_id._makes_up(one.deadline, now))
        return [one] if is_made else []
