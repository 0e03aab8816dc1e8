from collections import Counter
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_date

from .customer_followup_rule import SINCE
from .customer_followup_step_preview import AHEAD_DAYS

# Of more records, a preview takes the first.
MAX_PREVIEW = 500


class CustomerFollowupRule(models.Model):
    """A preview of what a rule would do, with the rights of the user who looks at it."""

    _inherit = "customer.followup.rule"

    match_count = fields.Integer(string="Match now", compute="_compute_preview")
    new_count = fields.Integer(string="Would be enrolled", compute="_compute_preview")
    preview = fields.Text(compute="_compute_preview")

    @api.depends(
        "model_name", "domain", "partner_path", "anchor_path", "target_path", "plan_id.state",
        "plan_id.past_policy", "active", "scope", "date_from", "limit_per_run",
    )  # fmt: skip
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_preview(self):
        for rule in self:
            try:
                # Not flushing: a failure would empty the form that is being written.
                with self.env.cr.savepoint(flush=False):
                    rule._check_one_makes_sense()
                    found = rule._preview_counts()
            except (AccessError, UserError, ValidationError, ValueError) as error:
                # An incomplete rule, while it is being written.
                text = str(error) if rule.model_name and rule.anchor_path else False
                found = 0, 0, text
            rule.match_count, rule.new_count, rule.preview = found

    def _preview_counts(self, since=None):
        """Return how many records match, how many of them would be enrolled, and a text.

        :param since: of records that start then or later, as :meth:`_new_domain` has it
        """
        watched = self._watched()
        matching = watched.search_count(self._match_domain())
        new = watched.search_count(self._new_domain(since))
        free = watched.search_count(self._new_domain(False))
        parts = [
            self.env._(
                "%(matching)s records match now. For %(new)s of them the customer would be"
                " enrolled; %(known)s are enrolled already or may not be.",
                matching=matching,
                new=new,
                known=matching - free,
            )
        ]
        if free > new:
            parts.append(self.env._("%s started too early and are left out.", free - new))
        if since is None:
            parts += self._scope_texts()
        if new and self.plan_id:
            parts.append(self._workload_text(new, since))
        if new > self.limit_per_run:
            parts.append(
                self.env._(
                    "A run takes %s of them; the first must be started by hand.",
                    self.limit_per_run,
                )
            )
        return matching, new, "\n".join(parts)

    def _scope_texts(self):
        """Yield the reasons why the rule does not take all of them."""
        if not self.active:
            yield self.env._("The rule is off: switching it on asks which of them it takes.")
        elif self.scope == SINCE and self.date_from:
            day = fields.Datetime.context_timestamp(self, self.date_from)
            yield self.env._("It takes records from %s on.", format_date(self.env, day.date()))
        if self.plan_id and self.plan_id.state != "running":
            yield self.env._(
                "%(plan)s does not run: customers are enrolled once it does.",
                plan=self.plan_id.name,
            )

    def _workload_text(self, new, since):
        """Return how many contacts the next days would bring, and the busiest day of one agent."""
        contacts = self._expected_contacts(since)
        total = sum(contacts.values())
        if not total:
            return self.env._("Next %s days: no contact.", AHEAD_DAYS)
        (agent, day), most = max(contacts.items(), key=lambda pair: (pair[1], pair[0][1]))
        text = self.env._(
            "Next %(days)s days: %(total)s contacts, at most %(most)s a day (%(day)s, %(agent)s).",
            days=AHEAD_DAYS,
            total=total,
            most=most,
            day=format_date(self.env, day, date_format="EEE d MMM"),
            agent=agent,
        )
        if new > MAX_PREVIEW:
            return self.env._("Of the first %(count)s: %(text)s", count=MAX_PREVIEW, text=text)
        return text

    def _expected_contacts(self, since=None):
        """Return how many contacts the rule would bring: ``{(agent's name, day): count}``."""
        records = self._watched().search(self._new_domain(since), order="id", limit=MAX_PREVIEW)
        # Which agent and which zone a customer has is no contact detail.
        plan, found = self.plan_id.sudo(), Counter()
        workdays = plan._sample().workdays
        today = fields.Date.context_today(self)
        last = today + timedelta(days=AHEAD_DAYS)
        for company, some in records.grouped(self._company_of).items():
            people = some.mapped(self.partner_path).sudo()
            zones = people._customer_zones(company)
            holders = self.env["customer.ownership"]._holders(people, company)
            for record in some:
                person = record.mapped(self.partner_path)[:1].sudo()
                holder = holders.get((person.commercial_partner_id.id, "owner"))
                agent = holder.name if holder else plan.team_id.name or self.env._("unassigned")
                dates = self._dates_of(record, person, company)
                days = plan.step_ids._days_ahead(dates, zones[person.id], workdays, today, last)
                found.update((agent, day) for day in days)
        return found

    def _dates_of(self, record, person, company):
        return (
            self._date(record, self.anchor_path, person, company),
            self.target_path and self._date(record, self.target_path, person, company),
        )
