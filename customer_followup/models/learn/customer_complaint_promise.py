from odoo import api, fields, models
from odoo.fields import Domain

from ...tools import sla
from ..sla.customer_complaint_promise import MET, MISSED, OPEN


class CustomerComplaintPromise(models.Model):
    """A promise, with the share of kept promises."""

    _inherit = "customer.complaint.promise"

    @api.model
    def _attainment(self, domain):
        """Return the share of kept promises in percent, or ``None`` if none is decided."""
        overdue = Domain("state", "=", OPEN) & Domain("date_deadline", "<", fields.Datetime.now())
        counts = {state: count for state, count in self._read_group(domain, ["state"], ["__count"])}
        late = self.search_count(Domain(domain) & overdue)
        return sla.attainment(counts.get(MET, 0), counts.get(MISSED, 0), late)
