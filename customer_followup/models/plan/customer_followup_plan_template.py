from odoo import api, fields, models
from odoo.exceptions import UserError

INDUSTRIES = [
    ("any", "Any industry"),
    ("automotive", "Car dealers and workshops"),
    ("building", "Building materials"),
    ("finance", "Insurance and funds"),
    ("health", "Health care"),
    ("home", "Renovation and furnishing"),
    ("hospitality", "Hotels and travel"),
    ("logistics", "Express and logistics"),
    ("property", "Property management"),
    ("realestate", "Real estate"),
    ("retail", "Retail"),
    ("service", "After-sales service"),
    ("software", "Software"),
]


class CustomerFollowupPlan(models.Model):
    """A plan of the gallery, which is never run or changed, only copied."""

    _inherit = "customer.followup.plan"

    is_template = fields.Boolean(
        string="In the gallery",
        readonly=True,
        copy=False,
        help="It came with the add-on; use it to get a plan of your own.",
    )
    is_proposal = fields.Boolean(
        string="A proposal",
        readonly=True,
        copy=False,
        help="Its numbers are a proposal to start from, not a rule of the trade.",
    )
    industry = fields.Selection(INDUSTRIES)
    summary = fields.Char(compute="_compute_summary")
    reach = fields.Char(string="First year", compute="_compute_reach")

    _template = models.Constraint(
        "CHECK (is_template IS NOT TRUE OR (state = 'draft' AND company_id IS NULL"
        " AND team_id IS NULL AND lawful_basis IS NOT NULL AND industry IS NOT NULL))",
        "A template has an industry and a lawful basis, belongs to no company, and never runs.",
    )

    @api.depends("description")
    def _compute_summary(self):
        for plan in self:
            plan.summary = (plan.description or "").strip().partition("\n")[0]

    @api.depends("step_ids", "sample_date", "sample_target", "team_id", "company_id")
    def _compute_reach(self):
        # Most plans of a list have a sample customer in common.
        same = self.grouped(lambda plan: (plan.team_id, plan.company_id, plan.sample_date,
                                          plan.sample_target))  # fmt: skip
        for plans in same.values():
            sample = plans[0]._sample()
            for plan in plans:
                plan.reach = plan._reach_text(sample)

    def _reach_text(self, sample):
        """Return how often and by what a customer is contacted in the first year, in words."""
        found = self.step_ids._first_year(sample)
        ways = ", ".join(self.step_ids.channel_id.mapped("name"))
        if len(found) == 1:
            return self.env._("1 contact in the first year: %(ways)s", ways=ways)
        return self.env._(
            "Up to %(count)s contacts in the first year: %(ways)s", count=len(found), ways=ways
        )

    def _check_not_template(self):
        """Raise if one of the plans belongs to the gallery."""
        for plan in self.filtered("is_template"):
            raise UserError(
                self.env._(
                    "%(plan)s belongs to the gallery: choose “Use this plan” there, and work with"
                    " your own copy.",
                    plan=plan.name,
                )
            )

    def action_use_template(self):
        """Make a plan of the user's company from a template of the gallery, and open it."""
        self.ensure_one()
        self.check_access("read")
        if not self.is_template:
            raise UserError(
                self.env._("%(plan)s is your own plan: duplicate it instead.", plan=self.name)
            )
        plan = self.copy({"company_id": self.env.company.id})
        return {
            "type": "ir.actions.act_window",
            "name": plan.name,
            "res_model": self._name,
            "res_id": plan.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }
