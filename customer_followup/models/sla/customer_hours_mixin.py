from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

from .customer_complaint_promise import PENDING

CHANGED = "customer_followup.hours"
# So many promises keep nobody waiting who saves a change of working hours.
AT_ONCE = 200


class CustomerHoursMixin(models.AbstractModel):
    """A record that says when people work: promises that count in these hours follow it."""

    _name = "customer.hours.mixin"
    _description = "Says When People Work"

    # The fields that say it; none: all.
    _hours_names = frozenset()

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._note_hours()
        return records

    def write(self, vals):
        is_changed = not self._hours_names or self._hours_names & vals.keys()
        if is_changed:
            # Where they counted until now, too.
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
        """Return the domain of the promises that count in these hours.

        Days off, or worked all the same, are those of one calendar or of all.
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
        """Let promises follow before the commit: working hours change line by line."""
        domain, precommit = self._promises_domain(), self.env.cr.precommit
        if domain.is_false():
            return
        if CHANGED not in precommit.data:
            precommit.data[CHANGED] = []
            precommit.add(self.env["customer.hours.mixin"]._follow_hours)
        precommit.data[CHANGED].append(list(domain))

    @api.model
    def _follow_hours(self):
        """Let promises follow whose working hours have changed; say so at their complaints.

        A few follow at once. Of many, only that is noted, and the scheduled action does the rest:
        whoever sets a holiday does not wait for them.
        """
        domain = Domain.OR(map(Domain, self.env.cr.precommit.data.pop(CHANGED)))
        domain &= Domain("state", "in", PENDING)
        # Hours hold for all promises, also those whoever sets them may not see.
        promises = self.env["customer.complaint.promise"].sudo()
        if not promises._note_stale(domain):
            return
        stale = promises.search(domain, limit=AT_ONCE + 1)
        if len(stale) <= AT_ONCE:
            stale._recompute_stale()
        else:
            promises._trigger_tick([fields.Datetime.now()])
        self.env.flush_all()
