from collections import defaultdict
from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ...tools import masking, repeat

WEEKS_BACK = 12
DAYS_TO_RECTIFY = 14


class CustomerComplaintCategory(models.Model):
    """Watched for what goes wrong again and again."""

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
        string="Rectified by",
        ondelete="restrict",
        domain="[('share', '=', False)]",
        help="Empty: the leader of the team that handles it.",
    )
    repeat_threshold = fields.Float(
        string="High from (%)",
        digits=(5, 2),
        help="Complaints per hundred in a week. Empty: 1.5 times the mean of the 8 weeks before.",
    )
    repeat_minimum = fields.Integer(
        string="and complaints", default=3, help="A week with fewer is never high."
    )
    base_model_id = fields.Many2one(
        "ir.model",
        string="Out of",
        ondelete="set null",
        help="What complaints are counted against. Empty: contacts that took place.",
    )
    base_field_id = fields.Many2one(
        "ir.model.fields",
        string="by their date",
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
                        "%(category)s: say by which date of %(model)s they are counted.",
                        category=category.name,
                        model=category.base_model_id.name,
                    )
                )

    @api.model
    def _cron_watch(self):
        """Grade the weeks that are over, and ask for a rectification of what repeats itself."""
        # At once for all companies: what one of them cannot count stands there until it can.
        self.search([("repeat_problem", "!=", False)]).repeat_problem = False
        companies = self.env["res.company"].search([("active", "=", True)])
        for number, company in enumerate(companies, 1):
            mine = Domain("company_id", "in", (False, company.id))
            self.search(mine)._run_halving(lambda some, company=company: some._watch(company))
            self.env["ir.cron"]._commit_progress(1, remaining=len(companies) - number)

    def _watch(self, company):
        """Grade the complete weeks of a company that are not graded yet."""
        today = company._customer_day(fields.Datetime.now())
        weeks = self.env["customer.complaint.week"]
        rows = weeks.search(
            [("company_id", "=", company.id), ("category_id", "in", self.ids)], order="date_from"
        )
        known = defaultdict(lambda: weeks, rows.grouped("category_id"))
        for monday in repeat.complete_weeks(today, WEEKS_BACK):
            due = self.filtered(
                lambda one, monday=monday: monday not in known[one].mapped("date_from")
            )
            for row in due._count_week(company, monday, known):
                known[row.category_id] |= row
        for category in self:
            category._rectify(company, known[category].sorted("date_from"), today)

    def _count_week(self, company, monday, known):
        """Create the rows of one week."""
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
            vals_list.append(
                category._prepare_week_vals(
                    company, monday, counts.get(category, 0), bases[key], earlier
                )
            )
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
        """Count what the complaints of a week are compared with."""
        if not self.base_field_id:
            done = [("state", "=", "done"), ("company_id", "=", company.id)]
            return self.env["customer.followup"].search_count(
                [*done, ("date_done", ">=", start), ("date_done", "<", end)]
            )
        model = self.env[self.base_field_id.model]
        name = self.base_field_id.name
        if self.base_field_id.ttype == "date":
            # Days are the company's: as moments they would be those in UTC.
            start, end = company._customer_day(start), company._customer_day(end)
        domain = Domain(name, ">=", start) & Domain(name, "<", end)
        if "company_id" in model._fields:
            domain &= Domain("company_id", "in", (company.id, False))
        return model.search_count(domain)

    def _rectify(self, company, weeks, today):
        """Open one rectification after three high weeks, and tie later high ones to it."""
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
        """Return the weeks after those that led to a rectification which is done."""
        ended = weeks.filtered(lambda row: row.action_id and row.action_id.state != "open")
        last = ended[-1:].date_from
        return weeks.filtered(lambda row: not last or row.date_from > last)

    def _open_rectification(self, company, week, today):
        departments = self.team_id | self.team_ids
        mine = departments.filtered(lambda team: team.company_id == company)
        kept = self._kept_complaints(company, week)
        leaders = mine.leader_id
        able = (self.repeat_user_id, *leaders, *self._root_leaders(company))
        known = (one for one in able if one and one not in kept.excluded_user_ids)
        owner = next(known, self.env.ref("base.user_admin"))
        # Whoever reads the action must not learn from it of a complaint kept from him.
        count = masking.shown_count(week.complaint_count, len(week._held(kept)))
        action = self.env["customer.action"].create(
            {
                "name": self.env._("%s: too many complaints, three weeks running", self.name),
                "user_id": owner.id,
                "team_id": mine[:1].id,
                "team_ids": mine.ids,
                "company_id": company.id,
                "date_deadline": today + timedelta(days=DAYS_TO_RECTIFY),
                "res_model": self._name,
                "res_id": self.id,
                "before_value": repeat.rate(count, week.base_count) or 0,
                "note": self.env._(
                    "Departments: %(teams)s. In %(week)s %(count)s complaints out of %(base)s.",
                    teams=", ".join(mine.mapped("name")) or "-",
                    week=week.name,
                    count=count,
                    base=week.base_count,
                ),
            }
        )
        # Each department has its part in it, whoever sees that it is done.
        action._notify_of_action((leaders - kept.excluded_user_ids) | owner)
        return action

    @api.model
    def _root_leaders(self, company):
        root = [("company_id", "=", company.id), ("parent_id", "=", False)]
        return self.env["customer.team"].search(root).leader_id

    def _kept_complaints(self, company, week):
        """Return the complaints of the weeks up to this one that are kept from somebody."""
        start = week.date_from - timedelta(weeks=repeat.STREAK - 1)
        first, last = self._bounds(company, start)[0], self._bounds(company, week.date_from)[1]
        # Only the scheduled action asks; nobody is told more than a number.
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
