from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

from .customer_complaint_promise import PENDING

CHANGED = "customer_followup.hours"
# Up to this number, promises are recomputed while the user waits for the save.
MAX_IMMEDIATE = 200


class CustomerHoursMixin(models.AbstractModel):
    """A record that defines working hours; promises and planned contacts follow its changes."""

    _name = "customer.hours.mixin"
    _description = "Working Hours of Promises"

    # The fields that define working hours; empty for all fields.
    _hours_names = frozenset()

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._note_hours()
        return records

    def write(self, vals):
        is_changed = not self._hours_names or self._hours_names & vals.keys()
        if is_changed:
            # Including the promises of the previous values.
            self._note_hours()
        result = super().write(vals)
        if is_changed:
            self._note_hours()
        return result

    def unlink(self):
        if not self.env.context.get(MODULE_UNINSTALL_FLAG):
            self._note_hours()
        return super().unlink()

    def _promises_domain(self):
        """Return the domain of the promises that use these hours.

        Days off and make-up days apply to one calendar or to all.
        """
        return Domain.OR(
            Domain.AND(
                Domain(name, "=", day[name].id)
                for name in ("company_id", "calendar_id")
                if day[name]
            )
            for day in self
        )

    def _rows_domain(self):
        """Return the domain of customers on plans whose steps use these hours."""
        return Domain.OR(
            (Domain("company_id", "=", day.company_id.id) if day.company_id else Domain.TRUE)
            & (day.calendar_id._used_by_rows_domain() if day.calendar_id else Domain.TRUE)
            for day in self
        )

    def _note_hours(self):
        """Recompute promises and contacts before the commit, once for all lines that change."""
        domain, precommit = self._promises_domain(), self.env.cr.precommit
        if domain.is_false():
            return
        if CHANGED not in precommit.data:
            precommit.data[CHANGED] = [], []
            precommit.add(self.env["customer.hours.mixin"]._follow_hours)
        for known, more in zip(precommit.data[CHANGED], (domain, self._rows_domain()), strict=True):
            known.append(list(more))

    @api.model
    def _follow_hours(self):
        """Recompute promises whose working hours have changed, and log it on their complaints.

        A few are recomputed immediately. If there are many, they are marked, and the scheduled
        action processes them, so that the user does not wait. So are planned contacts.
        """
        promised, rows = (
            Domain.OR(map(Domain, some)) for some in self.env.cr.precommit.data.pop(CHANGED)
        )
        domain = promised & Domain("state", "in", PENDING)
        # Hours apply to all promises, including those the user may not read.
        promises = self.env["customer.complaint.promise"].sudo()
        enrollments = self.env["customer.followup.enrollment"]
        # One query, as saving working hours must not become slow.
        self.env.flush_all()
        found = self.env.execute_query(
            SQL(
                "SELECT TRUE, id FROM (%s) AS promise UNION ALL SELECT FALSE, id FROM (%s) AS row",
                promises._search(domain & Domain("error", "=", False)).select(),
                enrollments._planned_query(rows),
            )
        )
        enrollments._mark_stale(id_ for is_promise, id_ in found if not is_promise)
        stale = promises.browse(id_ for is_promise, id_ in found if is_promise)
        stale._mark_stale()
        if not stale:
            return
        if len(stale) <= MAX_IMMEDIATE:
            stale._recompute_stale()
        else:
            promises._trigger_tick([fields.Datetime.now()])
        self.env.flush_all()
