import logging

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ...tools import masking
from .customer_followup_enrollment import OPEN_STATES, STOP_CODES

_logger = logging.getLogger(__name__)
BATCH = 1000


class CustomerFollowupRuleStop(models.Model):
    """A condition on business records by which their customers leave a plan."""

    _name = "customer.followup.rule.stop"
    _description = "Stop Rule"
    _inherit = ["customer.condition.mixin", "customer.model.mixin", "customer.batch.mixin"]
    _order = "plan_id, sequence, id"

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
    domain = fields.Char(string="Matches", required=True, default="[]")
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
            enrolls = rule._condition(rule.domain, rule._watched())
            both = rule._match_domain() & self._stop_domain()
            if enrolls == self._stop_domain() or rule._watched().search_count(both, limit=1):
                raise ValidationError(
                    self.env._(
                        "%(stop)s would stop at once what %(rule)s starts. Change one of them.",
                        stop=self.name,
                        rule=rule.name,
                    )
                )

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
            stopped = self._of_customers(rows, running)
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

    def _of_customers(self, rows, running):
        """Return the running enrollments of customers with a matching record since they started."""
        on_plan = rows._search(running).subselect("partner_id")
        domain = self._stop_domain() & Domain(self.partner_path, "in", on_plan)
        found = self.env[self.model_name].sudo().search(domain)
        latest = {}
        for record in found:
            person, moment = record.mapped(self.partner_path)[:1], record.mapped(self.date_path)[:1]
            if person and moment:
                day = fields.Datetime.to_datetime(moment[0])
                latest[person.id] = max(latest.get(person.id, day), day)
        return rows.search(running & Domain("partner_id", "in", list(latest))).filtered(
            lambda row: latest[row.partner_id.id] >= row.date_anchor
        )
