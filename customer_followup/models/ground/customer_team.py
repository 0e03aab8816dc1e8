from collections import Counter
from heapq import heapify, heapreplace

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from .system import yes_or_no


class CustomerTeam(models.Model):
    """A group of users who work together for customers, and their leader."""

    _name = "customer.team"
    _description = "Customer Team"
    _order = "sequence, name, id"
    _parent_store = True
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    parent_id = fields.Many2one(
        "customer.team",
        string="Part of",
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('company_id', '=', company_id)]",
    )
    parent_path = fields.Char(index=True)
    leader_id = fields.Many2one("res.users", ondelete="restrict", domain="[('share', '=', False)]")
    member_ids = fields.Many2many(
        "res.users",
        relation="customer_team_member_rel",
        column1="team_id",
        column2="user_id",
        domain="[('share', '=', False)]",
    )
    overseer_ids = fields.Many2many(
        "res.users",
        relation="customer_team_overseer_rel",
        column1="team_id",
        column2="user_id",
        string="Overseen by",
        compute="_compute_overseer_ids",
        store=True,
        recursive=True,
        help="The leader of this team and of every team above it.",
    )
    # For record rules, which as subqueries need no join.
    is_joined = fields.Boolean(
        compute="_compute_is_joined",
        search="_search_is_joined",
        help="You are a member of this team.",
    )
    is_overseen = fields.Boolean(
        compute="_compute_is_overseen",
        search="_search_is_overseen",
        help="You lead this team or a team above it.",
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working hours",
        ondelete="restrict",
        check_company=True,
        help="Empty: the working hours of the company.",
    )

    capacity = fields.Integer(
        string="Contacts per day",
        default=20,
        required=True,
        help="How many contacts a member can make on a working day.",
    )

    _capacity_check = models.Constraint(
        "CHECK (capacity >= 0)", "The number of contacts per day cannot be negative."
    )

    @api.depends("leader_id", "parent_id.overseer_ids")
    def _compute_overseer_ids(self):
        for team in self:
            team.overseer_ids = team.leader_id | team.parent_id.overseer_ids

    @api.depends("member_ids")
    @api.depends_context("uid")
    def _compute_is_joined(self):
        for team in self:
            team.is_joined = self.env.user in team.member_ids

    def _search_is_joined(self, operator, value):
        return yes_or_no(operator, value, self._mine_domain("member_ids"))

    @api.depends("overseer_ids")
    @api.depends_context("uid")
    def _compute_is_overseen(self):
        for team in self:
            team.is_overseen = self.env.user in team.overseer_ids

    def _search_is_overseen(self, operator, value):
        return yes_or_no(operator, value, self._mine_domain("overseer_ids"))

    def _mine_domain(self, field_name):
        """Return the domain of the teams, archived ones included, that name the current user."""
        # Who is in which team is known to all users.
        teams = self.sudo().with_context(active_test=False)
        return Domain("id", "in", teams._search([(field_name, "in", self.env.uid)]))

    def write(self, vals):
        if vals.get("parent_id"):
            self._check_no_cycle(self.browse(vals["parent_id"]))
        moved = self.filtered(lambda team: team.company_id.id != vals.get("company_id"))
        result = super().write(vals)
        if "company_id" in vals:
            moved._check_stays_in_company()
        return result

    def _check_stays_in_company(self):
        """Raise if teams that have moved to another company have left records in the former one."""
        for model, name in self._fields_of_companies():
            # What counts is that there are such records, also those the user may not read.
            records = self.env[model].sudo().with_context(active_test=False)
            for team in self:
                elsewhere = Domain("company_id", "not in", [False, team.company_id.id])
                left = records.search(Domain(name, "in", team.ids) & elsewhere, limit=1)
                if left:
                    raise ValidationError(
                        self.env._(
                            "%(team)s cannot move to %(company)s: it has records of %(former)s"
                            " (%(model)s). Create a team in %(company)s and archive this one when"
                            " its work is done.",
                            team=team.name,
                            company=team.company_id.name,
                            former=left.company_id.name,
                            model=self.env["ir.model"]._get(model).sudo().name,
                        )
                    )

    @api.model
    def _fields_of_companies(self):
        """Return the fields of records of a company that refer to teams: ``[(model, field)]``."""
        return [
            (name, field.name)
            for name, model in self.env.registry.items()
            if model._auto
            and not model._transient
            and "company_id" in model._fields
            and model._fields["company_id"].store
            for field in model._fields.values()
            if field.type in ("many2one", "many2many")
            and field.comodel_name == self._name
            and field.store
            and field.check_company
        ]

    def _check_no_cycle(self, parent):
        # Before Odoo's own check, whose message does not name the team.
        above = {int(team_id) for team_id in parent.parent_path.split("/") if team_id}
        for team in self.filtered(lambda team: team.id in above):
            raise ValidationError(self.env._("%(team)s cannot be part of itself.", team=team.name))

    def _chain(self):
        """Return the leaders from this team up to the root's, the general manager, in order."""
        chain, team = [], self
        while team:
            if team.leader_id and team.leader_id not in chain:
                chain.append(team.leader_id)
            team = team.parent_id
        return chain

    def _general_managers(self):
        """Return who leads the topmost team above each of these."""
        # Who leads which team is known to everyone who works in a team.
        roots = {int(team.parent_path.split("/")[0]) for team in self.sudo()}
        return self.sudo().browse(roots).leader_id

    @api.model
    def _root(self, company):
        """Return the topmost team of a company, the first if there are several."""
        # As above.
        root = [("company_id", "=", company.id), ("parent_id", "=", False)]
        return self.sudo().search(root, limit=1)

    @api.model
    def _teams_of(self, users, company):
        """Return the team of a company responsible for the work of each user: ``{user: team}``.

        It is the first the user is a member of, else the first the user leads, else the topmost,
        which is also responsible for work without a user (the key is an empty user).
        """
        # As above.
        teams = self.sudo().search([("company_id", "=", company.id)])
        root = teams.filtered(lambda team: not team.parent_id)[:1]
        found = {self.env["res.users"]: root}
        for user in users:
            led = teams.filtered(lambda team, user=user: team.leader_id == user)
            joined = teams.filtered(lambda team, user=user: user in team.member_ids)
            found[user] = (joined or led or root)[:1]
        return found

    def _open_work(self):
        """Return how much open work each member has, by user id; later chapters add theirs."""
        return {}

    @api.model
    def _open_work_of(self, users):
        """Return how much open work users have, by id, as far as the current user may know."""
        load = {}
        for work in self.env["customer.work.mixin"]._work_models():
            for user, count in work._visible_work_of(users).items():
                load[user.id] = load.get(user.id, 0) + count
        return load

    def _next_users(self, count, away=None, freed=()):
        """Return ``count`` members (a list of users, or of empty users), least work first.

        :param away: users who get nothing; else those away now, as long as anyone is present
        :param freed: the present user of each record that is distributed
        """
        self.ensure_one()
        # The caller need not be allowed to read the members; only ids leave here.
        members = self.sudo().member_ids.filtered("active")
        if away is None:
            members = (members - self.env["customer.absence"]._away()) or members
        else:
            members -= away
        if not members:
            return [self.env["res.users"]] * count
        load = self._open_work()
        freed = Counter(user.id for user in freed)
        queue = [(load.get(user.id, 0) - freed[user.id], user.id) for user in members]
        heapify(queue)
        chosen = []
        for _number in range(count):
            work, user_id = queue[0]
            heapreplace(queue, (work + 1, user_id))
            chosen.append(self.env["res.users"].browse(user_id))
        return chosen
