from odoo import api, fields, models
from odoo.tools.misc import clean_context

from ..tools import worktime

# Of a series whose dates have passed, no more are counted.
COUNTED = 100


class CustomerFollowupEnroll(models.TransientModel):
    """The dialog that enrolls customers in a plan."""

    _name = "customer.followup.enroll"
    _description = "Enroll Customers"
    _inherit = ["customer.dialog.mixin"]

    plan_id = fields.Many2one(
        "customer.followup.plan",
        required=True,
        ondelete="cascade",
        domain="[('state', '=', 'running')]",
    )
    date_anchor = fields.Datetime(string="Starts", required=True, default=fields.Datetime.now)
    date_target = fields.Datetime(
        string="Target date", help="Without it, steps that count back from it wait."
    )
    needs_target = fields.Boolean(related="plan_id.needs_target")
    past_count = fields.Integer(
        string="Contacts that have passed",
        compute="_compute_past_count",
        help="Of each customer, by the start chosen here.",
    )
    past_policy = fields.Selection(related="plan_id.past_policy")
    partner_ids = fields.Many2many(
        "res.partner",
        relation="customer_followup_enroll_partner_rel",
        string="Customers",
        required=True,
        default=lambda self: self._default_partner_ids(),
    )

    def _default_partner_ids(self):
        if self.env.context.get("active_model") == "res.partner":
            return self.env.context.get("active_ids")
        return []

    @api.depends("plan_id", "date_anchor", "date_target")
    def _compute_past_count(self):
        now = fields.Datetime.now()
        for enroll in self:
            dates = enroll._sample_dates() if enroll.plan_id and enroll.date_anchor else []
            enroll.past_count = sum(one.deadline < now for _step, one in dates)

    def _sample_dates(self):
        """Return ``(step, occurrence)`` of the contacts of a customer who starts as chosen."""
        sample = self.plan_id._sample()
        target = self.date_target and worktime.local_day(self.date_target, sample.zone)
        sample = sample._replace(anchor=self.date_anchor, target=target or None)
        today = worktime.local_day(fields.Datetime.now(), sample.zone)
        return self.plan_id.step_ids._sample_dates(sample, COUNTED, today)

    def action_enroll(self):
        """Enroll them and show the result."""
        if not self._use():
            return {"type": "ir.actions.act_window_close"}
        # The dialog's own defaults must not reach the new rows.
        plan = self.plan_id.with_env(self.env(context=clean_context(self.env.context)))
        enrollments = plan._enroll(self.partner_ids, self.date_anchor, self.date_target)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Customers on a plan"),
            "res_model": "customer.followup.enrollment",
            "view_mode": "list,form",
            "domain": [("id", "in", enrollments.ids)],
        }
