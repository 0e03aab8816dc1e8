from collections import Counter
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ...tools import worktime
from ..contact.customer_followup import OPEN_STATES, PLANNED
from ..ground.groups import MANAGER

WEEKS, WEEK = 4, 7


class CustomerWorkload(models.TransientModel):
    """The contacts and the capacity of one agent in one of the next weeks."""

    _name = "customer.workload"
    _description = "Workload"
    _order = "user_name, date_from, id"
    _rec_name = "user_id"

    user_id = fields.Many2one("res.users", string="Agent", readonly=True, ondelete="cascade")
    user_name = fields.Char(related="user_id.name", store=True)
    team_id = fields.Many2one("customer.team", readonly=True, ondelete="cascade")
    date_from = fields.Date(string="Week from", readonly=True)
    date_to = fields.Date(string="Until", readonly=True)
    planned_count = fields.Integer(string="Planned", readonly=True)
    coming_count = fields.Integer(
        string="To come", readonly=True, help="What the planner will still create."
    )
    total_count = fields.Integer(string="Contacts", readonly=True)
    capacity = fields.Integer(
        readonly=True, help="Contacts per day, times the days worked, without holidays and absence."
    )
    load = fields.Integer(string="Load (%)", readonly=True, aggregator=None)
    is_over = fields.Boolean(string="Too much", readonly=True)

    @api.model
    def action_open(self):
        """Compute the next weeks of the teams the user leads, and show them."""
        rows = self._compute_rows(self._teams())
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_followup.customer_workload_action"
        )
        return {**action, "domain": [("id", "in", rows.ids)]}

    def action_contacts(self):
        """Open the contacts that are planned for the week."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._(
                "%(agent)s: week from %(day)s", agent=self.user_id.name, day=self.date_from
            ),
            "res_model": "customer.followup",
            "view_mode": "list,form",
            "domain": list(self._contacts_domain(self.user_id, self.date_from)),
        }

    @api.model
    def _teams(self):
        """Return the teams the current user leads; for a manager, all."""
        mine = Domain("overseer_ids", "in", self.env.uid)
        is_manager = self.env.user.has_group(MANAGER)
        return self.env["customer.team"].search(Domain.TRUE if is_manager else mine)

    @api.model
    def _moment(self, day):
        """Return when a day begins for the reader, naive UTC."""
        zone = self.env.context.get("tz") or self.env.user._customer_zone(self.env.company)
        return worktime.at_local(day, 0, zone)

    @api.model
    def _contacts_domain(self, users, start):
        """Return the domain of contacts to be made in the week from a day; late ones are now."""
        end = self._moment(start + timedelta(days=WEEK))
        domain = (
            Domain("user_id", "in", users.ids)
            & Domain("state", "in", OPEN_STATES)
            & Domain("is_paused", "=", False)
            & Domain("channel_id.is_automatic", "=", False)
            & Domain("date_planned", "<", end)
        )
        if start > fields.Date.context_today(self):
            domain &= Domain("date_planned", ">=", self._moment(start))
        return domain

    @api.model
    def _compute_rows(self, teams):
        """Return a row for each member of the teams and each of the next weeks."""
        # A leader need not be allowed to open the user records of members.
        teams = teams.sudo()
        users = teams.member_ids.filtered("active")
        today = fields.Date.context_today(self)
        starts = [today + timedelta(days=WEEK * number) for number in range(WEEKS)]
        coming = self._coming(users, starts)
        capacities, vals_list = self._capacities(teams, users, starts), []
        for start in starts:
            planned = self._planned(users, start)
            for user in users:
                team, capacity = capacities[user, start]
                counts = planned.get(user, 0), coming[user, start]
                vals_list.append(
                    {
                        "user_id": user.id,
                        "team_id": team.id,
                        "date_from": start,
                        "date_to": start + timedelta(days=WEEK - 1),
                        "planned_count": counts[0],
                        "coming_count": counts[1],
                        "total_count": sum(counts),
                        "capacity": capacity,
                        "load": _percent(sum(counts), capacity),
                        "is_over": sum(counts) > capacity,
                    }
                )
        return self.create(vals_list)

    @api.model
    def _planned(self, users, start):
        # Load counts all contacts of the team's members, also those the leader may not see.
        return dict(
            self.env["customer.followup"]
            .sudo()
            ._read_group(self._contacts_domain(users, start), ["user_id"], ["__count"])
        )

    @api.model
    def _coming(self, users, starts):
        """Return how many contacts the planner will still create, by agent and week."""
        last = self._moment(starts[-1] + timedelta(days=WEEK)) - timedelta(seconds=1)
        coming = Counter()
        for vals in self.env["customer.followup.enrollment"]._forecast(users, last):
            channel = self.env["customer.channel"].browse(vals["channel_id"])
            is_planned = vals["state"] == PLANNED and vals["date_planned"] <= last
            if is_planned and not channel.is_automatic:
                user = self.env["res.users"].browse(vals["user_id"])
                coming[user, self._week_of(vals["date_planned"], starts)] += 1
        return coming

    @api.model
    def _week_of(self, moment, starts):
        return max((one for one in starts if self._moment(one) <= moment), default=starts[0])

    @api.model
    def _capacities(self, teams, users, starts):
        """Return ``{(user, first day): (team, capacity of that week)}``."""
        days = {start: [start + timedelta(days=n) for n in range(WEEK)] for start in starts}
        away = self.env["customer.absence"]._days_away(users, starts[0], days[starts[-1]][-1])
        workdays = {
            team: team.calendar_id._working_time(team.company_id).workdays for team in teams
        }
        found = {}
        for user in users:
            # A member of several teams has the capacity of one.
            team = max(
                teams.filtered(lambda team, user=user: user in team.member_ids),
                key=lambda team: team.capacity,
            )
            for start in starts:
                worked = sum(
                    workdays[team].is_working(day) and day not in away.get(user, ())
                    for day in days[start]
                )
                found[user, start] = team, worked * team.capacity
        return found


def _percent(count, capacity):
    """Return how much of a capacity is taken; where there is none, all of it is."""
    if capacity:
        return round(100 * count / capacity)
    return 100 if count else 0
