from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from .customer_followup_enrollment import OPEN_STATES

SINCE, ALL = "since", "all"
# What the customers whom a rule has enrolled are on a plan by.
FIXED_IN_USE = ("anchor_path", "model_name", "partner_path", "plan_id", "target_path")


class CustomerFollowupRule(models.Model):
    """A condition on business records by which their customers are enrolled in a plan."""

    _name = "customer.followup.rule"
    _description = "Enrollment Rule"
    _inherit = [
        "customer.condition.mixin",
        "customer.model.mixin",
        "customer.batch.mixin",
        "customer.shared.mixin",
    ]
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(
        string="On", default=False, copy=False, help="A rule enrolls while it is on."
    )
    scope = fields.Selection(
        [(SINCE, "records from a day on"), (ALL, "records of all years")],
        string="Takes",
        required=True,
        default=SINCE,
        copy=False,
        help="Chosen when the rule is switched on.",
    )
    date_from = fields.Datetime(
        string="Takes records from",
        copy=False,
        help="Records whose starting date is earlier are not enrolled, even if they begin to match"
        " later, such as an old order that is confirmed today. A rule that is switched on without"
        " a choice takes records from then on.",
    )
    company_id = fields.Many2one(
        "res.company",
        index=True,
        ondelete="restrict",
        help="Empty: records of every company.",
    )
    domain = fields.Char(
        string="Matches",
        required=True,
        default="[]",
        help="Days, such as today, are those of the company of the record.",
    )
    partner_path = fields.Char(
        string="Its customer",
        required=True,
        default="partner_id",
        help="Field that leads to the customer.",
    )
    anchor_path = fields.Char(
        string="Starting on", required=True, help="Date of the record that is day 0 of the plan."
    )
    target_path = fields.Char(
        string="Leading to",
        help="Date of the record that is the target of the plan, such as an expiry; some steps"
        " count back from it.",
    )
    plan_id = fields.Many2one(
        "customer.followup.plan",
        required=True,
        ondelete="restrict",
        check_company=True,
        domain="[('is_template', '=', False)]",
    )
    lookback_days = fields.Integer(
        default=30,
        required=True,
        help="The frequent run looks only at records that start in the last days; the nightly run"
        " looks at all that the rule takes.",
    )
    limit_per_run = fields.Integer(
        string="At most per run",
        default=1000,
        required=True,
        help="Protects from a condition that matches too many records.",
    )
    problem = fields.Char(readonly=True, copy=False, help="Why the rule does not run.")
    _limits = models.Constraint(
        "CHECK (lookback_days > 0 AND limit_per_run > 0)",
        "A rule looks back at least one day and enrolls at least one customer per run.",
    )

    @api.constrains("model_name", "domain", "partner_path", "anchor_path", "target_path", "plan_id")
    def _check_makes_sense(self):
        # Odoo checks constraints in sudo: what counts is what the author may read.
        for rule in self.with_user(self.env.user):
            rule._check_one_makes_sense()
            rule._check_not_against_stops()

    @api.constrains("plan_id")
    def _check_plan_is_own(self):
        self.plan_id._check_not_template()

    @api.constrains("active")
    def _check_switched_on(self):
        # Stop rules and plans that changed meanwhile were checked with rules that are on only.
        for rule in self.filtered("active"):
            rule._check_plan_fits()
            rule._check_not_against_stops()

    def _check_not_against_stops(self):
        stops = self.env["customer.followup.rule.stop"]
        for stop in stops.search(
            [("plan_id", "=", self.plan_id.id), ("model_name", "=", self.model_name)]
        ):
            stop._check_not_against(self)

    def _check_one_makes_sense(self):
        """Raise unless model, condition and paths exist and the user may read them."""
        self._check_condition(self.domain, self.model_name)
        self._check_path(self.model_name, self.partner_path, ("many2one",), "res.partner")
        self._check_path(self.model_name, self.anchor_path, ("date", "datetime"))
        if self.target_path:
            self._check_path(self.model_name, self.target_path, ("date", "datetime"))
        self._check_condition_fields(self._watched(), self._match_domain())
        self._check_plan_fits()

    def _check_plan_fits(self):
        """Raise unless the conditions of the plan fit the records the rule watches."""
        about = self.plan_id.model_name
        if self.plan_id and about not in ("res.partner", self.model_name):
            raise ValidationError(
                self.env._(
                    "%(rule)s: the steps of %(plan)s are about %(model)s, which this rule does not"
                    " watch.",
                    rule=self.name or "",
                    plan=self.plan_id.name,
                    model=about,
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules._complete_scope()
        return rules

    def write(self, vals):
        self._check_unused(vals)
        if not vals.get("active", True):
            # Switching it on again asks for the scope again.
            vals = {"scope": SINCE, "date_from": False, **vals}
        result = super().write(vals)
        self._complete_scope()
        return result

    def _check_unused(self, vals):
        """Raise if a rule that has enrolled customers would mean other records, dates or plans."""
        names = [name for name in FIXED_IN_USE if name in vals]
        for present in self.read(names, load=None) if names else ():
            rule = self.browse(present["id"])
            is_other = any((vals[name] or False) != present[name] for name in names)
            if is_other and rule._has_enrolled():
                raise UserError(
                    self.env._(
                        "%(rule)s has enrolled customers: its records, dates and plan stay."
                        " Copy it, change the copy, and switch this one off.",
                        rule=rule.name,
                    )
                )

    def _complete_scope(self):
        """Take records from now on for rules that were switched on without a choice."""
        self.filtered(
            lambda rule: rule.active and rule.scope == SINCE and not rule.date_from
        ).date_from = fields.Datetime.now()

    def _condition_company(self):
        return self.company_id or self.plan_id.company_id

    def _watched(self):
        return self.env[self.model_name]

    def _match_domain(self):
        """Return which records the rule is about, enrolled or not."""
        domain = (
            self._condition(self.domain, self._watched())
            & Domain(self.partner_path, "!=", False)
            & Domain(self.anchor_path, "!=", False)
        )
        company = self._condition_company()
        if company and "company_id" in self._watched()._fields:
            domain &= Domain("company_id", "in", [False, company.id])
        return domain

    def _not_enrolled_domain(self):
        """Return which records this rule never enrolled."""
        # NOT EXISTS: PostgreSQL scans the whole list for each row of a NOT IN.
        rule_id = self._origin.id or 0
        return Domain.custom(
            to_sql=lambda _model, alias, _query: SQL(
                "NOT EXISTS (SELECT 1 FROM customer_followup_enrollment AS done"
                " WHERE done.rule_id = %s AND done.res_id = %s AND done.res_model = %s"
                " AND %s)",
                rule_id,
                SQL.identifier(alias, "id"),
                self.model_name or "",
                self._counts_sql("done"),
            )
        )

    def _counts_sql(self, alias):
        """Return, as SQL, which enrollments of a record prevent another one by this rule.

        Another one is due once the record has another customer, and, where the plan takes a
        customer again, once the record stopped matching after the former one.
        """
        former = SQL("%s.stop_code = 'customer'", SQL.identifier(alias))
        ended = SQL(
            "%s.is_unmatched AND %s.state IN ('done', 'stopped')", *[SQL.identifier(alias)] * 2
        )
        if self.plan_id.reenrollment == "restart":
            ended = SQL("%s.is_unmatched", SQL.identifier(alias))
        elif self.plan_id.reenrollment != "record":
            ended = SQL("FALSE")
        return SQL("(COALESCE(%s, FALSE) OR COALESCE(%s, FALSE)) IS FALSE", former, ended)

    def _note_unmatched(self, rows=None):
        """Note on enrollments by these rules that their records no longer match.

        :param rows: only these
        """
        table = self.env["customer.followup.enrollment"].sudo()
        table.flush_model(["is_unmatched", "res_id", "rule_id"])
        for rule in self.filtered(lambda one: one.model_name in self.env):
            # What the rule enrolls does not depend on the user.
            matching = rule._watched().sudo()._search(rule._match_domain())
            found = self.env.execute_query(
                SQL(
                    """SELECT done.id FROM customer_followup_enrollment AS done
                        WHERE rule_id = %s AND res_model = %s AND is_unmatched IS NOT TRUE
                          AND %s AND NOT EXISTS (
                              SELECT FROM %s AS matching (id) WHERE matching.id = done.res_id)
                    """,
                    rule.id,
                    rule.model_name,
                    SQL("done.id IN %s", tuple(rows.ids)) if rows else SQL("TRUE"),
                    matching.subselect(),
                )
            )
            table.browse(id_ for (id_,) in found)._record_plainly({"is_unmatched": True})

    def _free_domain(self):
        """Return the records whose customer the plan may take, by its policy."""
        policy = self.plan_id.reenrollment
        if policy not in ("single", "never"):
            return Domain.TRUE
        taken = Domain("plan_id", "=", self.plan_id.id)
        if policy == "single":
            taken &= Domain("state", "in", OPEN_STATES)
        # Users who see the records may know that a customer is on the plan already.
        rows = self.env["customer.followup.enrollment"].sudo()._read_group(taken, ["company_id"])
        free = Domain.TRUE
        for (company,) in rows:
            here = taken & Domain("company_id", "=", company.id)
            among = Domain("customer_enrollment_ids", "any!", here)
            free &= ~self._in_company(company) | Domain(self.partner_path, "not any!", among)
        return free

    def _in_company(self, company):
        """Return which records enroll in a company, as :meth:`_company_of` has it."""
        is_usual = company == (self.plan_id.company_id or self.env.company)
        if "company_id" not in self._watched()._fields:
            return Domain(is_usual)
        return Domain("company_id", "in", [company.id, *([False] if is_usual else [])])

    def _since_domain(self, since):
        """Return which records start at a moment (naive UTC) or later.

        Where they start on a date, the whole day of the company counts.
        """
        if not since:
            return Domain.TRUE
        model = self._watched()
        *path, name = self.anchor_path.split(".")
        for step in path:
            model = self.env[model._fields[step].comodel_name]
        if model._fields[name].type == "date":
            company = self._condition_company() or self.env.company
            since = company._customer_day(since)
        return Domain(self.anchor_path, ">=", since)

    def _new_domain(self, since=None):
        """Return which records the rule would enroll now.

        :param since: of those that start then or later (naive UTC), whatever the rule says
        """
        if since is None:
            since = self.scope == SINCE and self.date_from
        return (
            self._match_domain()
            & self._since_domain(since)
            & self._not_enrolled_domain()
            & self._free_domain()
        )

    def action_matches(self):
        """Open the records that match."""
        self.check_access("read")
        return self._action_records(self._match_domain())

    def action_new(self):
        """Open the records for which the customer would be enrolled."""
        self.check_access("read")
        return self._action_records(self._new_domain())

    def _action_records(self, domain):
        self.ensure_one()
        self._check_one_makes_sense()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": self.model_name,
            "view_mode": "list,form",
            # By ids: conditions that SQL decides cannot be sent to the browser.
            "domain": [("id", "in", self._watched().search(domain).ids)],
        }
