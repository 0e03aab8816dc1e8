from odoo import fields, models
from odoo.exceptions import UserError

from .customer_complaint import CLOSED
from .customer_complaint_waiting import AWAITED

AWAITING = "awaiting"


class CustomerComplaint(models.Model):
    """A complaint that cannot go on before the customer says what only he knows."""

    _inherit = "customer.complaint"
    _protected_fields = frozenset({"date_asked"})

    date_asked = fields.Datetime(
        string="Customer asked on",
        readonly=True,
        copy=False,
        help="We wait for what only the customer knows; promises that may wait do.",
    )

    def write(self, vals):
        if "stage_id" in vals:
            # Whoever goes on does not wait any more.
            stage = self.env["customer.complaint.stage"].browse(vals["stage_id"])
            self.filtered(lambda one: one.date_asked and one.state != stage.meaning)._go_on()
        return super().write(vals)

    def _customer_asked(self, how, note=None):
        """The customer was asked for what we cannot go on without."""
        for complaint in self.filtered(lambda one: one.state == CLOSED):
            raise UserError(self.env._("%s is closed: open it again first.", complaint.name))
        self._note_contact("asked", how, note)
        # A fact, which nobody writes by hand.
        self.sudo().filtered(lambda one: not one.date_asked)._wait_since(fields.Datetime.now())

    def _note_contact(self, result, *args, **kwargs):
        noted = super()._note_contact(result, *args, **kwargs)
        if result not in {"asked", "agreed", "told", "tried", "silent"}:
            # He spoke.
            self._go_on()
        return noted

    def action_go_on(self):
        """Note that the customer said what he was asked for, and go on."""
        return self._note_fact(self.env._("We need not wait for the customer."), self._go_on)

    def _go_on(self):
        # A fact, which nobody writes by hand.
        self.sudo().filtered("date_asked")._wait_since(False)

    def _wait_since(self, moment):
        """Let clocks stand still from a moment on, or run again."""
        if self:
            self.date_asked = moment
            if not moment:
                self.activity_unlink([AWAITED])
            self.env["customer.complaint.clock"]._switch_interval(self, fields.Datetime.now())
            self.promise_ids._recompute_deadlines()

    def _clock_meaning(self):
        return AWAITING if self.date_asked else super()._clock_meaning()
