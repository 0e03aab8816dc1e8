from odoo import fields, models


class CustomerFollowupEnroll(models.TransientModel):
    """Which plan shall these customers be put on, from when?"""

    _name = "customer.followup.enroll"
    _description = "Put Customers on a Plan"

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

    def action_enroll(self):
        """Enroll them and show the result."""
        enrollments = self.plan_id._enroll(self.partner_ids, self.date_anchor, self.date_target)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Customers on a plan"),
            "res_model": "customer.followup.enrollment",
            "view_mode": "list,form",
            "domain": [("id", "in", enrollments.ids)],
        }
