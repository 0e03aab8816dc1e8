from collections import defaultdict
from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ...tools import masking, repeat
from ..complaint.customer_complaint_workflow import DROPPED
from ..contact.customer_followup import DONE

WEEKS_BACK = 12
DAYS_TO_RECTIFY = 14


class CustomerComplaintCategory(models.Model):
    """A category, whose weekly number of complaints is monitored."""

    _name = "customer.complaint.category"
    _inherit = ["customer.complaint.category", "customer.batch.mixin"]

    team_ids = fields.Many2many(
        "customer.team",
        relation="customer_complaint_category_team_rel",
        column1="category_id",
        column2="team_id",
        string="Departments concerned",
    )
    repeat_user_id = fields.Many2one(
        "res.users",
        string="Responsible for rectification",
        ondelete="restrict",
        domain="[('share', '=', False)]",
        help="Empty: the leader of the team that handles it.",
    )
    repeat_threshold = fields.Float(
        string="High rate from (%)",
        digits=(5, 2),
        help="Complaints per hundred in a week. Empty: 1.5 times the average of the last 8 weeks.",
    )
    repeat_minimum = fields.Integer(
        string="Minimum complaints", default=3, help="A week with fewer complaints is never high."
    )
    base_model_id = fields.Many2one(
        "ir.model",
        string="Base",
        ondelete="set null",
        help="Records that complaints are compared with. Empty: the contacts by users in which the"
        " customer was reached.",
    )
    base_field_id = fields.Many2one(
        "ir.model.fields",
        string="Base date",
        ondelete="set null",
        domain="[('model_id', '=', base_model_id), ('ttype', 'in', ('date', 'datetime')),"
        " ('store', '=', True)]",
    )
    repeat_problem = fields.Char(string="Problem", readonly=True, copy=False)

    @api.constrains("base_model_id", "base_field_id")
    def _check_base(self):
        for category in self.filtered(lambda one: one.base_model_id or one.base_field_id):
            field = category.base_field_id
            if field.model_id != category.base_model_id or not field.store:
                raise ValidationError(
                    self.env._(
                        "%(category)s: choose the date field of %(model)s.",
                        category=category.name,
                        model=category.base_model_id.name,
                    )
                )
            category._check_base_is_readable()

    def _check_base_is_readable(self):
        """Raise unless all users may know how many records of the base there are."""
        model = self.env[self.base_model_id.model]
        mixin = self.env.registry["customer.confidential.mixin"]
        is_hidden = model._customer_confidential or isinstance(model, mixin)
        # Odoo checks constraints in sudo: what counts is what the author may read.
        if is_hidden or not model.with_user(self.env.user).has_access("read"):
            raise ValidationError(
                self.env._(
                    "%(category)s: %(model)s cannot be the base, because not all users may know how"
                    " many there are.",
                    category=self.name,
                    model=self.base_model_id.name,
                )
            )

    @api.model
    def _cron_watch(self):
        """Grade the completed weeks and open rectifications for repeated high weeks.

        A week is counted anew as long as no rectification is linked to it, as complaints get other
        categories, turn out to be duplicates, or come in late.
        """
        # All companies in one batch: a week that cannot be counted is graded later.
        self.search([("repeat_problem", "!=", False)]).repeat_problem = False
        companies = self.env["res.company"].search([("active", "=", True)])
        for number, company in enumerate(companies, 1):
            mine = Domain("company_id", "in", (False, company.id))
            self.search(mine)._run_halving(lambda some, company=company: some._watch(company))
            self.env["ir.cron"]._commit_progress(1, remaining=len(companies) - number)

    def _watch(self, company):
        """Grade the completed weeks of a company that have no rectification."""
        today = company._customer_day(fields.Datetime.now())
        weeks = self.env["customer.complaint.week"]
        rows = weeks.search(
            [("company_id", "=", company.id), ("category_id", "in", self.ids)], order="date_from"
        )
        known = defaultdict(lambda: weeks, rows.grouped("category_id"))
        for monday in repeat.complete_weeks(today, WEEKS_BACK):
            rows = weeks.union(*known.values())
            rows = rows.filtered(lambda row, monday=monday: row.date_from == monday)
            due = self - rows.filtered("action_id").category_id
            for row in due._count_week(company, monday, known):
                known[row.category_id] |= row
        for category in self:
            category._rectify(company, known[category].sorted("date_from"), today)

    def _count_week(self, company, monday, known):
        """Create or update the rows of one week, and return the new ones."""
        if not self:
            return self.env["customer.complaint.week"]
        start, end = self._bounds(company, monday)
        counts = dict(
            self.env["customer.complaint"]._read_group(
                [
                    ("company_id", "=", company.id),
                    ("category_id", "in", self.ids),
                    ("date_received", ">=", start),
                    ("date_received", "<", end),
                    ("close_kind", "not in", DROPPED),
                ],
                ["category_id"],
                ["__count"],
            )
        )
        bases = {}
        vals_list = []
        for category in self:
            key = (category.base_model_id, category.base_field_id)
            if key not in bases:
                bases[key] = category._base(company, start, end)
            earlier = known[category].filtered(lambda row: row.date_from < monday)
            vals = category._prepare_week_vals(
                company, monday, counts.get(category, 0), bases[key], earlier
            )
            if row := known[category].filtered(lambda one: one.date_from == monday):
                row._update(vals)
            else:
                vals_list.append(vals)
        return self.env["customer.complaint.week"].create(vals_list)

    def _prepare_week_vals(self, company, monday, count, base, earlier):
        rates = [
            repeat.rate(row.complaint_count, row.base_count) for row in earlier.sorted("date_from")
        ]
        return {
            "category_id": self.id,
            "company_id": company.id,
            "name": repeat.week_name(monday),
            "date_from": monday,
            "complaint_count": count,
            "base_count": base,
            "grade": repeat.grade(
                count, base, self.repeat_minimum, self.repeat_threshold or None, rates
            ),
        }

    @api.model
    def _bounds(self, company, monday):
        """Return the first moment of a week of a company and that of the next, in UTC."""
        zone = pytz.timezone(company.resource_calendar_id.tz or "UTC")
        return [
            zone.localize(datetime.combine(day, time.min)).astimezone(pytz.utc).replace(tzinfo=None)
            for day in (monday, monday + timedelta(weeks=1))
        ]

    def _base(self, company, start, end):
        """Count the base records of a week."""
        if not self.base_field_id:
            return self.env["customer.followup"].search_count(
                [
                    ("company_id", "=", company.id),
                    ("state", "=", DONE),
                    ("date_done", ">=", start),
                    ("date_done", "<", end),
                    ("outcome_id.is_reached", "=", True),
                    ("channel_id.is_automatic", "=", False),
                ]
            )
        model = self.env[self.base_field_id.model]
        name = self.base_field_id.name
        if self.base_field_id.ttype == "date":
            # Date fields hold days of the company, not UTC moments.
            start, end = company._customer_day(start), company._customer_day(end)
        domain = Domain(name, ">=", start) & Domain(name, "<", end)
        if "company_id" in model._fields:
            domain &= Domain("company_id", "in", (company.id, False))
        return model.search_count(domain)

    def _rectify(self, company, weeks, today):
        """Open one rectification after three high weeks, and link later high weeks to it."""
        action = self.env["customer.action"].search(
            [
                ("res_model", "=", self._name),
                ("res_id", "=", self.id),
                ("company_id", "=", company.id),
                ("state", "=", "open"),
            ],
            limit=1,
        )
        fresh = self._since_rectified(weeks)
        grades = fresh.mapped("grade")
        if not action and repeat.is_repeated(grades) and grades[-1] == repeat.HIGH:
            action = self._open_rectification(company, fresh[-1:], today)
        if action:
            running = fresh[len(fresh) - repeat.running(grades) :]
            running.filtered(lambda row: row.grade == repeat.HIGH).action_id = action

    @api.model
    def _since_rectified(self, weeks):
        """Return the weeks after the last one with a completed rectification."""
        ended = weeks.filtered(lambda row: row.action_id and row.action_id.state != "open")
        last = ended[-1:].date_from
        return weeks.filtered(lambda row: not last or row.date_from > last)

    def _open_rectification(self, company, week, today):
        departments = self.team_id | self.team_ids
        mine = departments.filtered(lambda team: team.company_id == company)
        confidential = self._confidential_complaints(company, week)
        leaders = mine.leader_id
        able = (self.repeat_user_id, *leaders, *self._root_leaders(company))
        known = (one for one in able if one and one not in confidential.excluded_user_ids)
        owner = next(known, self.env.ref("base.user_admin"))
        # Readers of the action must not learn of a complaint hidden from them.
        count = masking.shown_count(week.complaint_count, len(week._counted(confidential)))
        action = self.env["customer.action"].create(
            {
                "name": self.env._("%s: too many complaints in three consecutive weeks", self.name),
                "user_id": owner.id,
                "team_id": mine[:1].id,
                "team_ids": mine.ids,
                "company_id": company.id,
                "date_deadline": today + timedelta(days=DAYS_TO_RECTIFY),
                "res_model": self._name,
                "res_id": self.id,
                "before_value": repeat.rate(count, week.base_count) or 0,
                "note": self.env._(
                    "Departments: %(teams)s. Complaints in %(week)s: %(count)s of %(base)s.",
                    teams=", ".join(mine.mapped("name")) or "-",
                    week=week.name,
                    count=count,
                    base=week.base_count,
                ),
            }
        )
        # All departments concerned are notified, not only the assignee.
        action._notify_of_action((leaders - confidential.excluded_user_ids) | owner)
        return action

    @api.model
    def _root_leaders(self, company):
        root = [("company_id", "=", company.id), ("parent_id", "=", False)]
        return self.env["customer.team"].search(root).leader_id

    def _confidential_complaints(self, company, week):
        """Return the complaints of the weeks up to this one that have excluded users."""
        start = week.date_from - timedelta(weeks=repeat.STREAK - 1)
        first, last = self._bounds(company, start)[0], self._bounds(company, week.date_from)[1]
        # Called only by the scheduled action; only a number is shown.
        return (
            self.env["customer.complaint"]
            .sudo()
            .search(
                Domain("company_id", "=", company.id)
                & Domain("category_id", "=", self.id)
                & Domain("excluded_user_ids", "!=", False)
                & Domain("date_received", ">=", first)
                & Domain("date_received", "<", last)
            )
        )

    def _park(self, error):
        self.repeat_problem = str(error)[:200]
