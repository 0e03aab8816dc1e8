from odoo import api, fields, models

COMPLAINT = "customer.complaint"


class CustomerAction(models.Model):
    """An open action keeps its complaint open."""

    _inherit = "customer.action"

    before_value = fields.Float(
        string="Complaints per hundred before", readonly=True, copy=False, digits=(16, 2)
    )
    week_ids = fields.One2many("customer.complaint.week", "action_id", string="High weeks")

    @api.constrains("state", "res_model", "res_id")
    def _check_complaint_is_open(self):
        begun = self.filtered(lambda one: one.res_model == COMPLAINT and one.state == "open")
        # Its complaint must hold, also one the doer of the action cannot see.
        self.env[COMPLAINT].sudo().browse(begun.mapped("res_id"))._check_stage_needs()
