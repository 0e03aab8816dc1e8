from odoo import api, fields, models
from odoo.fields import Domain

from .batch_gate import BatchGate
from .customer_followup import MISSED, OPEN_STATES, PLANNED, WITHHELD

MAX_EXPIRED = 500


class CustomerFollowupEnrollment(models.Model):
    _inherit = "customer.followup.enrollment"

    def _prepare_followup_vals(self):
        """Return the values that all follow-ups of each row have in common, by row."""
        stars = self._stars()
        return {
            row: {
                "partner_id": row.partner_id.id,
                "commercial_partner_id": row.commercial_partner_id.id,
                "company_id": row.company_id.id,
                "team_id": row.team_id.id,
                "user_id": row.user_id.id,
                "enrollment_id": row.id,
                "priority": stars.get((row.company_id, row.commercial_partner_id.id), "0"),
            }
            for row in self
        }

    def _stars(self):
        """Return the stars of customers in a tier: ``{(company, customer id): stars}``."""
        membership = self.env["customer.tier.membership"]
        return {
            (company, customer_id): tier.stars
            for company, rows in self.grouped("company_id").items()
            for customer_id, tier in membership._tiers(rows.partner_id, company).items()
        }


class CustomerFollowup(models.Model):
    """How the planner makes contacts, many at a time."""

    _inherit = "customer.followup"

    @api.model
    def _plan(self, due, facts):
        """Create the contacts of ``due`` as the gate lets them pass.

        :param due: a list of ``timetable.PlannedContact``
        :param facts: what the gate knows of the person of each enrollment
        :return: the enrollments of which a contact is not to be made
        """
        if not due:
            return self.env["customer.followup.enrollment"]
        vals_list = self._due_vals(due, facts)
        ids = self._insert(vals_list)
        self.browse(ids)._stand_in()
        withheld = {
            self.browse(id_): vals["close_code"]
            for id_, vals in zip(ids, vals_list, strict=True)
            if vals["state"] == WITHHELD
        }
        self.env["customer.contact.refusal"]._note(withheld)
        ended = {vals["enrollment_id"] for vals in vals_list if vals["date_done"]}
        return self.env["customer.followup.enrollment"].sudo().browse(ended)

    @api.model
    def _due_vals(self, due, facts):
        """Return the values of the contacts of ``due``, as the gate lets them pass."""
        rows = self.env["customer.followup.enrollment"].union(*{one.row for one in due}).sudo()
        steps = self.env["customer.followup.step"].union(*{one.step for one in due}).sudo()
        by_row = rows._prepare_followup_vals()
        by_step = {step: step._prepare_followup_vals() for step in steps}
        roles = {step: step.role_ids.ids or [None] for step in steps}
        batch, now, vals_list = BatchGate(rows, facts, steps), fields.Datetime.now(), []
        # The more important come first, and the others make way.
        for one in sorted(due, key=lambda one: by_step[one.step]["priority"], reverse=True):
            row, step, when = one.row, one.step, one.occurrence
            common, own = by_row[row], by_step[step]
            vals = {
                **common,
                **own,
                "priority": max(common["priority"], own["priority"]),
                "occurrence": when.number,
                "state": one.state,
                "close_code": one.code,
                "moved_reason": when.reason or None,
                "date_planned": when.planned,
                "date_deadline": when.deadline,
                "date_original": when.planned,
                "date_due": when.deadline,
                "date_nominal": one.nominal or when.planned,
                "timeliness": "missed" if one.state == MISSED else None,
                "date_done": None if one.state == PLANNED else now,
                "date_expiry": step._expiry(when.deadline),
                "stands_for": one.stands_for,
            }
            for role_id in roles[step]:
                vals_list.append({**vals, "role_id": role_id})
                batch.pass_through(vals_list[-1], row, step)
        return vals_list

    @api.model
    def _expire_due(self):
        """Set contacts aside as missed that are pointless by now, such as late greetings."""
        over = (
            Domain("state", "in", OPEN_STATES)
            & Domain("date_expiry", "<", fields.Datetime.now())
            & Domain("error", "=", False)
            & Domain("is_paused", "=", False)
        )
        for contact in self.search(over, limit=MAX_EXPIRED):
            contact._one_safely(over, lambda one: one._end(MISSED, "expired"))
