import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ...tools import masking, worktime
from ..plan.customer_followup_enrollment import MERGED
from .customer_contact_refusal import REASONS

PLANNED, WAITING, DONE, MISSED = "planned", "waiting", "done", "missed"
NOT_APPLICABLE, WITHHELD, CANCELLED = "not_applicable", "withheld", "cancelled"
OPEN_STATES = (PLANNED, WAITING)
FAILED_STATES = (MISSED, NOT_APPLICABLE, WITHHELD, CANCELLED)
# Who or what sets the dates of a contact, see `_schedule`.
PLAN, GATE, CUSTOMER, ATTEMPT = "plan", "gate", "customer", "attempt"
MANAGER, AGENT, PLAN_HOURS = "manager", "agent", "plan_hours"
# How users end a contact: both together, see `_split_outcome`.
ENDING = frozenset({"state", "outcome_id"})
# Identity, not a value: no caller from outside can put this object into a context.
UNDOING = object()
_logger = logging.getLogger(__name__)


class CustomerFollowup(models.Model):
    """One contact with one customer by one channel: planned, made, or closed with a reason."""

    _name = "customer.followup"
    _description = "Follow-up"
    _inherit = [
        "customer.card.mixin",
        "customer.work.mixin",
        "customer.cancel.mixin",
        "customer.bulk.mixin",
        "customer.batch.mixin",
        "customer.change.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date_deadline, priority desc, id"
    _check_company_auto = True
    _followed_fields = frozenset({"partner_id", "state", "user_id"})
    _protected_fields = frozenset(
        {
            "close_code",
            "covered_count",
            "date_done",
            "date_due",
            "date_expiry",
            "date_nominal",
            "enrollment_id",
            "error",
            "is_agreed",
            "is_paused",
            "moved_reason",
            "occurrence",
            "outcome_id",
            "paused_days",
            "plan_id",
            "role_id",
            "state",
            "step_id",
        }
    )

    name = fields.Char(string="Occasion", required=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    team_id = fields.Many2one("customer.team", index=True, ondelete="restrict", check_company=True)
    # Not tracked: tracking is what makes Odoo mail about every assignment.
    user_id = fields.Many2one(
        "res.users",
        string="Agent",
        ondelete="restrict",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    enrollment_id = fields.Many2one(
        "customer.followup.enrollment", readonly=True, copy=False, ondelete="restrict"
    )
    plan_id = fields.Many2one(
        "customer.followup.plan", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    step_id = fields.Many2one(
        "customer.followup.step", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    occurrence = fields.Integer(readonly=True, default=1, copy=False)
    purpose_id = fields.Many2one("customer.purpose", required=True, ondelete="restrict")
    channel_id = fields.Many2one(
        "customer.channel",
        required=True,
        ondelete="restrict",
        domain="[('is_incoming', '=', False)]",
    )
    priority = fields.Selection(
        [("0", "Normal"), ("1", "One star"), ("2", "Two stars"), ("3", "Three stars")],
        default="0",
        required=True,
    )
    state = fields.Selection(
        [
            (PLANNED, "Planned"),
            (WAITING, "Waiting"),
            (DONE, "Done"),
            (MISSED, "Missed"),
            (NOT_APPLICABLE, "Not applicable"),
            (WITHHELD, "Withheld"),
            (CANCELLED, "Cancelled"),
        ],
        required=True,
        default=PLANNED,
        copy=False,
    )
    date_planned = fields.Datetime(
        string="From", required=True, default=fields.Datetime.now, copy=False
    )
    date_deadline = fields.Datetime(
        string="Until",
        required=True,
        default=lambda self: self._end_of_day(fields.Datetime.now()),
        copy=False,
    )
    date_original = fields.Datetime(
        string="First planned",
        readonly=True,
        copy=False,
        help="The date as it was planned first. It never changes.",
    )
    date_due = fields.Datetime(
        string="Due date",
        readonly=True,
        copy=False,
        help="When the contact is due by the plan or by the customer's wish. Failed attempts and"
        " changes by hand do not move it.",
    )
    date_nominal = fields.Datetime(
        string="Date by the plan",
        readonly=True,
        copy=False,
        help="The date the plan gives for the customer's current start date.",
    )
    moved_reason = fields.Selection(
        [
            ("holiday", "Moved from a non-working day"),
            ("window", "Moved earlier: a later day is too late"),
            ("kept", "Non-working day kept: no other day fits"),
            ("target", "Last contact after the target date"),
            ("apart", "Another plan contacts the customer that day"),
        ],
        string="Reason for the date",
        readonly=True,
        copy=False,
    )
    date_expiry = fields.Datetime(
        string="Expires on",
        readonly=True,
        copy=False,
        help="The contact is closed as missed after this date. Empty: it does not expire.",
    )
    is_agreed = fields.Boolean(
        string="Date agreed",
        readonly=True,
        copy=False,
        help="The date was set by hand or agreed with the customer. It stays when the plan moves.",
    )
    is_paused = fields.Boolean(
        string="Paused", readonly=True, copy=False, help="The plan of the contact is paused."
    )
    paused_days = fields.Integer(
        readonly=True, copy=False, help="Days the plan was paused while the contact was overdue."
    )
    covered_count = fields.Integer(
        string="Occurrences covered",
        readonly=True,
        copy=False,
        default=1,
        help="Above 1: this contact covers several occurrences of a series that were not"
        " planned in time.",
    )
    role_id = fields.Many2one(
        "res.partner.category", string="Contact role", readonly=True, ondelete="restrict"
    )
    date_done = fields.Datetime(string="Ended on", readonly=True, copy=False)
    outcome_id = fields.Many2one("customer.followup.outcome", copy=False, ondelete="restrict")
    close_code = fields.Selection(
        [
            ("unreachable", "Not reached"),
            ("stopped", "The plan was stopped"),
            (MERGED, "The customer was merged with another one"),
            ("changed", "The plan was changed"),
            ("condition", "The condition of the step was not met"),
            ("satisfied", "Another contact counts for it"),
            ("expired", "The contact expired"),
            ("passed", "The date was already past"),
            ("paused", "The plan was paused"),
            ("not_planned", "It was not planned in time"),
            ("hand", "Cancelled by hand"),
            *REASONS,
        ],
        string="Reason not done",
        readonly=True,
        copy=False,
    )
    summary = fields.Text(string="Key points", copy=False)
    text = fields.Html(string="What to say", related="step_id.text")
    error = fields.Char(readonly=True, copy=False, help="Why the message could not be sent.")
    attempt_ids = fields.One2many("customer.followup.attempt", "followup_id")
    feedback_ids = fields.One2many("customer.followup.feedback", "followup_id")

    # The planner never plans one occurrence twice, however many planners run and however often.
    _occurrence_uniq = models.UniqueIndex(
        "(enrollment_id, step_id, occurrence, COALESCE(role_id, 0), COALESCE(fallback_of_id, 0))"
        " WHERE enrollment_id IS NOT NULL",
        "This contact is planned already.",
    )
    # The Desk: my open contacts in the order of their deadlines.
    _desk_idx = models.Index("(user_id, date_deadline) WHERE state IN ('planned', 'waiting')")
    # The Desk's last column, and reports by month.
    _done_idx = models.Index("(user_id, date_done) WHERE state = 'done'")
    # The planner: what has expired.
    _expiry_idx = models.Index(
        "(date_expiry) WHERE date_expiry IS NOT NULL AND state IN ('planned', 'waiting')"
    )
    # The follow-up rate of a period.
    _due_idx = models.Index("(date_due) WHERE state IN ('planned', 'waiting', 'done', 'missed')")
    # Sending: what is due on an automatic channel.
    _send_idx = models.Index("(channel_id, date_planned) WHERE state = 'planned'")

    @api.depends("name", "partner_id")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        for followup in self:
            customer = followup.sudo().partner_id._shown_name()
            followup.display_name = ": ".join(filter(None, [customer, followup.name]))
        return result

    @api.constrains("state", "outcome_id", "close_code", "feedback_ids")
    def _check_end(self):
        for followup in self.filtered(lambda followup: followup.state not in OPEN_STATES):
            followup._check_outcome_is_given()
            followup._check_problems_are_handled()

    @api.constrains("date_planned", "date_deadline")
    def _check_window(self):
        for followup in self:
            if followup.date_deadline < followup.date_planned:
                raise ValidationError(
                    self.env._(
                        "%(contact)s: the end of the period is before its start.",
                        contact=followup.name,
                    )
                )

    @api.onchange("date_planned")
    def _onchange_date_planned(self):
        if self.date_planned and (self.date_deadline or self.date_planned) <= self.date_planned:
            self.date_deadline = self._end_of_day(self.date_planned)

    @api.model
    def _end_of_day(self, moment):
        """Return the last minute of the reader's day of ``moment``; both naive UTC."""
        zone = self._reader_zone()
        tomorrow = worktime.local_day(moment, zone) + timedelta(days=1)
        return worktime.at_local(tomorrow, 0, zone) - timedelta(minutes=1)

    @api.model
    def _reader_zone(self):
        return self.env.context.get("tz") or self.env.user._customer_zone(self.env.company)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_create(vals)
        split = [self._split_outcome(vals) for vals in vals_list]
        followups = super().create([self._prepare_create(vals) for vals, _outcome in split])
        followups._follow()
        for followup, (_vals, outcome) in zip(followups, split, strict=True):
            followup._record_outcomes(outcome)
        return followups

    def write(self, vals):
        self._check_write(vals)
        vals, outcome = self._split_outcome(vals)
        before = self._snapshot(vals)
        result = super().write(self._prepare_write(vals))
        self._follow(before)
        self._record_outcomes(outcome)
        return result

    def _check_create(self, vals):
        result = super()._check_create(vals)
        self._check_end_by_hand(vals)
        given = {name for name, value in vals.items() if value} - ENDING
        self._check_protected(given, with_defaults=True)
        return result

    def _check_write(self, vals):
        result = super()._check_write(vals)
        if "date_original" in vals:
            raise UserError(self.env._("The first planned date of a contact cannot be changed."))
        if "state" in vals:
            self._check_history(vals["state"])
        self._check_ended(vals)
        self._check_end_by_hand(vals)
        self._check_protected(vals.keys() - ENDING)
        self._check_given_by_plan(vals)
        self._check_may_assign(vals)
        return result

    def _prepare_create(self, vals):
        """Return the values of a new contact with the dates that follow from them."""
        now = fields.Datetime.now()
        planned = vals.get("date_planned", now)
        deadline = vals.get("date_deadline", planned)
        dates = {
            "date_planned": planned,
            "date_deadline": deadline,
            "date_original": planned,
            "date_due": deadline,
        }
        if vals.get("state", self.env.context.get("default_state")) not in (None, *OPEN_STATES):
            dates["date_done"] = now
        return {**dates, **vals}

    def _prepare_write(self, vals):
        """Return the written values with the dates that follow from them."""
        if vals.get("state") not in (None, *OPEN_STATES):
            vals = {"date_done": fields.Datetime.now(), **vals}
        if "date_planned" in vals:
            # `_schedule` says who decided; else it is an agent, in the form or the calendar.
            vals = {"is_agreed": True, **vals}
            if "date_deadline" not in vals:
                self._extend_deadline(fields.Datetime.to_datetime(vals["date_planned"]))
        return vals

    def _follow(self, before=None):
        result = super()._follow(before)
        # Whether a contact has ended counts for users who lost sight of it as well.
        changed = self._changed(before, "state").sudo()
        ended = self.browse(changed.filtered(lambda one: one.state not in OPEN_STATES).ids)
        # First, because the next contact of a plan depends on what was tried.
        ended._record_missing_attempts()
        if before is not None:
            if ended:
                ended._ended()
            self._log_reassigned(before)
        return result

    def _ended(self):
        """Continue the plans of contacts that have ended."""
        self._cover_others()
        self.enrollment_id._contact_ended()

    def _extend_deadline(self, planned):
        """Move deadlines that lie before a new start (naive UTC) to it."""
        self.filtered(lambda followup: followup.date_deadline < planned).date_deadline = planned

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        if self.env.context.get("customer_undo") is not UNDOING:
            raise UserError(
                self.env._("A follow-up cannot be deleted. Cancel it and give a reason.")
            )

    def _schedule(self, planned, deadline=None, by=PLAN, **vals):
        """Change the dates of contacts that exist.

        New ones get theirs when they are made. In forms, :meth:`write` takes a new date as one
        that an agent set.

        :param planned: from when the contact may be made, naive UTC
        :param deadline: until when; by default as before, but not before ``planned``
        :param by: who or what decides, which says whether the due date follows and whether the
            date counts as agreed, so that it stays when the plan moves:

            ==========  ========================================  ============  ==============
            by          meaning                                   due date      agreed
            ==========  ========================================  ============  ==============
            plan        the plan, from the enrollment's dates     deadline      no
            plan_hours  the gate, by the hours of plan and day    not before    as before
            gate        the gate, for a reason of the customer    as before     as before
            customer    the customer asked for this moment        planned       yes
            attempt     the next attempt, after one that failed   as before     no
            manager     a manager, who overrules the gate         as before     as before
            agent       an agent; :meth:`write` in forms takes it  as before    yes
            ==========  ========================================  ============  ==============

        :param vals: what is recorded together with the dates
        """
        for contact in self:
            until = deadline or max(contact.date_deadline, planned)
            due = {
                PLAN: until,
                PLAN_HOURS: max(contact.date_due or until, until),
                CUSTOMER: planned,
            }
            agreed = {PLAN: False, ATTEMPT: False, CUSTOMER: True, AGENT: True}
            contact._record(
                {
                    "date_planned": planned,
                    "date_deadline": until,
                    "date_due": due.get(by, contact.date_due),
                    "is_agreed": agreed.get(by, contact.is_agreed),
                    **vals,
                }
            )

    def _end(self, state, code):
        """Close contacts that are not made, for a reason."""
        self._record({"state": state, "close_code": code})

    def _park(self, error):
        """Set a contact aside that a scheduled action cannot process, with the reason."""
        self._record({"error": masking.error(error)})
        _logger.warning("Follow-up %s is set aside: %s", self.id, self.error)

    def _customer_name(self):
        # Who it is may be known to all who see the contact.
        return self.sudo().partner_id._shown_name()

    @api.model
    def _work_label(self):
        return self.env._("contacts")

    @api.model
    def _open_work_domain(self):
        return Domain("state", "in", OPEN_STATES)

    @api.model
    def _due_work_domain(self, until, zone):
        by_hand = Domain("channel_id.is_automatic", "=", False)
        return by_hand & Domain("date_deadline", "<=", until)
