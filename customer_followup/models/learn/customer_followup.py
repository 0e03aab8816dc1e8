from odoo import api, fields, models
from odoo.fields import Domain

from ..contact.customer_followup import DONE, MISSED, OPEN_STATES


class CustomerFollowup(models.Model):
    """A follow-up, with the share of customers who were reached."""

    _inherit = "customer.followup"

    @api.model
    def _due_between(self, start, end):
        """Return the domain of follow-ups by users due from ``start`` to before ``end``.

        Cancelled, withheld and not applicable follow-ups do not count, nor do messages, as these
        are no contacts by users. Both limits are naive UTC.
        """
        end = min(end, fields.Datetime.now())
        return (
            Domain("state", "in", (*OPEN_STATES, DONE, MISSED))
            & Domain("date_due", ">=", start)
            & Domain("date_due", "<", end)
            & Domain("channel_id.is_automatic", "=", False)
        )

    @api.model
    def _followup_rate(self, start, end, domain=Domain.TRUE):
        """Return the share of customers reached among those due in a period, 0 to 100.

        A customer counts once, however many follow-ups were due. ``None`` if none were due.

        :param start: naive UTC; the period ends before ``end``
        """
        due = self._due_between(start, end) & Domain(domain)
        reached = due & Domain("state", "=", DONE) & Domain("outcome_id.is_reached", "=", True)
        [(to_reach,)] = self._read_group(due, [], ["commercial_partner_id:count_distinct"])
        [(count,)] = self._read_group(reached, [], ["commercial_partner_id:count_distinct"])
        return 100 * count / to_reach if to_reach else None
