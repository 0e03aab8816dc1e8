from odoo import api, models
from odoo.exceptions import ValidationError

from ..ground.system import serialize
from .customer_complaint import CLOSED

COMPLAINT = "customer.complaint"


class CustomerAction(models.Model):
    """A task about a complaint; the complaint cannot be closed before it is done."""

    _inherit = "customer.action"

    @api.constrains("state", "res_model", "res_id")
    def _check_complaint_is_open(self):
        begun = self.filtered(lambda one: one.res_model == COMPLAINT and one.state == "open")
        # The complaint is checked even if the user of the action may not read it.
        complaints = self.env[COMPLAINT].sudo().browse(begun.mapped("res_id"))
        # It may be closed at the same time.
        serialize(complaints)
        for complaint in complaints.filtered(lambda one: one.state == CLOSED):
            raise ValidationError(complaint._ended_text())
