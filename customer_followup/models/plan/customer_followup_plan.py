from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .customer_followup_enrollment import OPEN_STATES
from .customer_followup_plan_version import DRAFT
from .customer_followup_step import MAX_STEPS

ONE_DAY = timedelta(days=1)
# Fields that only the data of the gallery sets; fields of its cards that are not stored.
_PLACED = {"is_template", "is_proposal"}
_SAMPLE = {"sample_date", "sample_target"}


class CustomerFollowupPlan(models.Model):
    """The contacts each enrolled customer receives, their purpose and their lawful basis."""

    _name = "customer.followup.plan"
    _description = "Follow-up Plan"
    _inherit = [
        "mail.thread",
        "customer.model.mixin",
        "customer.change.mixin",
        "customer.shared.mixin",
    ]
    _order = "sequence, name, id"
    _check_company_auto = True
    _followed_fields = frozenset({"state"})

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, ondelete="restrict", help="Empty: shared by all companies."
    )
    state = fields.Selection(
        [("draft", "Draft"), ("running", "Running"), ("closed", "Ended")],
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
        default="res.partner", help="The model that the conditions of its steps are about."
    )
    model_id = fields.Many2one(
        string="Conditions about",
        help="The customer, or the record for which the customer is enrolled, such as an order."
        " Where there is no such record, conditions hold.",
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
            ("planned", "make it today if it was planned or is a day late, else leave it out"),
            ("today", "make it today"),
            ("keep", "keep the date, although it is late"),
            ("skip", "leave it out"),
        ],
        string="A contact whose time has passed",
        required=True,
        default="planned",
        help="When a customer is enrolled late, or the start, the target date or the version is"
        " changed later. A contact left out is not sent and not counted as missed. Of a series,"
        " at most one contact is made later. Contacts whose days include today have not passed.",
    )
    step_ids = fields.One2many("customer.followup.step", "plan_id", string="Steps", copy=True)
    window_ids = fields.One2many(
        "customer.contact.window",
        "plan_id",
        string="Contact hours",
        copy=True,
        help="Hours of the customer's day; empty: those of the channel. A time the customer chose"
        " overrides them.",
    )
    is_workdays_only = fields.Boolean(
        string="On working days only", help="Those of the team's working hours."
    )
    cooling_off_hours = fields.Integer(
        string="No contact for the first hours",
        help="After the start, as the law asks after some contracts. 0: none.",
    )
    version_ids = fields.One2many("customer.followup.plan.version", "plan_id")
    version_id = fields.Many2one(
        "customer.followup.plan.version",
        string="In force",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="What customers receive who are enrolled now.",
    )
    draft_version_id = fields.Many2one(
        "customer.followup.plan.version", string="Draft", compute="_compute_draft_version_id"
    )
    is_locked = fields.Boolean(compute="_compute_draft_version_id")
    outdated_count = fields.Integer(
        string="On earlier versions", compute="_compute_draft_version_id"
    )
    enrollment_ids = fields.One2many("customer.followup.enrollment", "plan_id")
    enrollment_count = fields.Integer(string="Customers", compute="_compute_enrollment_count")

    _cooling_off = models.Constraint(
        "CHECK (cooling_off_hours >= 0 AND cooling_off_hours <= 8784)",
        "A cooling-off period lasts zero or more hours, and no longer than a year.",
    )

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

    @api.depends("version_ids.state", "version_id")
    def _compute_draft_version_id(self):
        for plan in self:
            draft = plan.version_ids.filtered(lambda version: version.state == DRAFT)[:1]
            plan.draft_version_id = draft if plan.version_id else False
            plan.is_locked = not draft and plan.version_id.is_used
            older = plan.version_ids - plan.version_id
            plan.outdated_count = sum(older.mapped("enrollment_count"))

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

    @api.constrains("version_id")
    def _check_version(self):
        for plan in self:
            if plan.version_id and plan.version_id.plan_id != plan:
                raise ValidationError(
                    self.env._("%(plan)s: the version is one of another plan.", plan=plan.name)
                )

    def _makes_up(self, deadline, known):
        """Say whether a contact that was never planned is made though its time has passed.

        :param deadline: until when it was to be made, naive UTC
        :param known: when its date became known, naive UTC
        """
        if self.past_policy == "planned":
            # Rules, imports and users process a record some hours after its creation.
            return known <= deadline + ONE_DAY
        return self.past_policy != "skip"

    def _check_runs(self):
        """Raise unless customers can be enrolled in the plans."""
        self._check_not_template()
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
                        "%(plan)s sells nothing: %(purpose)s cannot be used in it.",
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
        """Raise unless customers may be enrolled with the present steps."""
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
        plans._follow()
        return plans

    def write(self, vals):
        self.check_access("read")
        if vals.keys() <= _SAMPLE and all(plan.is_template for plan in self):
            # Other dates to show in the gallery: nothing is stored.
            return True
        self._check_write(vals)
        before = self._snapshot(vals)
        result = super().write(vals)
        self._follow(before)
        return result

    def copy(self, default=None):
        plans = super().copy(default)
        for old, new in zip(self, plans, strict=True):
            # Odoo copies them in this order, whatever their sequence.
            pairs = zip(old.step_ids.sorted("id"), new.step_ids.sorted("id"), strict=True)
            new.step_ids._point_at(dict(pairs))
        return plans

    def _check_write(self, vals):
        super()._check_write(vals)
        if not self.env.su:
            self._check_not_template()
            if _PLACED & vals.keys():
                raise UserError(self.env._("Plans of the gallery come with the add-on only."))
            if "version_id" in vals:
                raise UserError(
                    self.env._("Use the draft of a plan instead of choosing a version.")
                )
        if "model_name" in vals:
            self._check_model_is_free(vals["model_name"])
        return super()._check_write(vals)

    def _follow(self, before=None):
        running = self._changed(before, "state").filtered(lambda plan: plan.state == "running")
        if running:
            running._check_ready()
            running._put_in_force()
        return super()._follow(before)

    def _check_model_is_free(self, model_name):
        """Raise if conditions of a version with customers would change their meaning."""
        for plan in self.filtered(lambda plan: plan.model_name != model_name):
            if plan.version_ids._filter_used():
                raise UserError(
                    self.env._(
                        "%(plan)s: customers are on it. Copy the plan to use other records.",
                        plan=plan.name,
                    )
                )

    def action_run(self):
        """Run the plan: customers can be enrolled from now on."""
        self.check_access("read")
        self._check_not_template()
        for plan in self.filtered("draft_version_id"):
            raise UserError(
                self.env._(
                    "%(plan)s has the draft of a new version: use it or discard it first.",
                    plan=plan.name,
                )
            )
        self.state = "running"

    def action_close(self):
        """Close the plan to new customers; those who are on it stay on it."""
        self.check_access("read")
        self.state = "closed"

    def action_enrollments(self):
        """Open the customers who are on this plan."""
        self.ensure_one()
        self.check_access("read")
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
