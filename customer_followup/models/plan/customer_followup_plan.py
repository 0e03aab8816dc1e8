from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CustomerFollowupPlan(models.Model):
    """The contacts every enrolled customer will receive, why, and on what legal ground."""

    _name = "customer.followup.plan"
    _description = "Follow-up Plan"
    _inherit = ["mail.thread"]
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, ondelete="restrict", help="Empty: shared by all companies."
    )
    state = fields.Selection(
        [("draft", "Draft"), ("running", "Running"), ("closed", "Closed")],
        required=True,
        readonly=True,
        default="draft",
        tracking=True,
        copy=False,
        help="Customers can be enrolled while a plan is running.",
    )
    purpose_id = fields.Many2one(
        "customer.purpose", required=True, ondelete="restrict", tracking=True
    )
    lawful_basis = fields.Selection(
        [
            ("contract", "Contract with the customer"),
            ("obligation", "Legal obligation"),
            ("interest", "Legitimate interest"),
            ("consent", "Consent"),
            ("vital", "Vital interest"),
        ],
        tracking=True,
        help="Why the law allows these contacts. A plan cannot run without.",
    )
    team_id = fields.Many2one(
        "customer.team",
        ondelete="restrict",
        help="Its members share the customers of its company who have no owner.",
    )
    description = fields.Text(translate=True)
    step_ids = fields.One2many("customer.followup.step", "plan_id", string="Steps", copy=True)
    enrollment_ids = fields.One2many("customer.followup.enrollment", "plan_id")
    enrollment_count = fields.Integer(string="Customers", compute="_compute_enrollment_count")

    def _compute_enrollment_count(self):
        counts = dict(
            self.env["customer.followup.enrollment"]._read_group(
                [("plan_id", "in", self.ids), ("state", "in", ("active", "paused", "stuck"))],
                ["plan_id"],
                ["__count"],
            )
        )
        for plan in self:
            plan.enrollment_count = counts.get(plan, 0)

    @api.constrains("state", "lawful_basis", "step_ids")
    def _check_running_is_complete(self):
        for plan in self.filtered(lambda plan: plan.state == "running"):
            if not plan.lawful_basis:
                raise ValidationError(
                    self.env._("%(plan)s: choose a lawful basis first.", plan=plan.name)
                )
            if not plan.step_ids:
                raise ValidationError(
                    self.env._("%(plan)s: add at least one step first.", plan=plan.name)
                )

    def action_run(self):
        """Let customers be enrolled from now on."""
        self.state = "running"

    def action_close(self):
        """Enroll nobody any more; whoever is on the plan stays on it."""
        self.state = "closed"

    def action_enrollments(self):
        """Open the customers who are on this plan."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "customer.followup.enrollment",
            "view_mode": "list,form",
            "domain": [("plan_id", "=", self.id)],
        }

    def _enroll(self, partners, date_anchor=None):
        """Enroll customers by hand from ``date_anchor`` (naive UTC; now) and return the rows."""
        self.ensure_one()
        return self.env["customer.followup.enrollment"].create(
            [
                {
                    "plan_id": self.id,
                    "partner_id": partner.id,
                    "company_id": (self.company_id or self.env.company).id,
                    "date_anchor": date_anchor or fields.Datetime.now(),
                }
                for partner in partners
            ]
        )
