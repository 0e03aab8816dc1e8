from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

CLOSED = "closed"


class CustomerComplaint(models.Model):
    """What went wrong for a customer, until it is put right."""

    _name = "customer.complaint"
    _description = "Complaint"
    _inherit = [
        "customer.card.mixin",
        "customer.bulk.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "priority desc, date_deadline, id desc"
    _check_company_auto = True
    # The number only: names of records are shown to people who may not read them.
    _rec_name = "name"
    _rec_names_search = ["name", "title"]
    _protected_fields = frozenset(
        {
            "close_kind",
            "decision_maker_id",
            "confirmation",
            "consent_text",
            "consent_version",
            "date_acknowledged",
            "date_answered",
            "date_awaiting",
            "date_closed",
            "date_confirmation",
            "date_escalated",
            "date_recorded",
            "date_verdict",
            "accountable_user_id",
            "offered_team_id",
            "offered_user_id",
            "previous_id",
            "reopen_count",
            "round_count",
            "satisfaction",
            "verdict_second_user_id",
            "verdict_user_id",
        }
    )

    name = fields.Char(string="Number", readonly=True, copy=False, index=True)
    title = fields.Char(string="What went wrong", required=True)
    description = fields.Html(string="What happened")
    partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    category_id = fields.Many2one(
        "customer.complaint.category",
        required=True,
        ondelete="restrict",
        check_company=True,
        tracking=True,
        default=lambda self: self._default_category_id(),
    )
    team_id = fields.Many2one(
        "customer.team",
        compute="_compute_team_id",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    # Not tracked: tracking is what makes Odoo mail about every assignment.
    user_id = fields.Many2one(
        "res.users",
        string="Handler",
        ondelete="restrict",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    accountable_user_id = fields.Many2one(
        "res.users",
        string="Accountable",
        readonly=True,
        copy=False,
        ondelete="restrict",
        default=lambda self: self.env.user,
        help="Stays answerable until the complaint is closed, whoever handles it.",
    )
    kind = fields.Selection(
        [
            ("complaint", "Complaint"),
            ("issue", "Issue"),
            ("dispute", "Dispute"),
            ("accident", "Accident"),
            ("violation", "Violation"),
            ("suggestion", "Suggestion"),
        ],
        string="Type",
        required=True,
        default="complaint",
        tracking=True,
    )
    nature = fields.Selection(
        [("ordinary", "Ordinary"), ("serious", "Serious"), ("safety", "Safety")],
        required=True,
        default="ordinary",
        tracking=True,
        help="Safety: somebody may be harmed; it goes before all hours and digests.",
    )
    channel_id = fields.Many2one(
        "customer.channel", string="Came by", ondelete="restrict", help="How the customer told us."
    )
    severity = fields.Selection(
        [("minor", "Minor"), ("moderate", "Moderate"), ("serious", "Serious")],
        required=True,
        default="moderate",
        tracking=True,
    )
    priority = fields.Selection(
        [("0", "Normal"), ("1", "Urgent"), ("2", "Extra urgent")],
        string="Urgency",
        default="0",
        required=True,
    )
    stage_id = fields.Many2one(
        "customer.complaint.stage",
        required=True,
        ondelete="restrict",
        tracking=True,
        copy=False,
        group_expand="_read_group_expand_full",
        default=lambda self: self.env["customer.complaint.stage"].search([], limit=1),
    )
    state = fields.Selection(related="stage_id.meaning", store=True, precompute=True, index=True)
    date_received = fields.Datetime(
        string="Received on", required=True, default=fields.Datetime.now, copy=False
    )
    date_deadline = fields.Datetime(
        string="Solve until",
        compute="_compute_date_deadline",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
    )
    date_closed = fields.Datetime(string="Closed on", readonly=True, copy=False)
    cause = fields.Text(string="Why it happened", copy=False)
    solution = fields.Text(string="How it was put right", copy=False)
    followup_id = fields.Many2one(
        "customer.followup",
        string="Heard in",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    feedback_id = fields.Many2one(
        "customer.followup.feedback",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    action_ids = fields.One2many(
        "customer.action",
        "res_id",
        string="Actions",
        domain=[("res_model", "=", "customer.complaint")],
    )

    # The board of one handler: his first cards of each stage, and how many there are.
    _board_idx = models.Index("(user_id, stage_id, priority DESC, date_deadline, id DESC)")
    # The first cards of each stage, where many handlers' complaints lie on one board.
    _card_idx = models.Index("(stage_id, priority DESC, date_deadline, id DESC)")

    @api.model
    def _default_category_id(self):
        """Return the first category that a company may use, of those it has or all have."""
        company = self.env.context.get("default_company_id") or self.env.company.id
        return self.env["customer.complaint.category"].search(
            [("company_id", "in", (False, company))], limit=1
        )

    # Not on the handler: a complaint stays with its team, whoever of it handles it.
    @api.depends("category_id", "company_id")
    def _compute_team_id(self):
        for company, complaints in self.grouped("company_id").items():
            handlers = self.env["customer.team"]._teams_of(complaints.user_id, company)
            for complaint in complaints:
                teams = (complaint.category_id.team_id, complaint.team_id)
                own = (team for team in teams if team and team.company_id == company)
                complaint.team_id = next(own, None) or handlers[complaint.user_id]

    @api.depends("date_received", "category_id")
    def _compute_date_deadline(self):
        for complaint in self:
            hours = timedelta(hours=complaint.category_id.deadline_hours)
            complaint.date_deadline = complaint.date_received and complaint.date_received + hours

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_protected(vals, with_defaults=True)
            self._check_may_assign(
                vals.get("user_id", self.env.context.get("default_user_id", False))
            )
        told = self._default_verdict_vals()
        complaints = super().create(
            self._assign_numbers(
                [self._prepare_verdict_vals({**told, **vals}) for vals in vals_list]
            )
        )
        complaints._check_source()
        complaints._note_receivers()
        complaints._note_stage({})
        return complaints

    def write(self, vals):
        self._check_protected(vals)
        if "name" in vals and not self.env.su:
            raise UserError(self.env._("The number of a complaint stays what it is."))
        if self and "user_id" in vals:
            self._check_may_assign(vals["user_id"])
        if "stage_id" in vals:
            self._check_may_reopen(vals["stage_id"])
        if vals.get("company_id"):
            self._renumber_for(self.env["res.company"].browse(vals["company_id"]))
        before = {complaint.id: complaint.state for complaint in self}
        together = self.with_context(**self.env["customer.complaint.part.mixin"]._defer_checks())
        result = super(CustomerComplaint, together).write(self._prepare_verdict_vals(vals))
        if "stage_id" in vals:
            self._note_stage(before)
        if {"followup_id", "feedback_id"} & vals.keys():
            self._check_source()
        return result

    def _check_source(self):
        """Raise unless the caller sees in what these complaints are said to be heard."""
        self.followup_id.check_access("read")
        self.feedback_id.check_access("read")

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A complaint is not deleted: close it and say why."))

    def action_add_action(self):
        """Open a new action about this complaint."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What will be done?"),
            "res_model": "customer.action",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_res_model": self._name,
                "default_res_id": self.id,
                "default_company_id": self.company_id.id,
                "default_team_id": self.team_id.id,
            },
        }

    @api.model
    def _open_counts(self, customers, companies):
        """Return how many complaints are open: ``{(customer id, company id): count}``.

        Of those the current user may know of, also where access is bypassed.
        """
        return {
            (customer.id, company.id): count
            for customer, company, count in self._read_group(
                [
                    ("commercial_partner_id", "in", customers.ids),
                    ("company_id", "in", companies.ids),
                    ("state", "!=", CLOSED),
                    ("id", "not in", self._hidden_query()),
                ],
                ["commercial_partner_id", "company_id"],
                ["__count"],
            )
        }
