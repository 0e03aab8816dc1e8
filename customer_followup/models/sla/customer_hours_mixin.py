from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

from .customer_complaint_promise import PENDING

CHANGED = "customer_followup.hours"
# Up to this number, promises are recomputed while the user waits for the save.
MAX_IMMEDIATE = 200


class CustomerHoursMixin(models.AbstractModel):
    """A record that defines working hours; promises are recomputed when it changes."""

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

    def _note_hours(self):
        """Recompute promises before the commit, once for all lines that change."""
        domain, precommit = self._promises_domain(), self.env.cr.precommit
        if domain.is_false():
            return
        if CHANGED not in precommit.data:
            precommit.data[CHANGED] = []
            precommit.add(self.env["customer.hours.mixin"]._follow_hours)
        precommit.data[CHANGED].append(list(domain))

    @api.model
    def _follow_hours(self):
        """Recompute promises whose working hours have changed, and log it on their complaints.

        A few are recomputed immediately. If there are many, they are marked, and the scheduled
        action processes them, so that the user does not wait.
        """
        domain = Domain.OR(map(Domain, self.env.cr.precommit.data.pop(CHANGED)))
        domain &= Domain("state", "in", PENDING)
        # Hours apply to all promises, including those the user may not read.
        promises = self.env["customer.complaint.promise"].sudo()
        if not promises._note_stale(domain):
            return
        stale = promises.search(domain, limit=MAX_IMMEDIATE + 1)
        if len(stale) <= MAX_IMMEDIATE:
            stale._recompute_stale()
        else:
            promises._trigger_tick([fields.Datetime.now()])
        self.env.flush_all()
