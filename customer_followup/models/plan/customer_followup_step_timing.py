from odoo import api, models

from ...tools import schedule
from .customer_followup_step import MAX_CONTACTS, PREVIOUS, TARGET


class CustomerFollowupStep(models.Model):
    """The timing of a step, and whether it is valid."""

    _inherit = "customer.followup.step"

    def _is_endless(self):
        """Say whether nothing in the step itself ends its series."""
        return self.repeat != "none" and not (
            self.end_count
            or self.end_after_count
            or self.end_date
            or self.stop_condition
            or self._has_target()
        )

    def _has_target(self):
        """Say whether the target date of the enrollment ends the series."""
        return self.is_ending_at_target or self.repeat == "remaining"

    def _needs_target(self):
        """Say whether nothing is due before a target date is known."""
        return self.anchor == TARGET or self._has_target()

    def _waits(self):
        """Say whether what is due next depends on when a contact was done."""
        return self.anchor == PREVIOUS or self._pattern().is_chained

    def _pattern(self):
        """Return the timing of the step as :class:`schedule.Pattern`."""
        self.ensure_one()
        span = schedule.Span
        rows = self.interval_ids
        return schedule.Pattern(
            offset=span(self.offset_count, self.offset_unit or "days"),
            early=span(self.early_count, self.early_unit or "days"),
            late=span(self.late_count, self.late_unit or "days"),
            repeat=self.repeat or "none",
            every=span(self.every_count, self.every_unit or "days"),
            times=self.times,
            period=self.period or "months",
            bands=tuple(row._band() for row in rows) if self.repeat == "remaining" else (),
            seasons=tuple(row._season() for row in rows) if self.repeat == "season" else (),
            is_stated=self.is_stated,
            grace=self.grace_days,
            limit=self.end_count,
            until=span(self.end_after_count, self.end_after_unit or "days")
            if self.end_after_count
            else None,
            until_day=self.end_date or None,
            policy=self.workday_policy or "none",
            hour=self.hour,
            is_month_end=self.is_month_end,
        )

    def _schedule_problem(self):
        """Return why the timing of the step is invalid, in a sentence, or ``None``."""
        if self.end_count < 0 or self.end_after_count < 0 or self.grace_days < 0:
            return self.env._("an end or a grace period cannot be negative.")
        if self.expire_days < 0:
            return self.env._("it cannot expire before it is late.")
        if self.end_count > MAX_CONTACTS:
            return self.env._("a series has at most %s contacts.", MAX_CONTACTS)
        if self.offset_unit in schedule.ELAPSED and self.repeat != "none":
            return self.env._("a series counts in days, not in minutes or hours.")
        code = schedule.validate(
            self._pattern(), has_target=self._has_target(), has_stop=bool(self.stop_condition)
        )
        return self._schedule_problem_texts()[code] if code else None

    @api.model
    def _schedule_problem_texts(self):
        return {
            "negative_window": self.env._("the days before and after cannot be negative."),
            "overflow": self.env._("nothing lies more than 36,500 days away."),
            "end_before_start": self.env._("it ends before it starts."),
            "endless": self.env._(
                "it would go on forever without a pause. Give it an end, or leave at least a week"
                " between contacts."
            ),
            "no_interval": self.env._("say how often: at least one contact, at least a day apart."),
            "elapsed_interval": self.env._("a series counts in days, not in minutes or hours."),
            "overlap": self.env._(
                "its days overlap those of the next contact: leave less time before and after, or"
                " more between contacts."
            ),
            "bands": self.env._("each row of its table needs a different time left, above zero."),
            "seasons": self.env._("a month may be in one row of its table only."),
        }
