from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..models.plan.customer_followup_rule import ALL, SINCE

MAX_DAYS = 36500


class CustomerFollowupRuleStart(models.TransientModel):
    """The dialog that switches a rule on and asks which records it takes."""

    _name = "customer.followup.rule.start"
    _description = "Switch On a Rule"
    _inherit = ["customer.dialog.mixin"]

    rule_id = fields.Many2one("customer.followup.rule", required=True, ondelete="cascade")
    choice = fields.Selection(
        [
            ("now", "From now on"),
            ("days", "Also those of the last days"),
            ("all", "All, of all years"),
        ],
        string="Records it takes",
        required=True,
        default="now",
    )
    days = fields.Integer(string="Days back", required=True, default=30)
    now_count = fields.Integer(string="From now on", compute="_compute_preview")
    days_count = fields.Integer(string="Of the last days", compute="_compute_preview")
    all_count = fields.Integer(string="All", compute="_compute_preview")
    preview = fields.Text(compute="_compute_preview")
    plan_id = fields.Many2one(related="rule_id.plan_id")
    plan_state = fields.Selection(related="rule_id.plan_id.state")
    past_policy = fields.Selection(related="rule_id.plan_id.past_policy")

    is_on = fields.Boolean(related="rule_id.active", string="Rule is on")

    _days_range = models.Constraint(
        f"CHECK (days > 0 AND days <= {MAX_DAYS})", "Look back at least a day, at most a century."
    )

    @api.depends("rule_id", "choice", "days")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_preview(self):
        for start in self:
            try:
                found = start._count_matches()
            except (AccessError, UserError, ValidationError) as error:
                found = 0, 0, 0, str(error)
            start.now_count, start.days_count, start.all_count, start.preview = found

    def _count_matches(self):
        """Return how many records each choice takes, and what the current one would bring."""
        rule = self.rule_id
        rule._check_one_makes_sense()
        counts = [
            rule._watched().search_count(rule._new_domain(self._since(choice)))
            for choice in ("now", "days", "all")
        ]
        return *counts, rule._preview_counts(self._since(self.choice))[2]

    def _since(self, choice):
        """Return from when records are taken, naive UTC, or ``False`` for all."""
        if choice == "all" or (self.rule_id.active and self.rule_id.scope == ALL):
            return False
        days = min(max(self.days, 0), MAX_DAYS) if choice == "days" else 0
        since, rule = fields.Datetime.now() - timedelta(days=days), self.rule_id
        # A rule that is on takes no fewer records than before.
        return min(since, rule.date_from) if rule.active and rule.date_from else since

    def action_start(self):
        """Switch the rule on and enroll the chosen records."""
        self.ensure_one()
        if not 0 < self.days <= MAX_DAYS:
            raise ValidationError(self.env._("Look back at least a day, at most a century."))
        if not self._use():
            return {"type": "ir.actions.act_window_close"}
        since, rule = self._since(self.choice), self.rule_id
        rule.write({"active": True, "scope": SINCE if since else ALL, "date_from": since})
        if self.choice == "now" or self.plan_state != "running":
            return {"type": "ir.actions.client", "tag": "soft_reload"}
        return rule.action_run()
