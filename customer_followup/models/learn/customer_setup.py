from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from ..ground.groups import AGENT, LEADER, MANAGER
from ..ground.system import serialize
from ..plan.customer_followup_enrollment import OPEN_STATES

COMPANY, PEOPLE, PLAN, RULE, SAMPLE, RUNNING = STEPS = (
    "company",
    "people",
    "plan",
    "rule",
    "sample",
    "running",
)
_MODULE = "customer_followup"
# The scheduled actions without which no customer is contacted.
_CRONS = ("ir_cron_enroll", "ir_cron_plan", "ir_cron_send")
_MAX_NAMES = 3


class CustomerSetup(models.TransientModel):
    """One step from an empty database to the first contact, and whether it is done."""

    _name = "customer.setup"
    _description = "Step of Getting Started"
    _order = "id"

    code = fields.Selection(
        [
            (COMPANY, "Company"),
            (PEOPLE, "People and teams"),
            (PLAN, "First plan"),
            (RULE, "Who is contacted"),
            (SAMPLE, "Try it"),
            (RUNNING, "Scheduled actions"),
        ],
        string="Step",
        required=True,
        readonly=True,
    )
    is_done = fields.Boolean(string="Done", compute="_compute_state")
    text = fields.Char(string="How it is", compute="_compute_state")
    has_sample = fields.Boolean(compute="_compute_has_sample")

    @api.model
    def action_begin(self):
        """Show the steps; each is computed from what the database holds."""
        steps = self.create([{"code": code} for code in STEPS])
        action = self.env["ir.actions.act_window"]._for_xml_id(f"{_MODULE}.customer_setup_action")
        return {**action, "domain": [("id", "in", steps.ids)]}

    @api.depends("code")
    @api.depends_context("company", "lang", "tz", "uid")
    def _compute_state(self):
        for step in self:
            step.is_done, step.text = getattr(step, f"_look_at_{step.code}")()

    @api.depends("code")
    @api.depends_context("company")
    def _compute_has_sample(self):
        self.has_sample = bool(self._sample())

    def _look_at_company(self):
        company = self.env.company
        if not company.email:
            return False, self.env._(
                "Enter the e-mail address of %(company)s: messages to customers come from it.",
                company=company.name,
            )
        calendar = company.resource_calendar_id
        return True, self.env._(
            "%(calendar)s, %(zone)s. Messages come from %(email)s.",
            calendar=calendar.name or self.env._("No working hours"),
            zone=calendar.tz or self.env.user.tz or "UTC",
            email=company.email,
        )

    def _look_at_people(self):
        teams = self.env["customer.team"].search([("company_id", "=", self.env.company.id)])
        agents, leaders, managers = (self._count_users(role) for role in (AGENT, LEADER, MANAGER))
        counts = self.env._(
            "%(agents)s agents, %(leaders)s team leaders and %(managers)s managers",
            agents=agents - leaders,
            leaders=leaders - managers,
            managers=managers,
        )
        # Who is in which team is not confidential.
        working = teams.filtered(lambda team: team.sudo().member_ids)
        if not working:
            return False, self.env._("%s. Make a team, and add its members.", counts)
        return True, self.env._(
            "%(counts)s. Teams: %(teams)s.", counts=counts, teams=self._names(working)
        )

    def _count_users(self, group):
        # Which users have a role is only counted.
        users = self.env["res.users"].sudo()
        return users.search_count(
            [
                ("all_group_ids", "in", self.env.ref(group).id),
                ("company_ids", "in", self.env.company.id),
                ("share", "=", False),
            ]
        )

    def _look_at_plan(self):
        plans = self._running_plans()
        if not plans:
            return False, self.env._(
                "Choose a plan from the gallery, change what you like, run it."
            )
        return True, self.env._("Running: %s.", self._names(plans))

    @api.model
    def _running_plans(self):
        return self.env["customer.followup.plan"].search(
            [
                ("state", "=", "running"),
                ("company_id", "in", [False, self.env.company.id]),
            ]
        )

    def _look_at_rule(self):
        rules = self.env["customer.followup.rule"].search(
            [("plan_id", "in", self._running_plans().ids)]
        )
        if rules:
            return True, self.env._("Rules that are on: %s.", self._names(rules))
        enrolled = self.env["customer.followup.enrollment"].search_count(
            [
                ("company_id", "=", self.env.company.id),
                # Not the sample, which is archived when it is removed.
                ("partner_id", "!=", self._sample().id),
                ("partner_id.active", "=", True),
            ],
            limit=1,
        )
        if enrolled:
            return True, self.env._("No rule is on: customers are enrolled by hand.")
        return False, self.env._(
            "Switch a rule on, such as “confirmed orders”, or enroll customers by hand."
        )

    def _look_at_sample(self):
        sample = self._sample()
        if not sample:
            return False, self.env._("See what agents see: a sample customer goes through a plan.")
        contacts = self.env["customer.followup"].search_count([("partner_id", "=", sample.id)])
        if not contacts:
            return False, self.env._(
                "“%s” is enrolled; the first contact appears within minutes.",
                sample.sudo().name,
            )
        return True, self.env._(
            "“%s” is on the Desk, in the column of its day.", sample.sudo().name
        )

    @api.model
    def _sample_xmlid(self):
        return f"{_MODULE}.customer_sample_{self.env.company.id}"

    @api.model
    def _sample(self):
        """Return the sample customer of the company, or none."""
        sample = self.env.ref(self._sample_xmlid(), raise_if_not_found=False)
        return sample or self.env["res.partner"]

    def _look_at_running(self):
        off = self._crons_off()
        if off:
            return False, self.env._("Switched off: %s.", self._names(off))
        following = min(self._crons().mapped("nextcall"))
        return True, self.env._(
            "They run by themselves, the next one at %s.", format_datetime(self.env, following)
        )

    @api.model
    def _crons(self):
        # When scheduled actions run is not confidential; the system runs them.
        crons = [self.env.ref(f"{_MODULE}.{name}") for name in _CRONS]
        return self.env["ir.cron"].sudo().concat(*crons)

    @api.model
    def _crons_off(self):
        return self._crons().filtered(lambda cron: not cron.active)

    @api.model
    def _names(self, records):
        names = records[:_MAX_NAMES].mapped("display_name")
        return ", ".join([*names, "…"] if len(records) > _MAX_NAMES else names)

    def action_go(self):
        """Open where the step is done."""
        self.ensure_one()
        return getattr(self, f"_go_to_{self.code}")()

    def _go_to_company(self):
        company = self.env.company
        if not company.has_access("write"):
            raise UserError(
                self.env._(
                    "Ask an administrator of Odoo to change %(company)s.", company=company.name
                )
            )
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.company",
            "res_id": company.id,
            "views": [(False, "form")],
        }

    def _go_to_people(self):
        return self._action("customer_team_action")

    def _go_to_plan(self):
        is_there = bool(self._running_plans())
        return self._action(f"customer_followup_plan_action{'' if is_there else '_gallery'}")

    def _go_to_rule(self):
        return self._action("customer_followup_rule_action")

    def _go_to_sample(self):
        return self._action("customer_followup_action_desk")

    def _go_to_running(self):
        """Run them now, in the order in which they need each other."""
        self._run_soon()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._("They run within a minute."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.model
    def _run_soon(self):
        off = self._crons_off()
        if off:
            raise UserError(
                self.env._(
                    "Switched off: %s. Ask an administrator of Odoo to switch them on.",
                    self._names(off),
                )
            )
        for cron in self._crons():
            cron._trigger()

    @api.model
    def _action(self, name):
        return self.env["ir.actions.act_window"]._for_xml_id(f"{_MODULE}.{name}")

    def action_users(self):
        """Open the users, to give them their roles."""
        self.check_access("read")
        if not self.env.user.has_group("base.group_erp_manager"):
            raise UserError(self.env._("Ask an administrator of Odoo to give users their roles."))
        return self.env["ir.actions.act_window"]._for_xml_id("base.action_res_users")

    def action_try(self):
        """Enroll a sample customer, with your own e-mail address, in the first running plan."""
        self.check_access("read")
        plan = self._running_plans()[:1]
        if not plan:
            raise UserError(self.env._("Run a plan first: see the step “First plan”."))
        # Two presses at once make one sample.
        serialize(plan)
        if self._sample():
            raise UserError(self.env._("There is a sample customer already: remove it first."))
        # Administrators of the add-on need not be allowed to make contacts.
        sample = (
            self.env["res.partner"]
            .sudo()
            .create(
                {
                    "name": self.env._("Sample customer"),
                    "company_id": self.env.company.id,
                    "country_id": self.env.company.country_id.id,
                    "email": self.env.user.email or self.env.company.email,
                    "phone": self.env.company.phone or "+1 212 555 0100",
                }
            )
        )
        self.env["ir.model.data"].sudo()._update_xmlids(
            [{"xml_id": self._sample_xmlid(), "record": sample, "noupdate": True}]
        )
        plan._enroll(sample)
        self._run_soon()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_remove_sample(self):
        """Stop the plans of the sample customer, and archive it."""
        self.check_access("read")
        # Administrators of the add-on need not be allowed to change contacts.
        sample = self._sample().sudo()
        rows = self.env["customer.followup.enrollment"].search(
            [("partner_id", "=", sample.id), ("state", "in", OPEN_STATES)]
        )
        rows.action_stop(self.env._("The sample is removed."))
        sample.active = False
        # Only its own row: another sample may follow.
        self.env["ir.model.data"].sudo().search(
            [
                ("module", "=", _MODULE),
                ("name", "=", self._sample_xmlid().partition(".")[2]),
            ]
        ).unlink()
        return {"type": "ir.actions.client", "tag": "soft_reload"}
