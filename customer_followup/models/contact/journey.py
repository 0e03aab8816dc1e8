from odoo.exceptions import ValidationError
from odoo.tools import format_date

from ...tools import schedule
from ..plan.customer_followup_enrollment import OPEN_STATES as ENROLLMENT_OPEN_STATES
from .customer_followup import OPEN_STATES
from .timetable import Timetable

# How many contacts to come are shown of each plan, and how many of those before.
AHEAD = 10
SHOWN = 40


class Journey(Timetable):
    """A timetable that also shows what was planned, as dots on a line."""

    def dots(self, row):
        """Return what the journey shows of an enrollment: past, open and coming contacts."""
        return [*self._known(row), *self._coming(row)]

    def _known(self, row):
        contacts = row.followup_ids.sorted(lambda one: one.date_nominal or one.date_planned)
        entry = self.entries[row]
        for contact in contacts[-SHOWN:]:
            yield self._dot(contact, self.day(entry, contact.date_planned))

    def _dot(self, contact, day):
        """Return what the journey shows of a contact: state, day and reason."""
        reason = contact.close_code or contact.moved_reason
        texts = _labels(contact, "close_code" if contact.close_code else "moved_reason")
        label = _labels(contact, "state")[contact.state]
        is_late = contact.state in OPEN_STATES and contact.is_late
        return {
            "id": contact.id,
            "state": "late" if is_late else contact.state,
            "day": self._day_text(day),
            "name": contact.name,
            "note": ": ".join(filter(None, [label, texts.get(reason) or contact.outcome_id.name])),
        }

    def _coming(self, row):
        """Yield what is not planned yet, as if each contact were made on its day."""
        if row.state not in ENROLLMENT_OPEN_STATES:
            return
        entry, coming = self.entries[row], []
        for spec in self.specs[row.version_id]:
            number = self.history(entry, spec).number
            coming += [
                (spec.step, one) for one in self._preview(entry, spec) if one.number > number
            ]
        coming.sort(key=lambda pair: pair[1].planned)
        for step, one in coming[:AHEAD]:
            yield {
                "id": False,
                "state": "coming",
                "day": self._day_text(one.day(entry.zone)),
                "name": step.name,
                "note": self.env._("not planned yet"),
            }

    def _preview(self, entry, spec):
        """Return the next occurrences of a step."""
        try:
            is_over = entry.row in self.stopped.get(spec.step, ())
        except ValidationError:
            # A condition that cannot be checked shows on the enrollment, not here.
            is_over = False
        context = self.context(entry, spec)
        if is_over or not context:
            return []
        if spec.pattern.is_chained:
            found = self.upcoming(entry, spec)
            return [*found.due, *filter(None, [found.later])]
        return schedule.preview(spec.pattern, context, AHEAD, self.day(entry, self.now))

    def _day_text(self, day):
        return format_date(self.env, day, date_format="d MMM")


def _labels(record, name):
    return dict(record._fields[name]._description_selection(record.env))
