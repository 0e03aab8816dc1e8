from odoo import api, fields, models
from odoo.tools import format_datetime, format_duration

from ...tools import sla
from .customer_complaint_promise import MISSED, PAUSED, PENDING, VOID


class CustomerComplaintPromise(models.Model):
    """A promise as shown on screens: its times and the explanation of its deadline."""

    _inherit = "customer.complaint.promise"

    def _undone(self):
        """Return the promises that are not met yet, in time or late."""
        return self.filtered(lambda one: one.state in (*PENDING, MISSED) and not one.date_met)

    def _shown(self):
        """Return the last promise of each kind and all broken ones, in order."""
        shown = self.filtered(lambda one: one.state != VOID).sorted("id")
        last = {one.kind: one for one in shown}
        return shown.filtered(lambda one: one == last[one.kind] or one.state == MISSED).sorted(
            lambda one: (one.date_start, one.date_deadline or one.date_start, one.id)
        )

    def _decided_clock(self, ledger):
        """Return the clock of a decided promise by its stored values, as hours may have changed."""
        # A promise that was met while the clock was paused has no deadline.
        end = self.date_deadline or self.date_met or self.date_start
        decided = self.date_met or end
        # Pauses do not move an agreed deadline.
        pauses = [] if self.is_agreed else ledger._pauses(self)
        pauses = [pause for pause in pauses if pause.start < decided]
        return sla.decided_clock(self.date_start, end, pauses)

    def _panel_line(self, clock):
        """Return what the form shows of a promise: dates, counted intervals and explanation."""
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
        """Explain the deadline in words."""
        time = self.env["customer.sla.target"]._time_text(self.count, self.unit)
        start = format_datetime(self.env, self.date_start, dt_format="short")
        sentences = [self.env._("%(time)s from %(start)s", time=time, start=start)]
        if self.is_agreed:
            sentences = [self.env._("date agreed with the customer")]
        if self.unit in ("business_hours", "working_days") and self.calendar_id:
            sentences.append(self.env._("working hours: %s", self.calendar_id.name))
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
                        "paused for %(hours)s h: %(reason)s",
                        hours=format_duration(hours),
                        reason=self._reasons()[why],
                    )
                )
        if self.level and self.date_level:
            taken = format_datetime(self.env, self.date_level, dt_format="short")
            sentences.append(
                self.env._(
                    "escalated to level %(step)s on %(moment)s",
                    step=self.level,
                    moment=taken,
                )
            )
        if self.state == PAUSED:
            sentences.append(self.env._("paused now"))
        return "; ".join(sentences)

    @api.model
    def _reasons(self):
        return {
            "running": self.env._("clock running"),
            "promised": self.env._("promised time"),
            "break": self.env._("break"),
            "off_hours": self.env._("outside working hours"),
            "day_off": self.env._("day off"),
            "awaiting": self.env._("waiting for the customer"),
            "external": self.env._("with an outside body"),
            "closed": self.env._("closed"),
        }


def _text(moment):
    return fields.Datetime.to_string(moment) or False
