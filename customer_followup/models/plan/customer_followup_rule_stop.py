import logging

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools import masking
from .customer_followup_enrollment import OPEN_STATES, STOP_CODES

_logger = logging.getLogger(__name__)
BATCH = 1000


class CustomerFollowupRuleStop(models.Model):
    """A condition on business records by which their customers leave a plan."""

    _name = "customer.followup.rule.stop"
    _description = "Stop Rule"
    _inherit = [
        "customer.condition.mixin",
        "customer.model.mixin",
        "customer.batch.mixin",
        "customer.shared.mixin",
    ]
    _order = "plan_id, sequence, id"
    _shared_with = "plan_id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    plan_id = fields.Many2one(
        "customer.followup.plan",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('is_template', '=', False)]",
    )
    domain = fields.Char(
        string="Matches",
        required=True,
        default="[]",
        help="Days, such as today, are those of the company of the record.",
    )
    partner_path = fields.Char(
        string="Its customer",
        help="Field that leads to the customer who leaves the plan; empty: the one for whom this"
        " record was enrolled.",
    )
    date_path = fields.Char(
        string="After the start, by",
        default="create_date",
        help="Date of the record; what was before the start of the plan does not count.",
    )
    code = fields.Selection(STOP_CODES[:3], string="Why", required=True, default="goal_reached")
    problem = fields.Char(readonly=True, copy=False, help="Why the rule does not run.")

    @api.constrains("model_name", "domain", "partner_path", "date_path", "plan_id", "active")
    def _check_makes_sense(self):
        # Odoo checks constraints in sudo: what counts is what the author may read.
        for rule in self.with_user(self.env.user):
            rule._check_one_makes_sense()
            rule._check_not_against(
                self.env["customer.followup.rule"]
                .with_user(self.env.user)
                .search([("plan_id", "=", rule.plan_id.id), ("model_name", "=", rule.model_name)])
            )

    @api.constrains("plan_id")
    def _check_plan_is_own(self):
        self.plan_id._check_not_template()

    def _check_one_makes_sense(self):
        """Raise unless model, condition and paths exist and the user may read them."""
        self._check_condition(self.domain, self.model_name)
        if self.partner_path:
            self._check_path(self.model_name, self.partner_path, ("many2one",), "res.partner")
            self._check_path(self.model_name, self.date_path, ("date", "datetime"))

    def _check_not_against(self, rules):
        """Raise if it would stop at once what one of the enrollment rules starts."""
        if self.partner_path:
            return
        for rule in rules:
            enrolls = rule._parse_domain(rule.domain, rule._watched())
            stops = self._parse_domain(self.domain, rule._watched())
            both = rule._match_domain() & self._stop_domain()
            if enrolls == stops or rule._watched().search_count(both, limit=1):
                raise ValidationError(
                    self.env._(
                        "%(stop)s would stop at once what %(rule)s starts. Change one of them.",
                        stop=self.name,
                        rule=rule.name,
                    )
                )

    def _condition_company(self):
        return self.plan_id.company_id

    def _stop_domain(self):
        return self._condition(self.domain, self.env[self.model_name])

    @api.model
    def _stop_all(self):
        """Take customers off plans where a rule says so, one rule after the other."""
        for rule in self.search([("plan_id.state", "!=", "draft")]):
            rule._stop_safely()

    def _stop_safely(self):
        """Stop what matches, unless another process does so; note on the rule what went wrong."""
        self._run_one(lambda rule: rule._stop_and_clear())

    def _stop_and_clear(self):
        self._stop_matches()
        self.problem = False

    def _park(self, error):
        self.problem = masking.error(error)
        _logger.warning("Stop rule %s: %s", self.id, self.problem)

    def _stop_matches(self):
        """Stop the enrollments the rule matches, and return them."""
        self._check_one_makes_sense()
        # The scheduled action runs with all rights; the rights of the author were checked.
        rows = self.env["customer.followup.enrollment"].sudo()
        running = Domain("plan_id", "=", self.plan_id.id) & Domain("state", "in", OPEN_STATES)
        if self.partner_path:
            stopped = self._of_customers(rows)
        else:
            records = self.env[self.model_name].sudo()._search(self._stop_domain())
            stopped = rows.search(
                running
                & Domain("res_model", "=", self.model_name)
                & Domain("res_id", "in", records),
                limit=BATCH,
            )
            # What matches its rule again afterwards is a new start.
            for rule, some in stopped.filtered("rule_id").grouped("rule_id").items():
                rule._note_unmatched(some)
        stopped.action_stop(self.name, self.code)
        return stopped

    def _of_customers(self, rows):
        """Return running enrollments of customers with a matching record since they started.

        Where the record has a day only, the whole day of the start counts, at the company.
        """
        model = self.env[self.model_name].sudo()
        query = model._search(self._stop_domain())
        person, _field = _path_to_sql(model, self.partner_path, query)
        moment, field = _path_to_sql(model, self.date_path, query)
        start = SQL("enrollment.date_anchor")
        if field.type == "date":
            start = SQL(
                "(enrollment.date_anchor AT TIME ZONE 'UTC' AT TIME ZONE company.zone)::date"
            )
        # Where a company works is not confidential.
        companies = self.env["res.company"]._all_companies()
        rows.flush_model()
        found = self.env.execute_query(
            SQL(
                """SELECT enrollment.id
                     FROM customer_followup_enrollment AS enrollment
                     JOIN unnest(%s, %s) AS company(id, zone) ON company.id = enrollment.company_id
                    WHERE enrollment.plan_id = %s AND enrollment.state = ANY(%s)
                      AND EXISTS (SELECT FROM %s
                                   WHERE %s AND %s = enrollment.partner_id AND %s >= %s)
                    ORDER BY enrollment.id LIMIT %s""",
                companies.ids,
                [company._customer_zone() for company in companies],
                self.plan_id.id,
                list(OPEN_STATES),
                query.from_clause,
                query.where_clause or SQL("TRUE"),
                person,
                moment,
                start,
                BATCH,
            )
        )
        return rows.browse(id_ for (id_,) in found)


def _path_to_sql(model, path, query):
    """Return the SQL of the values a path of fields leads to, and the field at its end.

    Of several records on the way, each counts.
    """
    alias = query.table
    *steps, name = path.split(".")
    for step in steps:
        field = model._fields[step]
        if field.related and not field.store:
            model, field, alias = model._traverse_related_sql(alias, field, query)
        if field.type == "many2one":
            model, alias = field.join(model, alias, query)
        else:
            model, alias = _join_many(model, field, alias, query)
    return model._field_to_sql(alias, name, query), model._fields[name]


def _join_many(model, field, alias, query):
    """Join the records of a field that holds several; return their model and alias."""
    comodel, id_ = model.env[field.comodel_name], SQL.identifier(alias, "id")
    to = query.make_alias(alias, field.name)
    if field.type == "one2many":
        inverse = comodel._field_to_sql(to, field.inverse_name, query)
        query.add_join("LEFT JOIN", to, comodel._table, SQL("%s = %s", inverse, id_))
        return comodel, to
    between = query.make_alias(alias, f"{field.name}_rel")
    query.add_join(
        "LEFT JOIN",
        between,
        field.relation,
        SQL("%s = %s", SQL.identifier(between, field.column1), id_),
    )
    other = SQL.identifier(between, field.column2)
    query.add_join("LEFT JOIN", to, comodel._table, SQL("%s = %s", SQL.identifier(to, "id"), other))
    return comodel, to
