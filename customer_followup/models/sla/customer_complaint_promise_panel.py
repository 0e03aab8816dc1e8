from odoo import api, fields, models
from odoo.tools import format_datetime, format_duration

from ...tools import sla
from .customer_complaint_promise import MISSED, PAUSED, PENDING, VOID


class CustomerComplaintPromise(models.Model):
    """What screens show of a promise: its times, and why its deadline is what it is."""

    _inherit = "customer.complaint.promise"

    def _undone(self):
        """Return what the customer still waits for, in time or not."""
        return self.filtered(lambda one: one.state in (*PENDING, MISSED) and not one.date_met)

    def _shown(self):
        """Return the last promise of each kind, and earlier ones that are broken, in order."""
        shown = self.filtered(lambda one: one.state != VOID).sorted("id")
        last = {one.kind: one for one in shown}
        return shown.filtered(lambda one: one == last[one.kind] or one.state == MISSED).sorted(
            lambda one: (one.date_start, one.date_deadline or one.date_start, one.id)
        )

    def _told(self, ledger):
        """Return the clock of what is decided from what is stored: hours may have changed."""
        # What was done while the clock stood still has no deadline.
        end = self.date_deadline or self.date_met or self.date_start
        decided = self.date_met or end
        # A date that is agreed waits for nothing.
        pauses = [] if self.is_agreed else ledger._pauses(self)
        pauses = [pause for pause in pauses if pause.start < decided]
        return sla.decided_clock(self.date_start, end, pauses)

    def _panel_line(self, clock):
        """Return what the form shows of a promise: when, what time counted, and why."""
        end = self.date_met or self.date_missed
        return {
            "id": self.id,
            "kind": dict(self._fields["kind"]._description_selection(self.env))[self.kind],
            "state": self.state,
            "start": _text(self.date_start),
            "deadline": _text(self.date_deadline),
            "warn": _text(self.date_warn),
            "met": _text(self.date_met),
            "late": self.late_minutes,
            "why": self._why(clock),
            "intervals": [
                {
                    "start": _text(one.start),
                    "end": _text(one.end),
                    "is_counted": one.is_counted,
                    "why": self._reasons().get(one.why, one.why),
                }
                for one in clock.ledger
                if not end or one.start < max(end, self.date_deadline or end)
            ],
        }

    def _why(self, clock):
        """Return in words why the deadline is what it is."""
        time = self.env["customer.sla.target"]._time_text(self.count, self.unit)
        start = format_datetime(self.env, self.date_start, dt_format="short")
        sentences = [self.env._("%(time)s from %(start)s", time=time, start=start)]
        if self.is_agreed:
            sentences = [self.env._("the date was agreed with the customer")]
        if self.unit in ("business_hours", "working_days") and self.calendar_id:
            sentences.append(self.env._("hours: %s", self.calendar_id.name))
        if self.fallback:
            sentences.append(
                dict(self._fields["fallback"]._description_selection(self.env))[self.fallback]
            )
        for why in ("awaiting", "external", "closed"):
            hours = sum(
                (one.end - one.start).total_seconds() / 3600
                for one in clock.ledger
                if one.why == why and one.end
            )
            if hours:
                sentences.append(
                    self.env._(
                        "stood still %(hours)s h: %(reason)s",
                        hours=format_duration(hours),
                        reason=self._reasons()[why],
                    )
                )
        if self.level and self.date_level:
            taken = format_datetime(self.env, self.date_level, dt_format="short")
            sentences.append(
                self.env._(
                    "step %(step)s was taken %(moment)s: leaders told",
                    step=self.level,
                    moment=taken,
                )
            )
        if self.state == PAUSED:
            sentences.append(self.env._("it stands still now"))
        return "; ".join(sentences)

    @api.model
    def _reasons(self):
        return {
            "running": self.env._("the clock runs"),
            "promised": self.env._("the time promised"),
            "break": self.env._("break"),
            "off_hours": self.env._("outside working hours"),
            "day_off": self.env._("day off"),
            "awaiting": self.env._("waiting for the customer"),
            "external": self.env._("with an outside body"),
            "closed": self.env._("it was closed"),
        }


def _text(moment):
    return fields.Datetime.to_string(moment) or False
