import logging
from datetime import datetime, timedelta

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools import masking, worktime
from .customer_followup_enrollment import OPEN_STATES

_logger = logging.getLogger(__name__)
NOON = 12


class CustomerFollowupRule(models.Model):
    """When a business record enrolls its customer in a plan."""

    _name = "customer.followup.rule"
    _description = "Enrollment Rule"
    _inherit = ["customer.condition.mixin"]
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        ondelete="restrict",
        help="Empty: records of every company.",
    )
    # The name, not a link: the rule must survive the watched app's uninstallation, and sleep.
    model_name = fields.Char(string="Model", required=True)
    model_id = fields.Many2one(
        "ir.model",
        string="When a",
        compute="_compute_model_id",
        inverse="_inverse_model_id",
        domain="[('transient', '=', False), ('abstract', '=', False)]",
    )
    domain = fields.Char(string="Matches", required=True, default="[]")
    partner_path = fields.Char(
        string="Its customer", required=True, default="partner_id", help="Field that leads to him."
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
        "customer.followup.plan", required=True, ondelete="restrict", check_company=True
    )
    lookback_days = fields.Integer(
        default=30,
        required=True,
        help="The frequent run looks only at records that start in the last days; the nightly run"
        " looks at all.",
    )
    limit_per_run = fields.Integer(
        string="At most per run",
        default=1000,
        required=True,
        help="Protects from a condition that matches everybody.",
    )
    problem = fields.Char(readonly=True, copy=False, help="Why the rule sleeps.")
    match_count = fields.Integer(string="Match now", compute="_compute_match_count")
    new_count = fields.Integer(string="Would be enrolled", compute="_compute_match_count")

    _limits = models.Constraint(
        "CHECK (lookback_days > 0 AND limit_per_run > 0)",
        "A rule looks back at least one day and enrolls at least one customer per run.",
    )

    @api.depends("model_name")
    def _compute_model_id(self):
        for rule in self:
            # Names of models are no secret; ir.model is closed to ordinary users.
            rule.model_id = self.env["ir.model"].sudo()._get(rule.model_name or "")

    def _inverse_model_id(self):
        for rule in self.filtered("model_id"):
            rule.model_name = rule.model_id.sudo().model

    @api.onchange("model_id")
    def _onchange_model_id(self):
        self.model_name = self.model_id.sudo().model

    @api.depends("model_name", "domain", "partner_path", "anchor_path", "target_path", "plan_id")
    def _compute_match_count(self):
        for rule in self:
            try:
                with self.env.cr.savepoint():
                    rule._check_one_makes_sense()
                    rule.match_count = rule._watched().search_count(rule._match_domain())
                    rule.new_count = rule._watched().search_count(
                        rule._match_domain() & rule._not_enrolled_domain()
                    )
            except (ValidationError, UserError):
                rule.match_count = rule.new_count = 0

    @api.constrains("model_name", "domain", "partner_path", "anchor_path", "target_path", "plan_id")
    def _check_makes_sense(self):
        # Odoo checks constraints in sudo: what counts is what the author himself may read.
        for rule in self.with_user(self.env.user):
            rule._check_one_makes_sense()

    def _check_one_makes_sense(self):
        """Raise a sentence unless model, condition and paths exist and the user may read them."""
        self._check_condition(self.domain, self.model_name)
        self._check_path(self.partner_path, ("many2one",), "res.partner")
        self._check_path(self.anchor_path, ("date", "datetime"))
        if self.target_path:
            self._check_path(self.target_path, ("date", "datetime"))
        self._check_condition_fields(self._watched(), self._match_domain())
        self._check_plan_fits()

    def _check_plan_fits(self):
        """Raise unless the steps of the plan can ask what they ask of the records watched."""
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

    def _check_path(self, path, types, comodel=None):
        model = self._watched()
        field = None
        for name in (path or "").split("."):
            field = model._fields.get(name) if model is not None else None
            if not field or not (field.store or field.related):
                break
            model._check_field_access(field, "read")
            model = self.env.get(field.comodel_name) if field.relational else None
        if not field or field.type not in types or (comodel and field.comodel_name != comodel):
            raise ValidationError(
                self.env._(
                    "%(rule)s: %(path)s does not lead from %(model)s to what is needed.",
                    rule=self.name or "",
                    path=path or "?",
                    model=self.model_name,
                )
            )

    def _watched(self):
        return self.env[self.model_name]

    def _match_domain(self):
        """Return which records the rule is about, enrolled or not."""
        domain = (
            self._condition(self.domain, self._watched())
            & Domain(self.partner_path, "!=", False)
            & Domain(self.anchor_path, "!=", False)
        )
        company = self.company_id or self.plan_id.company_id
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
                " WHERE done.rule_id = %s AND done.res_id = %s)",
                rule_id,
                SQL.identifier(alias, "id"),
            )
        )

    def action_matches(self):
        """Open the records that match."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": self.model_name,
            "view_mode": "list,form",
            "domain": list(self._match_domain()),
        }

    def action_run(self):
        """Enroll all that match, now."""
        self.ensure_one()
        self.check_access("write")
        enrolled = self._enroll_matches(is_full=True)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("%s customers enrolled.", len(enrolled)),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.model
    def _cron_enroll(self, is_full=False):
        """Enroll the customers of records that match, one rule after the other."""
        cron = self.env["ir.cron"]
        rules = self.search([("plan_id.state", "=", "running")])
        cron._commit_progress(remaining=len(rules))
        for rule in rules:
            rule._enroll_safely(is_full)
            if not cron._commit_progress(1):
                break

    def _enroll_safely(self, is_full):
        """Enroll, unless another run is at it; note on the rule what went wrong."""
        try:
            with self.env.cr.savepoint():
                if self.try_lock_for_update():
                    self._enroll_matches(is_full)
                    if is_full:
                        self._follow_dates()
        except (psycopg2.errors.SerializationFailure, psycopg2.errors.UniqueViolation):
            # Another run was faster: the next one sees what is left.
            self.env.invalidate_all()
        except Exception as error:
            self.env.invalidate_all()
            self.problem = masking.error(error)
            _logger.warning("Enrollment rule %s: %s", self.id, self.problem)

    def _enroll_matches(self, is_full):
        """Enroll up to ``limit_per_run`` matching records and return the rows."""
        self._check_one_makes_sense()
        domain = self._match_domain() & self._not_enrolled_domain()
        if not is_full:
            oldest = fields.Datetime.now() - timedelta(days=self.lookback_days)
            domain &= Domain(self.anchor_path, ">=", oldest)
        self.env["customer.followup.enrollment"].flush_model(["rule_id", "res_id"])
        # The scheduled action works for everybody; what it may look at was checked for the author.
        records = self._watched().sudo().search(domain, order="id", limit=self.limit_per_run)
        problems = []
        enrollments = self._enroll_records(records, problems)
        self.problem = "; ".join(problems)[:500] or False
        return enrollments

    def _follow_dates(self):
        """Let customers who are on the plan follow the dates of their records; return the moved.

        Where the record or its date is gone, there is nothing left to follow up.
        """
        moved = self.env["customer.followup.enrollment"].sudo()
        rows = moved.search([("rule_id", "=", self.id), ("state", "in", OPEN_STATES)])
        records = self._watched().sudo().browse(rows.mapped("res_id")).exists()
        by_id = {record.id: record for record in records}
        for row in rows:
            dates = self._dates(by_id.get(row.res_id, records.browse()), row)
            if dates != {name: row[name] for name in dates}:
                row.write(dates)
                moved |= row
        return moved

    def _dates(self, record, row):
        """Return the dates of a row as its record, if there is one, has them now."""
        partner, company = row.partner_id, row.company_id
        paths = {"date_anchor": self.anchor_path, "date_target": self.target_path}
        return {
            name: bool(record) and self._date(record, path, partner, company)
            for name, path in paths.items()
            if path
        }

    def _enroll_records(self, records, problems):
        """Enroll records; one that cannot be holds up no other and is told in ``problems``."""
        enrollments = self.env["customer.followup.enrollment"].sudo()
        if not records:
            return enrollments
        try:
            with self.env.cr.savepoint():
                return enrollments._enroll(
                    [self._prepare_enrollment_vals(record) for record in records]
                )
        except psycopg2.Error:
            raise
        except Exception as error:
            if len(records) == 1:
                problems.append(f"{masking.text(records.display_name)}: {masking.error(error)}")
                return enrollments
        half = len(records) // 2
        first = self._enroll_records(records[:half], problems)
        return first | self._enroll_records(records[half:], problems)

    def _prepare_enrollment_vals(self, record):
        partner = record.mapped(self.partner_path)[:1]
        company = self._company_of(record)
        return {
            "plan_id": self.plan_id.id,
            "rule_id": self.id,
            "res_model": record._name,
            "res_id": record.id,
            "partner_id": partner.id,
            "company_id": company.id,
            "date_anchor": self._date(record, self.anchor_path, partner, company),
            "date_target": bool(self.target_path)
            and self._date(record, self.target_path, partner, company),
        }

    def _company_of(self, record):
        """Return the company of a record, else of the plan, else the current one."""
        own = record["company_id"] if "company_id" in record._fields else None
        return own or self.plan_id.company_id or self.env.company

    def _date(self, record, path, partner, company):
        """Return a date of a record as naive UTC; one without a time is noon of his day."""
        value = record.mapped(path)[:1]
        value = value and value[0]
        if not value or isinstance(value, datetime):
            return value or False
        return worktime.at_local(value, NOON, partner._customer_zone(company))
