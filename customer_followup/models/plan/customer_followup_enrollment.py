from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

ACTIVE, PAUSED, DONE, STOPPED, STUCK = "active", "paused", "done", "stopped", "stuck"
OPEN_STATES = (ACTIVE, PAUSED, STUCK)


class CustomerFollowupEnrollment(models.Model):
    """A customer on a plan from an anchor date, for a source record."""

    _name = "customer.followup.enrollment"
    _description = "Customer on a Plan"
    _inherit = ["customer.card.mixin"]
    _order = "id desc"
    _check_company_auto = True

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
    rule_id = fields.Many2one("customer.followup.rule", readonly=True, ondelete="restrict")
    res_model = fields.Char(string="Source model", readonly=True)
    res_id = fields.Many2oneReference(
        string="Source", model_field="res_model", readonly=True, copy=False
    )
    date_anchor = fields.Datetime(
        string="Starts", required=True, default=fields.Datetime.now, help="Day 0 of the plan."
    )
    date_next = fields.Datetime(
        string="Next planning",
        readonly=True,
        copy=False,
        default=fields.Datetime.now,
        help="When the planner looks at this row again; empty when nothing is left to plan.",
    )
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
    stop_note = fields.Char(string="Why stopped", readonly=True, copy=False)
    error = fields.Text(readonly=True, copy=False)

    # The planner: active rows whose time has come, oldest first.
    _due_idx = models.Index("(date_next) WHERE state = 'active' AND date_next IS NOT NULL")
    # Rules: NOT EXISTS (... WHERE rule_id = and res_id =).
    _source_idx = models.Index("(rule_id, res_id) WHERE rule_id IS NOT NULL")
    _source_uniq = models.UniqueIndex(
        "(rule_id, res_id) WHERE state IN ('active', 'paused', 'stuck') AND rule_id IS NOT NULL",
        "This record is enrolled by this rule already.",
    )
    # Counter on the plan, list of a plan.
    _plan_idx = models.Index("(plan_id, state)")

    @api.depends("plan_id", "partner_id")
    def _compute_display_name(self):
        for enrollment in self:
            enrollment.display_name = self.env._(
                "%(plan)s: %(customer)s",
                plan=enrollment.plan_id.display_name,
                customer=enrollment.partner_id.sudo().display_name,
            )

    @api.constrains("plan_id", "partner_id", "state")
    def _check_not_running_twice(self):
        by_hand = self.filtered(lambda row: not row.rule_id and row.state in OPEN_STATES)
        twins = self._read_group(
            [
                ("plan_id", "in", by_hand.plan_id.ids),
                ("partner_id", "in", by_hand.partner_id.ids),
                ("rule_id", "=", False),
                ("state", "in", OPEN_STATES),
            ],
            ["plan_id", "partner_id", "company_id"],
            having=[("__count", ">", 1)],
        )
        for plan, partner, _company in twins:
            raise ValidationError(
                self.env._(
                    "%(customer)s is on the plan %(plan)s already.",
                    customer=partner.sudo().display_name,
                    plan=plan.name,
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        enrollments = super().create(vals_list)
        enrollments._check_plan_runs()
        enrollments._assign()
        return enrollments

    def _check_plan_runs(self):
        for plan in self.plan_id.filtered(lambda plan: plan.state != "running"):
            raise UserError(
                self.env._("%(plan)s does not run yet: run it before enrolling.", plan=plan.name)
            )

    def _assign(self):
        """Give each row the customer's owner, else the team member with least to do."""
        for (plan, company), rows in (
            self.filtered(lambda row: not row.user_id)
            .grouped(lambda row: (row.plan_id, row.company_id))
            .items()
        ):
            team = plan.team_id.filtered(lambda team, company=company: team.company_id == company)
            rows.filtered(lambda row: not row.team_id).team_id = team
            rows._assign_users(company, team)

    def _assign_users(self, company, team):
        holders = self.env["customer.ownership"]._holders(self.commercial_partner_id, company)
        ownerless = self.browse()
        for row in self:
            row.user_id = holders.get((row.commercial_partner_id.id, "owner"))
            ownerless |= row if not row.user_id else self.browse()
        if team:
            users = team._next_users(len(ownerless))
            for row, user in zip(ownerless, users, strict=True):
                row.user_id = user

    def action_stop(self, note=None):
        """Plan no further contact and drop those not yet made."""
        self.write({"state": STOPPED, "date_next": False, "stop_note": note})

    def action_retry(self):
        """Let the planner try again."""
        self.filtered(lambda row: row.state == STUCK).write(
            {"state": ACTIVE, "error": False, "date_next": fields.Datetime.now()}
        )
