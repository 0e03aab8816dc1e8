from odoo import fields, models

from ...tools import sla
from ..complaint.customer_complaint import CLOSED
from .customer_sla_target import SURVEY

# Meanings of stages in which a clock may be paused, in addition to closed ones.
MAY_STOP = ("awaiting", "external")


class CustomerComplaintClock(models.Model):
    """An interval in which a complaint was in one stage, which may pause its clocks."""

    _name = "customer.complaint.clock"
    _description = "Complaint Clock Interval"
    _check_company_auto = True
    _inherit = "customer.bulk.mixin"
    _customer_confidential = "complaint_id.excluded_user_ids"
    _order = "complaint_id, date_from, id"
    _rec_name = "meaning"

    complaint_id = fields.Many2one(
        "customer.complaint", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    meaning = fields.Selection(
        lambda self: self.env["customer.complaint.stage"]._fields["meaning"].selection,
        string="Stage",
        required=True,
        readonly=True,
    )
    date_from = fields.Datetime(string="From", required=True, readonly=True)
    date_to = fields.Datetime(string="To", readonly=True, help="Empty: the current interval.")

    def _pauses(self, promise):
        """Return each :class:`sla.Pause` of the clock of a promise or target."""
        stopping = {name for name in MAY_STOP if promise[f"stops_{name}"]}
        if promise.kind != SURVEY:
            stopping.add(CLOSED)
        return [
            sla.Pause(row.date_from, row.date_to or None, row.meaning)
            for row in self
            if row.meaning in stopping
        ]

    def _switch_interval(self, complaints, moment):
        """End the current intervals of complaints and begin those of their present stages."""
        self.search([("complaint_id", "in", complaints.ids), ("date_to", "=", False)]).write(
            {"date_to": moment}
        )
        self._begin({complaint: moment for complaint in complaints})

    def _begin(self, moments):
        """Begin an interval for each complaint: ``{complaint: naive UTC}``."""
        self._insert(
            [
                {
                    "complaint_id": complaint.id,
                    "company_id": complaint.company_id.id,
                    "meaning": complaint._clock_meaning(),
                    "date_from": moment,
                }
                for complaint, moment in moments.items()
            ]
        )
