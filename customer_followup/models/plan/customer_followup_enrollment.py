from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..ground.system import serialize

MERGED = "merged"
ACTIVE, PAUSED, DONE, STOPPED, STUCK = "active", "paused", "done", "stopped", "stuck"
OPEN_STATES = (ACTIVE, PAUSED, STUCK)
DATES = ("date_anchor", "date_target")
# Set once, by the user who enrolls the customer.
_CHOSEN = {"plan_id", "partner_id", "company_id", "commercial_partner_id"}
STOP_CODES = [
    ("hand", "Stopped by hand"),
    ("goal_reached", "Goal reached"),
    ("asked", "The customer asked for it"),
    ("anchor_removed", "Anchor date removed"),
    ("restarted", "It was started again"),
    (MERGED, "Merged with another contact"),
    ("customer", "Its record has another customer or company"),
]


class CustomerFollowupEnrollment(models.Model):
    """A customer on a plan from an anchor date, for a source record."""

    _name = "customer.followup.enrollment"
    _description = "Customer on a Plan"
    _inherit = [
        "customer.card.mixin",
        "customer.bulk.mixin",
        "customer.batch.mixin",
        "customer.work.mixin",
        "customer.change.mixin",
    ]
    _order = "id desc"
    _is_moved_to_team = True
    _check_company_auto = True
    _protected_fields = frozenset(
        {
            "commercial_partner_id",
            "company_id",
            "date_known",
            "date_next",
            "date_paused",
            "date_resume",
            "date_resumed",
            "delay_days",
            "error",
            "is_planned_out",
            "is_stale",
            "is_unmatched",
            "partner_id",
            "pause_mode",
            "pause_note",
            "plan_id",
            "res_id",
            "res_model",
            "rule_id",
            "state",
            "stop_code",
            "stop_note",
            "version_id",
        }
    )

    _followed_fields = frozenset(DATES)

    plan_id = fields.Many2one(
        "customer.followup.plan", required=True, ondelete="restrict", check_company=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    team_id = fields.Many2one("customer.team", index=True, ondelete="restrict", check_company=True)
    user_id = fields.Many2one("res.users", string="Agent", index=True, ondelete="restrict")
    version_id = fields.Many2one(
        "customer.followup.plan.version",
        required=True,
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="What the plan said when the customer was enrolled.",
    )
    rule_id = fields.Many2one(
        "customer.followup.rule", readonly=True, copy=False, ondelete="restrict"
    )
    res_model = fields.Char(string="Source model", readonly=True, copy=False)
    res_id = fields.Many2oneReference(
        string="Source", model_field="res_model", readonly=True, copy=False
    )
    date_anchor = fields.Datetime(
        string="Starts", required=True, default=fields.Datetime.now, help="Day 0 of the plan."
    )
    date_target = fields.Datetime(
        string="Target date",
        help="The date of the event the plan leads to, such as a purchase or an expiry. Some steps"
        " count back from it.",
    )
    date_known = fields.Datetime(
        string="Dates known since",
        required=True,
        readonly=True,
        copy=False,
        default=fields.Datetime.now,
        help="When the customer was enrolled, or a date or the version was changed last. For"
        " contacts whose time had passed by then, the plan says what happens.",
    )
    date_next = fields.Datetime(
        string="Next planning",
        readonly=True,
        copy=False,
        default=fields.Datetime.now,
        help="When the planner processes this row next; empty when nothing is left to plan.",
    )
    is_planned_out = fields.Boolean(
        readonly=True, copy=False, help="No further contact will be planned."
    )
    needs_target = fields.Boolean(compute="_compute_needs_target")
    state = fields.Selection(
        [
            (ACTIVE, "Running"),
            (PAUSED, "Paused"),
            (DONE, "Done"),
            (STOPPED, "Stopped"),
            (STUCK, "Needs attention"),
        ],
        required=True,
        readonly=True,
        default=ACTIVE,
        copy=False,
    )
    stop_code = fields.Selection(STOP_CODES, string="Why stopped", readonly=True, copy=False)
    stop_note = fields.Char(string="Note on the stop", readonly=True, copy=False)
    error = fields.Text(readonly=True, copy=False)
    is_unmatched = fields.Boolean(
        readonly=True,
        copy=False,
        help="The source stopped matching its rule: if it matches again, that is a new start.",
    )

    # The planner: rows whose time has come, oldest first. Paused ones may have contacts that the
    # law requires.
    _due_idx = models.Index("(date_next) WHERE state IN ('active', 'paused')")
    # Rules: NOT EXISTS (... WHERE rule_id = and res_id =).
    _source_idx = models.Index("(rule_id, res_id) WHERE rule_id IS NOT NULL")
    _source_uniq = models.UniqueIndex(
        "(rule_id, res_id) WHERE state IN ('active', 'paused', 'stuck') AND rule_id IS NOT NULL",
        "This record is enrolled by this rule already.",
    )
    # Counter on the plan, list of a plan.
    _plan_idx = models.Index("(plan_id, state)")
    # Whether a version is used, and by how many now.
    _version_idx = models.Index("(version_id, state)")

    @api.depends("plan_id", "partner_id")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        for enrollment in self:
            enrollment.display_name = self.env._(
                "%(plan)s: %(customer)s",
                plan=enrollment.plan_id.display_name,
                customer=enrollment.sudo().partner_id._shown_name(),
            )
        return result

    @api.depends("version_id")
    def _compute_needs_target(self):
        for enrollment in self:
            steps = enrollment.version_id.step_ids
            enrollment.needs_target = any(step._needs_target() for step in steps)

    @api.constrains("plan_id", "partner_id")
    def _check_not_running_twice(self):
        for plan, rows in self.grouped("plan_id").items():
            policy = plan.reenrollment
            if policy == "record":
                rows = rows.filtered(lambda row: not row.rule_id)
            rows = rows.filtered(lambda row: row.state in OPEN_STATES)
            if rows:
                # The customer may be enrolled twice at the same time.
                serialize(plan)
                rows._check_alone(policy)

    def _check_alone(self, policy):
        """Raise if one of these customers has another row on the plan that its policy forbids."""
        others = [
            ("plan_id", "in", self.plan_id.ids),
            ("partner_id", "in", self.partner_id.ids),
            ("company_id", "in", self.company_id.ids),
        ]
        if policy == "never":
            # A merge of contacts leaves the row of the other one as history.
            others.append(("stop_code", "!=", MERGED))
        else:
            others.append(("state", "in", OPEN_STATES))
        if policy == "record":
            others.append(("rule_id", "=", False))
        # The message says that there is another row, also to users who may not read it.
        twins = self.sudo()._read_group(
            others, ["plan_id", "partner_id", "company_id"], having=[("__count", ">", 1)]
        )
        for plan, partner, _company in twins:
            raise ValidationError(
                self.env._(
                    "%(customer)s is on the plan %(plan)s already.",
                    customer=partner.display_name,
                    plan=plan.name,
                )
                if policy != "never"
                else self.env._(
                    "%(customer)s was on the plan %(plan)s, which no customer is on twice.",
                    customer=partner.display_name,
                    plan=plan.name,
                )
            )

    def _stop_earlier(self, vals_list):
        """Stop the running rows of customers on plans that restart."""
        by_plan = {}
        for vals in vals_list:
            by_plan.setdefault(vals["plan_id"], []).append(vals)
        for plan_id, some in by_plan.items():
            plan = self.env["customer.followup.plan"].browse(plan_id)
            if plan.reenrollment == "restart":
                domain = [
                    ("plan_id", "=", plan.id),
                    ("partner_id", "in", [vals.get("partner_id") for vals in some]),
                    ("company_id", "in", [vals["company_id"] for vals in some]),
                    ("state", "in", OPEN_STATES),
                ]
                # The user who restarts a plan need not be allowed to read the earlier rows.
                self.sudo().search(domain).action_stop(code="restarted")
                # A record has one running row at a time in the database.
                self.flush_model(["state"])

    @api.constrains("plan_id", "version_id")
    def _check_version(self):
        for row in self:
            if row.version_id.plan_id != row.plan_id:
                raise ValidationError(
                    self.env._("%s: the version is one of another plan.", row.display_name)
                )

    @api.model
    def _merged_into(self, sources, destination):
        self._stop_merged(sources | destination)
        return super()._merged_into(sources, destination)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_create(vals)
        self._complete(vals_list)
        rows = super().create(vals_list)
        rows._follow()
        return rows

    def write(self, vals):
        self._check_write(vals)
        if not vals.get("date_anchor", True):
            # Without a start there is nothing to follow up.
            self._stop("anchor_removed")
            vals = {name: value for name, value in vals.items() if name not in DATES}
        before = self._snapshot(vals)
        result = super().write(vals)
        self._follow(before)
        return result

    def _check_create(self, vals):
        self._check_protected(vals.keys() - _CHOSEN, with_defaults=True)
        return super()._check_create(vals)

    def _check_write(self, vals):
        super()._check_write(vals)
        self._check_protected(vals)
        self._check_ended(vals)
        if not vals.keys().isdisjoint(DATES):
            self._check_open()

    def _follow(self, before=None):
        if before is None:
            self._trigger_planners(len(self))
        else:
            moved = self._changed(before, *DATES)
            if moved:
                moved._move()
        return super()._follow(before)

    def _record(self, vals):
        """Write protected fields, for a user who may change these rows."""
        self.check_access("write")
        return super()._record(vals)

    def _filter_ended(self):
        return self.filtered(lambda row: row.state not in OPEN_STATES)

    def _ended_text(self):
        return self.env._(
            "%(enrollment)s has ended: enroll the customer anew.", enrollment=self.display_name
        )

    def _check_open(self):
        for row in self._filter_ended():
            raise UserError(row._ended_text())

    @api.model
    def _work_label(self):
        return self.env._("running plans")

    @api.model
    def _open_work_domain(self):
        return Domain("state", "in", OPEN_STATES)

    @api.model
    def _enroll(self, vals_list):
        """Enroll many customers at once, from values of the same fields; return the rows."""
        self._complete(vals_list)
        now = fields.Datetime.now()
        fixed = {"state": ACTIVE, "date_known": now, "date_next": now, "is_planned_out": False}
        rows = self.browse(self._insert([{**fixed, **vals} for vals in vals_list]))
        # What `create` would have checked.
        rows._check_same_company()
        rows._check_not_running_twice()
        rows._follow()
        return rows

    @api.model
    def _complete(self, vals_list):
        """Add customer, version, team and agent to the values of new rows."""
        plans = self.env["customer.followup.plan"]
        people = self.env["res.partner"].browse({vals.get("partner_id") for vals in vals_list})
        # The user who enrolls a customer need not be allowed to open the contact.
        customers = {one.id: one.commercial_partner_id.id for one in people.sudo()}
        for vals in vals_list:
            if not vals.get("plan_id"):
                raise UserError(self.env._("Choose the plan for the customer."))
            plan = plans.browse(vals["plan_id"])
            plans |= plan
            vals.setdefault("version_id", plan.version_id.id)
            vals.setdefault("company_id", self.env.company.id)
            vals["commercial_partner_id"] = customers.get(vals.get("partner_id"))
            vals.setdefault("team_id", False)
            vals.setdefault("user_id", False)
        plans._check_runs()
        self._stop_earlier(vals_list)
        self._assign(vals_list)

    @api.model
    def _assign(self, vals_list):
        """Give each row the customer's owner, else the team member with the least work."""
        plans = self.env["customer.followup.plan"]
        groups = {}
        for vals in vals_list:
            if not vals["user_id"]:
                groups.setdefault((vals["plan_id"], vals["company_id"]), []).append(vals)
        for (plan_id, company_id), some in groups.items():
            company = self.env["res.company"].browse(company_id)
            team = plans.browse(plan_id).team_id
            team = team.filtered(lambda team, company=company: team.company_id == company)
            self._assign_users(some, company, team)

    @api.model
    def _assign_users(self, vals_list, company, team):
        customers = self.env["res.partner"].browse(
            {vals["commercial_partner_id"] for vals in vals_list}
        )
        holders = self.env["customer.ownership"]._holders(customers, company)
        # An owner who may not open the contacts cannot make them.
        owners = self.env["res.users"].sudo().union(*holders.values())._agents()
        owners = owners.filtered(lambda user: user.active and company in user.company_ids)
        teams = {user: self._team_of_owner(user, team, company) for user in owners}
        ownerless = []
        for vals in vals_list:
            owner = holders.get((vals["commercial_partner_id"], "owner"), owners.browse()) & owners
            vals["team_id"] = vals["team_id"] or teams.get(owner, team).id
            vals["user_id"] = owner.id
            if not owner:
                ownerless.append(vals)
        if team:
            for vals, user in zip(ownerless, team._next_users(len(ownerless)), strict=True):
                vals["user_id"] = user.id

    @api.model
    def _team_of_owner(self, user, team, company):
        """Return the team of the plan where an owner belongs to it, else a team of the owner.

        Then the leader of the owner sees the contacts.
        """
        # Who is in which team is known to all users.
        own = user.sudo().customer_team_ids.filtered(lambda one: one.company_id == company)
        return team if team in own or user == team.leader_id else own[:1] or team

    def _check_same_company(self):
        """Raise if a customer or team belongs to another company by now."""
        # The companies count, also those the current user may not read.
        rows = self.sudo()
        companies = rows.partner_id.company_id | rows.team_id.company_id | rows.company_id
        if len(companies) > 1:
            # Odoo's own check is slow: only for rows that need it.
            rows.filtered(
                lambda row: (
                    (row.partner_id.company_id or row.company_id) != row.company_id
                    or (row.team_id.company_id or row.company_id) != row.company_id
                )
            )._check_company()
