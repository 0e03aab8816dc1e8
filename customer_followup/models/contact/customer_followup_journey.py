from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from ...tools import schedule
from ..plan.customer_followup_enrollment import OPEN_STATES
from .customer_followup import OPEN_STATES as OPEN_CONTACTS
from .timetable import Timetable

AHEAD = 10
SHOWN = 40
_GROUP = "customer_followup.group_followup_user"


class CustomerFollowupEnrollment(models.Model):
    """The way of a customer through a plan: what was, what is pending, what will come."""

    _inherit = "customer.followup.enrollment"

    journey = fields.Json(compute="_compute_journey")

    @api.depends("followup_ids.state", "followup_ids.date_planned", "date_next", "state")
    @api.depends_context("uid", "lang")
    def _compute_journey(self):
        # Dates follow the person's zone, who need not be open to whoever follows his journey.
        rows = self._origin.sudo()
        timetable = Timetable(rows, rows._facts()) if rows else None
        for enrollment in self:
            row = enrollment._origin.sudo()
            enrollment.journey = row and {
                "plan": row.plan_id.display_name,
                "state": dict(row._fields["state"]._description_selection(self.env))[row.state],
                "dots": [*row._past_dots(timetable), *row._coming_dots(timetable)],
            }

    def _past_dots(self, timetable):
        contacts = self.followup_ids.sorted(lambda one: one.date_nominal or one.date_planned)
        for contact in contacts[-SHOWN:]:
            yield contact._dot(timetable.day(timetable.lines[self], contact.date_planned))

    def _coming_dots(self, timetable):
        """Yield what is not planned yet, as if each contact were made on its day."""
        if self.state not in OPEN_STATES:
            return
        line, coming = timetable.lines[self], []
        today = timetable.day(line, timetable.now)
        for term in timetable.terms[self.version_id]:
            try:
                over = self in timetable.stopped.get(term.step, ())
            except ValidationError:
                # A condition that cannot be asked shows on the row, not here.
                over = False
            frame = timetable.frame(line, term)
            if over or not frame:
                continue
            if term.pattern.is_chained:
                found = timetable.upcoming(line, term)
                ahead = [*found.due, *filter(None, [found.later])]
            else:
                ahead = schedule.preview(term.pattern, frame, AHEAD, today)
            number = timetable.of(line, term).number
            coming += [(term.step, one) for one in ahead if one.number > number]
        coming.sort(key=lambda pair: pair[1].planned)
        for step, one in coming[:AHEAD]:
            yield {
                "id": False,
                "state": "coming",
                "day": _short(self.env, one.day(line.zone)),
                "name": step.name,
                "note": self.env._("not planned yet"),
            }


class CustomerFollowup(models.Model):
    _inherit = "customer.followup"

    def _dot(self, day):
        """Return what a journey shows of one contact: a state, a day, and why."""
        reason = self.close_code or self.moved_reason
        field = "close_code" if self.close_code else "moved_reason"
        texts = dict(self._fields[field]._description_selection(self.env))
        label = dict(self._fields["state"]._description_selection(self.env))[self.state]
        is_late = self.state in OPEN_CONTACTS and self.is_late
        return {
            "id": self.id,
            "state": "late" if is_late else self.state,
            "day": _short(self.env, day),
            "name": self.name,
            "note": ": ".join(filter(None, [label, texts.get(reason) or self.outcome_id.name])),
        }


class ResPartner(models.Model):
    _inherit = "res.partner"

    customer_journey = fields.Json(
        string="Journey", compute="_compute_customer_journey", groups=_GROUP
    )

    @api.depends_context("uid", "lang", "allowed_company_ids")
    def _compute_customer_journey(self):
        """Tell of each plan of the customer, the latest first, what the reader may see."""
        rows = self.env["customer.followup.enrollment"].search(
            [("commercial_partner_id", "in", self.commercial_partner_id.ids)]
        )
        by_customer = rows.grouped("commercial_partner_id")
        for partner in self:
            own = by_customer.get(partner.commercial_partner_id, rows.browse())
            partner.customer_journey = [{"id": row.id, **row.journey} for row in own]


def _short(env, day):
    """Return a day as short as a line of dots allows."""
    return format_date(env, day, date_format="d MMM")
