from odoo import api, fields, models

from .customer_complaint import CLOSED

SAFETY = "safety"


class CustomerComplaint(models.Model):
    """A case in which somebody may be harmed is told at once, whatever is promised for it."""

    _inherit = "customer.complaint"

    @api.model_create_multi
    def create(self, vals_list):
        complaints = super().create(vals_list)
        complaints._tell_of_safety()
        return complaints

    def write(self, vals):
        became = self.browse()
        if vals.get("nature") == SAFETY:
            became = self.filtered(lambda one: one.nature != SAFETY)
        result = super().write(vals)
        became._tell_of_safety()
        return result

    def _tell_of_safety(self):
        """Have the handler and all who oversee him told of safety cases, each once for a case."""
        # Who leads whom and who must not know: only notices come of it.
        cases = self.sudo().filtered(lambda one: one.nature == SAFETY and one.state != CLOSED)
        if not cases:
            return
        away = self.env["customer.absence"]._stand_ins()
        self.env["customer.complaint.notice"].sudo()._tell_of_safety(
            {case: case._told_of_safety(away) for case in cases}
        )
        self.env["customer.complaint.promise"]._trigger_tick([fields.Datetime.now()])

    def _told_of_safety(self, away):
        levels = self._levels()
        users = self.user_id.union(*levels).filtered("active")
        users = self._filter_allowed(users) or self._decision_maker()
        return users | self._acting_for(users, levels, away)
