from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ..ground.groups import MANAGER
from ..ground.system import yes_or_no

PROPOSED, ACCEPTED, DECLINED, WITHDRAWN = "proposed", "accepted", "declined", "withdrawn"
REASONS = [
    ("agreed", "Agreed"),
    ("months", "So many months have passed"),
    ("leave", "Away for long"),
    ("departure", "Leaves the company"),
    ("card", "The customer card moves on"),
]
DAYS = 7
# What no one changes once it is proposed.
_PROPOSAL = {
    "user_from_id",
    "user_to_id",
    "team_to_id",
    "company_id",
    "reason",
    "date_proposed",
}


class CustomerHandover(models.Model):
    """A proposal to pass customers from one owner to another user or team."""

    _name = "customer.handover"
    _description = "Handover"
    _inherit = [
        "customer.protected.mixin",
        "customer.batch.mixin",
        "customer.change.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date_due, id"
    _check_company_auto = True
    _protected_fields = frozenset(
        {
            "state",
            "date_proposed",
            "date_accepted",
            "date_decided",
            "decided_by_id",
            "decision_note",
            "date_warned",
        }
    )

    user_from_id = fields.Many2one(
        "res.users",
        string="From",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    user_to_id = fields.Many2one(
        "res.users",
        string="To",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('share', '=', False), ('id', '!=', user_from_id)]",
    )
    team_to_id = fields.Many2one(
        "customer.team",
        string="To team",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="Without a person, the team member who accepts takes the customers.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    reason = fields.Selection(REASONS, string="Why", required=True, default="agreed")
    note = fields.Text(string="What else to know")
    line_ids = fields.One2many(
        "customer.handover.line", "handover_id", string="Customers", copy=False
    )
    customer_count = fields.Integer(string="How many", compute="_compute_customer_count")
    check_ids = fields.One2many(
        "customer.handover.check",
        "handover_id",
        string="Checklist",
        default=lambda self: self._default_check_ids(),
    )
    date_proposed = fields.Date(
        string="Proposed on", required=True, readonly=True, default=fields.Date.context_today
    )
    date_due = fields.Date(
        string="Accept until",
        required=True,
        default=lambda self: fields.Date.context_today(self) + timedelta(days=DAYS),
    )
    state = fields.Selection(
        [
            (PROPOSED, "Proposed"),
            (ACCEPTED, "Accepted"),
            (DECLINED, "Declined"),
            (WITHDRAWN, "Withdrawn"),
        ],
        required=True,
        readonly=True,
        default=PROPOSED,
        copy=False,
        index=True,
    )
    date_accepted = fields.Datetime(string="Accepted on", readonly=True, copy=False)
    date_decided = fields.Datetime(string="Decided on", readonly=True, copy=False)
    decided_by_id = fields.Many2one(
        "res.users", string="Decided by", readonly=True, copy=False, ondelete="restrict"
    )
    decision_note = fields.Char(string="Reason given", readonly=True, copy=False)
    date_warned = fields.Date(string="Overdue notice sent", readonly=True, copy=False)
    is_late = fields.Boolean(compute="_compute_is_late", search="_search_is_late")
    late_days = fields.Integer(string="Days late", compute="_compute_is_late")
    is_mine_to_accept = fields.Boolean(compute="_compute_is_mine_to_accept")

    _receiver_check = models.Constraint(
        "CHECK (user_to_id IS NOT NULL OR team_to_id IS NOT NULL)",
        "Choose who takes the customers: a person or a team.",
    )
    _people_check = models.Constraint(
        "CHECK (user_from_id != user_to_id)", "A handover needs two different users."
    )

    @api.model
    def _default_check_ids(self):
        topics = self.env["customer.handover.topic"]._of("handover", self.env.company)
        return [
            Command.create({"name": topic.name, "sequence": number})
            for number, topic in enumerate(topics)
        ]

    @api.depends("user_from_id", "user_to_id", "team_to_id")
    def _compute_display_name(self):
        for handover in self:
            # No customer's name: activities show it to people who may not read the handover.
            handover.display_name = self.env._(
                "%(giver)s to %(receiver)s",
                giver=handover.user_from_id.name or "",
                receiver=handover.user_to_id.name or handover.team_to_id.name or "",
            )

    @api.depends("line_ids")
    def _compute_customer_count(self):
        counts = dict(
            self.env["customer.handover.line"]._read_group(
                [("handover_id", "in", self.ids)], ["handover_id"], ["__count"]
            )
        )
        for handover in self:
            handover.customer_count = counts.get(handover, 0)

    @api.depends("state", "date_due", "date_decided")
    def _compute_is_late(self):
        for handover in self:
            company = handover.company_id or self.env.company
            last = company._customer_day(handover.date_decided or None)
            late = (last - handover.date_due).days if handover.date_due else 0
            handover.late_days = max(late, 0)
            handover.is_late = handover.state == PROPOSED and late > 0

    def _search_is_late(self, operator, value):
        return yes_or_no(operator, value, self._late_domain())

    @api.model
    def _late_domain(self):
        """Return the domain of handovers whose last day is over where their company is."""
        return Domain("state", "=", PROPOSED) & self.env["res.company"]._by_day_domain(
            lambda day: Domain("date_due", "<", day)
        )

    @api.depends("state", "user_to_id", "team_to_id")
    @api.depends_context("uid")
    def _compute_is_mine_to_accept(self):
        for handover in self:
            handover.is_mine_to_accept = handover.state == PROPOSED and handover._is_receiver()

    @api.constrains("user_from_id", "user_to_id", "line_ids", "company_id")
    def _check_people(self):
        for handover in self:
            people = handover.user_from_id | handover.user_to_id
            is_outside = any(
                person.share or handover.company_id not in person.company_ids for person in people
            )
            if is_outside:
                raise ValidationError(
                    self.env._(
                        "%(handover)s: both must work for %(company)s.",
                        handover=handover.display_name,
                        company=handover.company_id.name,
                    )
                )

    def _check_customers(self):
        """Raise if another user than the giver owns one of the customers."""
        for company, handovers in self.grouped("company_id").items():
            # Neither side need be allowed to open the customers.
            customers = handovers.sudo().line_ids.commercial_partner_id
            holders = self.env["customer.ownership"]._holders(customers, company)
            for line in handovers.line_ids:
                giver = line.handover_id.user_from_id
                holder = holders.get((line.commercial_partner_id.id, "owner"), giver)
                if holder != giver:
                    raise ValidationError(
                        self.env._(
                            "%(customer)s belongs to %(owner)s, not to %(giver)s.",
                            customer=line.customer_name,
                            owner=holder.name,
                            giver=giver.name,
                        )
                    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_create(vals)
        # The receiver gets an activity instead of following.
        quiet = self.with_context(mail_create_nosubscribe=True)
        handovers = super(CustomerHandover, quiet).create(vals_list).with_env(self.env)
        handovers._follow()
        return handovers

    def write(self, vals):
        self._check_write(vals)
        return super().write(vals)

    def _check_create(self, vals):
        given = {name for name, value in vals.items() if value}
        self._check_protected(given, with_defaults=True)
        return super()._check_create(vals)

    def _check_write(self, vals):
        super()._check_write(vals)
        self._check_protected(vals)
        if not self.env.su and _PROPOSAL & vals.keys():
            raise UserError(
                self.env._(
                    "A proposal does not change: withdraw the handover and propose a new one."
                )
            )
        if vals.keys() & {"note", "date_due", "line_ids"}:
            self._check_proposed()
            self._check_giver()
        return super()._check_write(vals)

    def _follow(self, before=None):
        if before is None:
            self._check_giver()
            self._check_has_customers()
            self._check_customers()
            self._ask_receiver()
        return super()._follow(before)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A handover is not deleted: withdraw it."))

    def _check_has_customers(self):
        for handover in self:
            if not handover.line_ids:
                raise ValidationError(self.env._("%s: say which customers.", handover.display_name))

    def _check_proposed(self):
        for handover in self.filtered(lambda one: one.state != PROPOSED):
            raise UserError(self.env._("%s is decided already.", handover.display_name))

    def _is_receiver(self):
        # Who is in a team is not confidential.
        return self.env.user in (self.user_to_id or self.sudo().team_to_id.member_ids)

    def _is_overseen_by_me(self, people):
        return self.env.user in people.sudo().customer_team_ids.overseer_ids

    def _check_giver(self):
        """Raise unless the current user is the giver, leads the giver, or is a manager."""
        if self.env.su or self.env.user.has_group(MANAGER):
            return
        for handover in self:
            giver = handover.user_from_id
            if giver != self.env.user and not self._is_overseen_by_me(giver):
                raise AccessError(
                    self.env._(
                        "Only %s or a leader of theirs can hand these customers over.", giver.name
                    )
                )

    def _check_receiver(self):
        """Raise unless the user is the one to accept."""
        if self.env.su:
            return
        for handover in self:
            if not handover._is_receiver():
                raise AccessError(
                    self.env._(
                        "Only %s accepts this handover and its checklist.",
                        handover.user_to_id.name or handover.team_to_id.name,
                    )
                )

    def _leader(self):
        """Return the giver's leader, if that is another user."""
        # Who leads whom is not confidential.
        leaders = self.sudo().user_from_id.customer_team_ids.overseer_ids.filtered("active")
        return (leaders - self.user_from_id)[:1]

    def _asked(self):
        """Return who can accept: a person, the members of a team, or else the managers."""
        # Who is in a team, or may act for it, is not confidential.
        handover = self.sudo()
        receivers = (handover.user_to_id or handover.team_to_id.member_ids).filtered("active")
        if receivers:
            return receivers
        managers = self.env.ref(MANAGER).sudo().all_user_ids.filtered("active")
        return managers.filtered(lambda user: self.company_id in user.company_ids)
