from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .customer_followup_enrollment import OPEN_STATES
from .customer_followup_step import MAX_STEPS

ONE_DAY = timedelta(days=1)


class CustomerFollowupPlan(models.Model):
    """The contacts every enrolled customer will receive, why, and on what legal ground."""

    _name = "customer.followup.plan"
    _description = "Follow-up Plan"
    _inherit = ["mail.thread", "customer.model.mixin"]
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
    model_name = fields.Char(
        default="res.partner", help="Of which records the conditions of its steps speak."
    )
    model_id = fields.Many2one(
        string="Conditions about",
        help="The customer, or the record for which he is enrolled, such as his order. Where there"
        " is no such record, conditions hold.",
    )
    is_no_sales = fields.Boolean(
        string="Nothing is sold", help="No step may be for marketing, and no contact sells."
    )
    reenrollment = fields.Selection(
        [
            ("record", "Once for each record, and by hand once at a time"),
            ("single", "Once at a time"),
            ("restart", "Once at a time: a new start stops the one before"),
            ("never", "Once and never again"),
        ],
        string="A customer is on it",
        required=True,
        default="record",
    )
    past_policy = fields.Selection(
        [
            ("planned", "make up today for what was planned or is a day late, leave out the rest"),
            ("today", "make up for it today"),
            ("keep", "keep the date, late as it is"),
            ("skip", "leave it out"),
        ],
        string="A contact whose time has passed",
        required=True,
        default="planned",
        help="When a customer is enrolled late, or the start, the target date or the version is"
        " changed later. A contact left out is not sent and not counted as missed. Of a series,"
        " one contact is made up for at most. Contacts whose days include today have not passed.",
    )
    step_ids = fields.One2many("customer.followup.step", "plan_id", string="Steps", copy=True)
    enrollment_ids = fields.One2many("customer.followup.enrollment", "plan_id")
    enrollment_count = fields.Integer(string="Customers", compute="_compute_enrollment_count")

    def _compute_enrollment_count(self):
        counts = dict(
            self.env["customer.followup.enrollment"]._read_group(
                [("plan_id", "in", self.ids), ("state", "in", OPEN_STATES)],
                ["plan_id"],
                ["__count"],
            )
        )
        for plan in self:
            plan.enrollment_count = counts.get(plan, 0)

    @api.constrains("model_name")
    def _check_model(self):
        for plan in self:
            plan.with_user(self.env.user).step_ids._check_conditions()
            for rule in self.env["customer.followup.rule"].search([("plan_id", "=", plan.id)]):
                rule._check_plan_fits()

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

    def _makes_up(self, deadline, known):
        """Say whether a contact that was never planned is made though its time has passed.

        :param deadline: until when it was to be made, naive UTC
        :param known: when its date became known, naive UTC
        """
        if self.past_policy == "planned":
            # Rules, imports and people come to a record some hours after it was made.
            return known <= deadline + ONE_DAY
        return self.past_policy != "skip"

    def _check_runs(self):
        for plan in self.filtered(lambda plan: plan.state != "running" or not plan.active):
            raise UserError(
                self.env._("%(plan)s does not run yet: run it before enrolling.", plan=plan.name)
            )

    @api.constrains("is_no_sales", "purpose_id", "step_ids")
    def _check_no_sales(self):
        for plan in self.filtered("is_no_sales"):
            marketing = (plan.purpose_id | plan.step_ids.purpose_id).filtered("is_marketing")
            if marketing:
                raise ValidationError(
                    self.env._(
                        "%(plan)s sells nothing: %(purpose)s has no place in it.",
                        plan=plan.name,
                        purpose=marketing[0].name,
                    )
                )

    def _check_size(self, more=0):
        for plan in self:
            if len(plan.step_ids) + more > MAX_STEPS:
                raise ValidationError(
                    self.env._(
                        "%(plan)s: a plan has at most %(count)s steps. Repeat a step instead.",
                        plan=plan.name,
                        count=MAX_STEPS,
                    )
                )

    def _check_ready(self):
        """Raise a sentence unless customers may be enrolled with the steps as they are."""
        self._check_running_is_complete()
        today = fields.Date.context_today(self)
        for step in self.step_ids.filtered(lambda step: step.end_date and step.end_date < today):
            raise UserError(
                self.env._(
                    "%(step)s ended on %(date)s already: give it a later end.",
                    step=step.name,
                    date=step.end_date,
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        plans = super().create(vals_list)
        plans.filtered(lambda plan: plan.state == "running")._put_in_force()
        return plans

    def write(self, vals):
        if "version_id" in vals and not self.env.su:
            raise UserError(self.env._("Use the draft of a plan instead of choosing a version."))
        if "model_name" in vals:
            self._check_model_is_free(vals["model_name"])
        result = super().write(vals)
        if vals.get("state") == "running":
            self._check_ready()
            self._put_in_force()
        return result

    def _check_model_is_free(self, model_name):
        """Raise if conditions of steps customers are on would change their meaning."""
        for plan in self.filtered(lambda plan: plan.model_name != model_name):
            if plan.version_ids._filter_used():
                raise UserError(
                    self.env._(
                        "%(plan)s: customers are on it. Copy the plan to ask other records.",
                        plan=plan.name,
                    )
                )

    def action_run(self):
        """Let customers be enrolled from now on."""
        for plan in self.filtered("draft_version_id"):
            raise UserError(
                self.env._(
                    "%(plan)s has the draft of a new version: use it or discard it first.",
                    plan=plan.name,
                )
            )
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

    def _enroll(self, partners, date_anchor=None, date_target=None):
        """Enroll customers by hand and return the rows.

        :param date_anchor: day 0, naive UTC; now
        :param date_target: what some steps count back from, naive UTC
        """
        self.ensure_one()
        return self.env["customer.followup.enrollment"].create(
            [
                {
                    "plan_id": self.id,
                    "partner_id": partner.id,
                    "company_id": (self.company_id or self.env.company).id,
                    "date_anchor": date_anchor or fields.Datetime.now(),
                    "date_target": date_target or False,
                }
                for partner in partners
            ]
        )
