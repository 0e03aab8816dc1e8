from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...tools import schedule

UNITS = [
    ("minutes", "minutes"),
    ("hours", "hours"),
    ("days", "days"),
    ("weeks", "weeks"),
    ("months", "months"),
    ("quarters", "quarters"),
    ("years", "years"),
]
DAY_UNITS = UNITS[2:]
START, TARGET, PREVIOUS = "start", "target", "previous"
# More contacts of one step than anyone makes, and more steps than anyone reads.
MAX_CONTACTS, MAX_STEPS = 10_000, 200
_PLACE = {"plan_id", "version_id", "origin_id"}


class CustomerFollowupStep(models.Model):
    """One contact of a plan or a series of them, with an anchor, an offset and a repetition."""

    _name = "customer.followup.step"
    _description = "Step of a Follow-up Plan"
    _inherit = ["customer.condition.mixin", "customer.shared.mixin"]
    _order = "plan_id, sequence, id"
    _shared_with = "plan_id"

    plan_id = fields.Many2one(
        "customer.followup.plan", required=True, index=True, ondelete="cascade"
    )
    version_id = fields.Many2one(
        "customer.followup.plan.version",
        required=True,
        readonly=True,
        index=True,
        copy=False,
        ondelete="cascade",
    )
    origin_id = fields.Many2one(
        "customer.followup.step",
        string="First of its kind",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The step of an earlier version this one goes on with.",
    )
    is_locked = fields.Boolean(related="version_id.is_used")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(
        default=True,
        help="Off for the steps of earlier versions, which go on for the customers on them.",
    )
    name = fields.Char(required=True, translate=True)
    anchor = fields.Selection(
        [
            (START, "the start"),
            (TARGET, "the target date"),
            (PREVIOUS, "the end of another step"),
        ],
        string="Counted from",
        required=True,
        default=START,
    )
    after_step_id = fields.Many2one(
        "customer.followup.step",
        string="Which step",
        ondelete="restrict",
        domain="[('plan_id', '=', plan_id), ('id', '!=', id)]",
        help="Empty: the step before this one in the list.",
    )
    offset_count = fields.Integer(
        string="After", required=True, default=3, help="Negative: before."
    )
    offset_unit = fields.Selection(UNITS, required=True, default="days", string="Unit")
    hour = fields.Float(
        string="At", default=9.0, help="Hour of the customer's day from which to make the contact."
    )
    early_count = fields.Integer(
        string="May be earlier by", help="The contact may be made this long before that day."
    )
    early_unit = fields.Selection(UNITS, required=True, default="days", string="Unit early")
    late_count = fields.Integer(
        string="May be later by",
        help="This long after that day; 0: it is late after the day itself.",
    )
    late_unit = fields.Selection(UNITS, required=True, default="days", string="Unit late")
    repeat = fields.Selection(
        [
            ("none", "Once"),
            ("interval", "Regularly, counted from the first"),
            ("completion", "Regularly, counted from when the last one was done"),
            ("period", "A number of times in each period"),
            ("remaining", "The more often the nearer the target date"),
            ("season", "More or less often by the month of the year"),
        ],
        required=True,
        default="none",
    )
    every_count = fields.Integer(string="Every", default=1)
    every_unit = fields.Selection(DAY_UNITS, required=True, default="months", string="Unit every")
    times = fields.Integer(default=2)
    period = fields.Selection(
        [("weeks", "week"), ("months", "month"), ("quarters", "quarter"), ("years", "year")],
        required=True,
        default="months",
    )
    interval_ids = fields.One2many(
        "customer.followup.step.interval", "step_id", string="How often", copy=True
    )
    is_stated = fields.Boolean(
        string="Keep the pace of the start",
        help="The pace is chosen once, by the time left at the start, and not again.",
    )
    grace_days = fields.Integer(
        string="Once more after days",
        default=3,
        help="One last contact so many days after the target date; 0: none.",
    )
    end_count = fields.Integer(string="Ends after contacts", help="0: any number.")
    end_after_count = fields.Integer(string="Ends after", help="Counted from the start; 0: never.")
    end_after_unit = fields.Selection(DAY_UNITS, required=True, default="months", string="Unit end")
    end_date = fields.Date(string="Ends on")
    is_ending_at_target = fields.Boolean(string="Ends at the target date")
    is_month_end = fields.Boolean(
        string="Stay at the end of the month",
        help="A start on the last day of a month is followed on the last day of each.",
    )
    workday_policy = fields.Selection(
        [
            ("none", "keep the date"),
            ("next", "take the next working day"),
            ("previous", "take the working day before"),
            ("nearest", "take the nearest working day"),
            ("skip", "leave it out"),
        ],
        string="On non-working days",
        required=True,
        default="none",
        help="Days off are those of the team's working hours, else the company's.",
    )
    is_expiring = fields.Boolean(
        string="Expires when late",
        compute="_compute_is_expiring",
        store=True,
        readonly=False,
        precompute=True,
        help="It is not made late, such as a greeting. Usual for messages some minutes or hours"
        " after the start, and for those before the target date.",
    )
    expire_days = fields.Integer(
        string="Days late at most",
        compute="_compute_is_expiring",
        store=True,
        readonly=False,
        precompute=True,
        help="0: it expires when its last day is over.",
    )
    is_statutory = fields.Boolean(
        string="Required by law", help="A pause does not put it off, and does not stop it."
    )
    priority = fields.Selection(
        [("0", "Normal"), ("1", "One star"), ("2", "Two stars"), ("3", "Three stars")],
        default="0",
        required=True,
        help="Raised to the stars of the customer's tier.",
    )
    channel_id = fields.Many2one(
        "customer.channel",
        required=True,
        ondelete="restrict",
        string="By",
        domain="[('is_incoming', '=', False)]",
    )
    channel_kind = fields.Selection(related="channel_id.kind", string="Kind of channel")
    alternative_ids = fields.Many2many(
        "customer.channel",
        relation="customer_followup_step_channel_rel",
        column1="step_id",
        column2="channel_id",
        string="Fallback channels",
        domain="[('is_incoming', '=', False)]",
        help="Tried in the order of the channels where the first does not work; what the customer"
        " prefers comes before all.",
    )
    purpose_id = fields.Many2one(
        "customer.purpose",
        string="For another purpose",
        ondelete="restrict",
        help="Empty: the purpose of the plan, or Survey for a survey by e-mail. An offer in a"
        " service plan says so here.",
    )
    role_ids = fields.Many2many(
        "res.partner.category",
        relation="customer_followup_step_role_rel",
        column1="step_id",
        column2="category_id",
        string="One person for each tag",
        help="One contact for each of these tags, with one of the customer's people who have it:"
        " the latest who may be contacted. The enrolled person where no one has it.",
    )
    condition = fields.Char(
        string="Only if",
        help="Checked on the day; if it does not hold, the contact is left out. Days in it, such as"
        " today, are those of the company.",
    )
    stop_condition = fields.Char(
        string="Until",
        help="Checked before each contact; once it holds, the series is over. Days in it are"
        " those of the company.",
    )
    model_name = fields.Char(related="plan_id.model_name")
    text = fields.Html(
        string="What to say",
        translate=True,
        help="Shown to the agent. It is never sent to the customer.",
    )

    _hours = models.Constraint(
        "CHECK (hour >= 0 AND hour < 24)", "A step comes at an hour of the day, 0:00 to 23:59."
    )

    @api.depends("anchor", "offset_count", "offset_unit", "channel_id")
    def _compute_is_expiring(self):
        for step in self:
            days = step._usual_expire_days() if step.channel_id.is_automatic else None
            step.expire_days = step.expire_days or (not step.is_expiring and days) or 0
            step.is_expiring = step.is_expiring or days is not None

    def _usual_expire_days(self):
        """Return after how many days late a message makes no sense any more, or ``None``.

        What comes half an hour after the start does not come the next morning; what comes 60 days
        before the target date may come some days late.
        """
        span = schedule.Span(abs(self.offset_count), self.offset_unit)
        if span.is_elapsed:
            return schedule.whole_days(span)
        if self.anchor == TARGET and self.offset_count < 0:
            return schedule.whole_days(span) // 4
        return None

    @api.depends("name")
    def _compute_display_name(self):
        for step in self:
            step.display_name = step.name

    @api.constrains(
        "name", "offset_count", "offset_unit", "early_count", "early_unit", "late_count",
        "late_unit", "repeat", "every_count", "every_unit", "times", "period", "interval_ids",
        "grace_days", "end_count", "end_after_count", "end_after_unit", "end_date", "anchor",
        "is_ending_at_target", "stop_condition", "expire_days",
    )  # fmt: skip
    def _check_schedule(self):
        for step in self:
            problem = step._schedule_problem()
            if problem:
                raise ValidationError(
                    self.env._("%(step)s: %(problem)s", step=step.name or "", problem=problem)
                )

    @api.constrains("purpose_id")
    def _check_no_sales(self):
        self.plan_id._check_no_sales()

    @api.constrains("condition", "stop_condition")
    def _check_conditions(self):
        # Odoo checks constraints in sudo: what counts is what the author may read.
        for step in self.with_user(self.env.user):
            for text in (step.condition, step.stop_condition):
                if text:
                    step._check_condition(text, step.plan_id.model_name)

    @api.constrains(
        "anchor", "after_step_id", "sequence", "plan_id", "repeat", "end_count", "end_after_count",
        "end_date", "stop_condition", "is_ending_at_target",
    )  # fmt: skip
    def _check_order(self):
        self.version_id._check_order()

    @api.model_create_multi
    def create(self, vals_list):
        plans = self.env["customer.followup.plan"]
        for vals in vals_list:
            if not vals.get("plan_id"):
                raise UserError(self.env._("A step belongs to a plan: add it there."))
            if not self.env.su:
                vals.pop("origin_id", None)
            if not (self.env.su and vals.get("version_id")):
                # Users do not choose a version: customers may be on another one.
                vals["version_id"] = plans.browse(vals["plan_id"])._version_to_edit().id
        counts = Counter(vals["plan_id"] for vals in vals_list)
        for plan in plans.browse(counts):
            plan._check_size(counts[plan.id])
        return super().create(vals_list)

    def write(self, vals):
        # Archiving is how a version gives way to the next.
        if vals.keys() - self._correctable_fields() - ({"active"} if self.env.su else set()):
            self._check_version_is_open()
        if _PLACE & vals.keys() and not self.env.su:
            raise UserError(self.env._("A step stays in its plan and version: add a new one."))
        return super().write(vals)

    @api.model
    def _correctable_fields(self):
        """Return the names of the texts, which may be corrected while customers are on a version.

        Dates may not.
        """
        return {"name", "text"}

    @api.ondelete(at_uninstall=False)
    def _unlink_unused(self):
        self._check_version_is_open()
        for step in self.search([("after_step_id", "in", self.ids)]) - self:
            raise UserError(
                self.env._(
                    "%(step)s waits for %(other)s: first choose another step to wait for.",
                    step=step.name,
                    other=step.after_step_id.name,
                )
            )

    def unlink(self):
        versions = self.version_id
        result = super().unlink()
        # A step that came after a deleted one now follows the one before.
        versions.exists()._check_order()
        return result

    def copy_data(self, default=None):
        # `_point_at` sets what a copy waits for, once all copies exist.
        vals_list = super().copy_data(default)
        for vals in vals_list:
            if vals.get("anchor") == PREVIOUS:
                vals.update(anchor=START, after_step_id=False)
        return vals_list

    def _point_at(self, copies):
        """Make copied steps wait for the copies, given as ``{step: its copy}``."""
        for old, new in copies.items():
            if old.anchor == PREVIOUS:
                after = copies.get(old.after_step_id or old._before(), self.browse())
                new.write({"anchor": PREVIOUS, "after_step_id": after.id})

    def _check_version_is_open(self):
        for version in self.version_id._filter_used():
            raise UserError(version._locked_text())

    def _before(self):
        """Return the step this one waits for, if it waits for one."""
        self.ensure_one()
        # A step that is not saved yet is known to the form of its plan only.
        steps = self.version_id.step_ids or self.plan_id.step_ids
        return self.after_step_id or steps._in_order().get(self, self.browse())

    def _in_order(self):
        """Return the step before each of these in the list: ``{step: step or none}``."""
        steps = self.sorted(lambda step: (step.sequence, step._origin.id or float("inf")))
        return dict(zip(steps, [self.browse(), *steps], strict=False))

    def _root(self):
        """Return the step of the first version this one goes on with, or itself."""
        return self.origin_id or self
