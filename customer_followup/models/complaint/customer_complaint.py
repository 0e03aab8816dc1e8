from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ...tools import masking
from ..ground.customer_succession_mixin import DEPUTY

CLOSED = "closed"
# The type of a complaint about a violation of rules.
VIOLATION = "violation"


class CustomerComplaint(models.Model):
    """A complaint of a customer, from its receipt until it is closed."""

    _name = "customer.complaint"
    _description = "Complaint"
    _inherit = [
        "customer.card.mixin",
        "customer.bulk.mixin",
        "customer.change.mixin",
        "customer.work.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "priority desc, date_deadline, id desc"
    _check_company_auto = True
    _is_reassigned_by_company = True
    # The number only: users who may not read a record can see its display name.
    _rec_name = "name"
    _rec_names_search = ["name", "title"]
    _protected_fields = frozenset(
        {
            "close_kind",
            "confirmation",
            "date_answered",
            "date_awaiting",
            "date_closed",
            "date_confirmation",
            "date_escalated",
            "date_last_answer",
            "date_recorded",
            "date_verdict",
            "accountable_user_id",
            "previous_id",
            "reopen_count",
            "round_count",
            "satisfaction",
            "verdict_second_user_id",
            "verdict_user_id",
        }
    )

    _followed_fields = frozenset(
        {
            "company_id",
            "feedback_id",
            "followup_id",
            "partner_id",
            "solution",
            "stage_id",
            "verdict",
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
    # Not tracked: with tracking, Odoo would send an e-mail for every assignment.
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
        help="Responsible for the complaint until it is closed, even if someone else handles it.",
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
        help="Safety: someone may be harmed. Notices are sent immediately, at any hour.",
    )
    channel_id = fields.Many2one(
        "customer.channel",
        ondelete="restrict",
        help="The channel by which the complaint was received.",
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
        string="Received on",
        required=True,
        default=fields.Datetime.now,
        copy=False,
        tracking=True,
    )
    date_deadline = fields.Datetime(
        string="Deadline",
        compute="_compute_date_deadline",
        store=True,
        precompute=True,
        copy=False,
        help="Promised closing time. Empty while the clock is paused.",
    )
    date_closed = fields.Datetime(string="Closed on", readonly=True, copy=False)
    cause = fields.Text(string="Root cause", copy=False)
    solution = fields.Text(copy=False)
    followup_id = fields.Many2one(
        "customer.followup",
        string="Source follow-up",
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

    # For the board of one handler: the first cards and the number of cards of each stage.
    _board_idx = models.Index("(user_id, stage_id, priority DESC, date_deadline, id DESC)")
    # For a board with the complaints of many handlers: the first cards of each stage.
    _card_idx = models.Index("(stage_id, priority DESC, date_deadline, id DESC)")

    @api.model
    def _default_category_id(self):
        """Return the first category that is the company's own or shared by all companies."""
        company = self.env.context.get("default_company_id") or self.env.company.id
        return self.env["customer.complaint.category"].search(
            [("company_id", "in", (False, company))], limit=1
        )

    @api.depends("complainant_name")
    def _compute_customer_name(self):
        result = super()._compute_customer_name()
        for complaint in self.filtered(lambda one: not one.partner_id):
            complaint.customer_name = complaint.complainant_name
        return result

    def _search_customer_name(self, operator, value):
        found = super()._search_customer_name(operator, value)
        if found is NotImplemented:
            return found
        named = Domain("complainant_name", operator, value)
        return found | Domain("partner_id", "=", False) & named

    @api.depends("complainant_phone", "complainant_email")
    def _compute_card(self):
        result = super()._compute_card()
        for complaint in self.filtered(lambda one: not one.partner_id):
            complaint.phone_masked = masking.phone(complaint.complainant_phone)
            complaint.email_masked = masking.email(complaint.complainant_email)
        return result

    @api.model_create_multi
    def create(self, vals_list):
        context = {
            **self.env.context,
            **self.env["customer.complaint.part.mixin"]._defer_checks(),
        }
        # The calendar view proposes the clicked day as the deadline, which is computed.
        context.pop("default_date_deadline", None)
        proposing = self.with_env(self.env(context=context))
        for vals in vals_list:
            proposing._check_create(vals)
        common = self._default_vals()
        complete = [
            self._prepare_history_vals(self._prepare_vals({**common, **vals})) for vals in vals_list
        ]
        split = [self._split_late(vals) for vals in self._assign_numbers(complete)]
        complaints = super(CustomerComplaint, proposing).create([now for now, _late in split])
        complaints = complaints.with_env(self.env)
        complaints._follow()
        for complaint, (_now, late) in zip(complaints, split, strict=True):
            complaint._write_late(late)
        complaints._conclude_creation()
        return complaints

    def write(self, vals):
        self._check_write(vals)
        now, late = self._split_late(self._prepare_write(vals))
        before = self._snapshot(now)
        together = self.with_context(**self.env["customer.complaint.part.mixin"]._defer_checks())
        result = super(CustomerComplaint, together).write(now)
        self._follow(before)
        self._write_late(late)
        self._conclude(before)
        return result

    @api.model
    def _split_late(self, vals):
        """Split values into those to write now and those to write last.

        Values that may hide the complaint from the current user are written last.
        """
        return vals, {}

    def _write_late(self, vals):
        if vals:
            # Write access was checked; these values may end the user's own access.
            self.sudo().write(vals)

    def _conclude(self, before):
        """Finish a change, once it is known which users may see the complaints."""

    def _conclude_creation(self):
        """Finish the creation of complaints, once it is known which users may see them."""
        self._announce()

    def _check_create(self, vals):
        super()._check_create(vals)
        self._check_protected(vals, with_defaults=True)

    def _check_write(self, vals):
        super()._check_write(vals)
        self._check_protected(vals)
        if not self._reopens(vals):
            self._check_ended(vals)
        if "name" in vals and not self.env.su:
            raise UserError(self.env._("The number of a complaint cannot be changed."))
        self._check_may_reopen(vals)
        if "date_received" in vals:
            self._check_may_backdate(fields.Datetime.to_datetime(vals["date_received"]))

    def _prepare_write(self, vals):
        """Prepare complaints for a change and return the values to write."""
        if vals.get("company_id"):
            # First, because the old number may be in use in the other company.
            self._renumber_for(self.env["res.company"].browse(vals["company_id"]))
        return self._prepare_vals(vals)

    def _follow(self, before=None):
        super()._follow(before)
        self._changed(before, "followup_id", "feedback_id")._check_source()
        if before is None:
            self._assign_accountable()
        self._record_stage(before)
        self._request_new_confirmation(before)
        self._follow_customer(before)
        self._update_holds(before)

    # Does not depend on the handler: a complaint keeps its team when a member takes it.
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
        now = fields.Datetime.now()
        for complaint in self:
            received = min(complaint.date_received or now, now)
            hours = complaint.category_id.deadline_hours
            complaint.date_deadline = fields.Datetime.add(received, hours=hours)

    @api.constrains("date_received")
    def _check_date_received(self):
        now = fields.Datetime.now()
        for complaint in self.filtered(lambda one: one.date_received > now):
            raise ValidationError(
                self.env._(
                    "%(number)s: the date of receipt is in the future. Enter when the"
                    " complaint was received.",
                    number=complaint.name,
                )
            )

    def _check_source(self):
        """Raise unless the user may read the source follow-up and the source feedback."""
        self.followup_id.check_access("read")
        self.feedback_id.check_access("read")

    def _check_may_backdate(self, moment):
        """Raise if the user may not change the date of receipt.

        All deadlines count from it, so a handler could move their own deadlines.
        """
        if self.env.su or self.env.user.has_group("customer_followup.group_followup_leader"):
            return
        for complaint in self.filtered(lambda one: one.date_received != moment):
            raise UserError(
                self.env._(
                    "%(number)s: only a team leader can change the date of receipt.",
                    number=complaint.name,
                )
            )

    @api.model
    def _work_label(self):
        return self.env._("complaints")

    @api.model
    def _open_work_domain(self):
        return Domain("state", "!=", CLOSED)

    @api.model
    def _due_work_domain(self, until, zone):
        # Complaints without a deadline are work, too.
        return Domain("date_deadline", "<=", until) | Domain("date_deadline", "=", False)

    def _succession_candidates(self, level, replaced, away, stand_ins):
        candidates = super()._succession_candidates(level, replaced, away, stand_ins)
        if level == DEPUTY:
            # Who stands in for the general manager is not confidential.
            deputies = {one: one.sudo().company_id.customer_deputy_id for one in self}
            return {**candidates, **deputies}
        return candidates

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._(
                "Complaints cannot be deleted. Press “Log customer contact” if the customer"
                " withdraws it, or enter of which complaint it is a duplicate."
            )
        )

    def action_add_action(self):
        """Open a new action about this complaint."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New action"),
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
        """Count open complaints: ``{(customer id, company id): count}``."""
        return {
            (customer.id, company.id): count
            for customer, company, count in self._read_group(
                self._countable_domain()
                & Domain("commercial_partner_id", "in", customers.ids)
                & Domain("company_id", "in", companies.ids)
                & Domain("state", "!=", CLOSED),
                ["commercial_partner_id", "company_id"],
                ["__count"],
            )
        }

    @api.model
    def _countable_domain(self):
        """Return the domain of complaints that may be included in counts shown to the user."""
        return Domain.TRUE

    def _line_on_card(self):
        """Return number, category, stage and verdict, as shown on the customer card."""
        verdict = dict(self._fields["verdict"]._description_selection(self.env)).get(self.verdict)
        parts = (self.name, self.category_id.name, self.stage_id.name, verdict)
        return " · ".join(filter(None, parts))
