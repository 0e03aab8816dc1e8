from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class CustomerComplaint(models.Model):
    """When a complaint came in: all that is promised counts from then."""

    _inherit = "customer.complaint"

    date_received = fields.Datetime(tracking=True)

    @api.constrains("date_received")
    def _check_date_received(self):
        now = fields.Datetime.now()
        for complaint in self.filtered(lambda one: one.date_received > now):
            raise ValidationError(
                self.env._(
                    "%(number)s cannot be received in the future: say when the customer told us.",
                    number=complaint.name,
                )
            )

    def write(self, vals):
        if "date_received" in vals:
            self._check_may_backdate(fields.Datetime.to_datetime(vals["date_received"]))
        return super().write(vals)

    def _check_may_backdate(self, moment):
        """What is promised hangs on the receipt: its handler would change his own deadlines."""
        if self.env.su or self.env.user.has_group("customer_followup.group_followup_leader"):
            return
        for complaint in self.filtered(lambda one: one.date_received != moment):
            raise UserError(
                self.env._(
                    "%(number)s was received when it says: ask a team leader to change that.",
                    number=complaint.name,
                )
            )
