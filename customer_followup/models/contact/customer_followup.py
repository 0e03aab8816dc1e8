from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...tools import worktime
from .customer_contact_refusal import REASONS

PLANNED, WAITING, DONE, MISSED = "planned", "waiting", "done", "missed"
NOT_APPLICABLE, WITHHELD, CANCELLED = "not_applicable", "withheld", "cancelled"
OPEN_STATES = (PLANNED, WAITING)
FAILED_STATES = (MISSED, NOT_APPLICABLE, WITHHELD, CANCELLED)
# Identity, not a value: no caller from outside can put this object into a context.
UNDOING = object()


class CustomerFollowup(models.Model):
    """One contact with one customer, by whatever channel: due, then done."""

    _name = "customer.followup"
    _description = "Follow-up"
    _inherit = ["customer.card.mixin", "customer.bulk.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_deadline, priority desc, id"
    _check_company_auto = True
    _protected_fields = frozenset(
        {
            "copy_of_id",
            "date_done",
            "date_due",
            "date_expiry",
            "date_nominal",
            "fallback_of_id",
            "enrollment_id",
            "is_paused",
            "moved_reason",
            "occurrence",
            "override_note",
            "override_user_id",
            "paused_days",
            "plan_id",
            "role_id",
            "stands_for",
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
        string="First due", readonly=True, copy=False, help="As planned at first; never changed."
    )
    date_due = fields.Datetime(
        string="To be made until",
        readonly=True,
        copy=False,
        help="By the plan or the customer's wish; neither tries in vain nor people put it off.",
    )
    date_nominal = fields.Datetime(
        string="By the plan",
        readonly=True,
        copy=False,
        help="When the plan says, by the customer's start as it is known now.",
    )
    moved_reason = fields.Selection(
        [
            ("holiday", "The day was not worked"),
            ("window", "Later would have been too late"),
            ("kept", "Not a working day: no other fits"),
            ("target", "Once more after the target date"),
            ("apart", "Another plan contacts the customer that day"),
        ],
        string="Why on this day",
        readonly=True,
        copy=False,
    )
    date_expiry = fields.Datetime(
        string="Pointless after", readonly=True, copy=False, help="Empty: never."
    )
    is_agreed = fields.Boolean(
        string="Date agreed",
        copy=False,
        help="Somebody chose the date: it stays when the plan moves.",
    )
    is_paused = fields.Boolean(readonly=True, copy=False, help="Its plan is paused.")
    paused_days = fields.Integer(
        readonly=True, copy=False, help="Days its plan was paused after it was late already."
    )
    stands_for = fields.Integer(
        string="Stands for",
        readonly=True,
        copy=False,
        default=1,
        help="More than one where so many contacts of a series went by unplanned.",
    )
    role_id = fields.Many2one(
        "res.partner.category", string="In the role of", readonly=True, ondelete="restrict"
    )
    date_done = fields.Datetime(string="Ended on", readonly=True, copy=False)
    timeliness = fields.Selection(
        [("on_time", "On time"), ("late", "Late"), ("missed", "Not made")],
        compute="_compute_timeliness",
        store=True,
        help="Whether it was made until its due date; empty while it is open, or was called off.",
    )
    outcome_id = fields.Many2one("customer.followup.outcome", copy=False, ondelete="restrict")
    close_code = fields.Selection(
        [
            ("unreachable", "Not reached"),
            ("stopped", "The plan was stopped"),
            ("changed", "The plan was changed"),
            ("condition", "Its condition did not hold"),
            ("satisfied", "Another contact stood for it"),
            ("expired", "It was too late for it"),
            ("passed", "Its time had passed already"),
            ("paused", "The plan was paused"),
            ("not_planned", "It was not planned in time"),
            ("hand", "Cancelled by hand"),
            *REASONS,
        ],
        string="Why not done",
        copy=False,
    )
    summary = fields.Text(string="Key points", copy=False)
    text = fields.Html(string="What to say", related="step_id.text")
    error = fields.Char(readonly=True, copy=False, help="Why it could not be sent.")
    attempt_ids = fields.One2many("customer.followup.attempt", "followup_id")
    attempt_count = fields.Integer(string="Tries", compute="_compute_attempt_count")
    feedback_ids = fields.One2many("customer.followup.feedback", "followup_id")

    # The planner never plans one occurrence twice, whoever runs it and how often.
    _occurrence_uniq = models.UniqueIndex(
        "(enrollment_id, step_id, occurrence, COALESCE(role_id, 0), COALESCE(fallback_of_id, 0))"
        " WHERE enrollment_id IS NOT NULL",
        "This contact is planned already.",
    )
    # The Desk: my open contacts in the order of their deadlines.
    _desk_idx = models.Index("(user_id, date_deadline) WHERE state IN ('planned', 'waiting')")
    # The Desk's last column, and reports by month.
    _done_idx = models.Index("(user_id, date_done) WHERE state = 'done'")
    # The planner: what is pointless by now.
    _expiry_idx = models.Index(
        "(date_expiry) WHERE date_expiry IS NOT NULL AND state IN ('planned', 'waiting')"
    )
    # The follow-up rate of a period.
    _due_idx = models.Index("(date_due) WHERE state IN ('planned', 'waiting', 'done', 'missed')")
    # Sending: what is due on an automatic channel.
    _send_idx = models.Index("(channel_id, date_planned) WHERE state = 'planned'")

    @api.depends("name", "partner_id")
    def _compute_display_name(self):
        for followup in self:
            customer = followup.sudo().partner_id.with_env(self.env).sudo().display_name
            followup.display_name = f"{customer}: {followup.name}" if customer else followup.name

    @api.depends("state", "date_done", "date_due")
    def _compute_timeliness(self):
        for followup in self:
            if followup.state == DONE:
                is_late = followup.date_due and followup.date_done > followup.date_due
                followup.timeliness = "late" if is_late else "on_time"
            else:
                followup.timeliness = "missed" if followup.state == MISSED else False

    @api.depends("attempt_ids")
    def _compute_attempt_count(self):
        counts = dict(
            self.env["customer.followup.attempt"]._read_group(
                [("followup_id", "in", self.ids)], ["followup_id"], ["__count"]
            )
        )
        for followup in self:
            followup.attempt_count = counts.get(followup, 0)

    @api.constrains("state", "outcome_id", "close_code", "feedback_ids")
    def _check_end(self):
        for followup in self.filtered(lambda followup: followup.state not in OPEN_STATES):
            followup._check_end_is_told()
            followup._check_problems_are_answered()

    def _check_end_is_told(self):
        if self.state == DONE and not self.outcome_id:
            raise ValidationError(
                self.env._("%(contact)s: say how the contact ended.", contact=self.name)
            )
        if self.state == DONE and not self.outcome_id._ends():
            raise ValidationError(
                self.env._(
                    "%(contact)s: “%(outcome)s” does not end a contact; choose what does.",
                    contact=self.name,
                    outcome=self.outcome_id.name,
                )
            )
        if self.state in FAILED_STATES and not self.close_code:
            raise ValidationError(
                self.env._("%(contact)s: say why it was not done.", contact=self.name)
            )

    def _check_problems_are_answered(self):
        open_problems = self._open_problems()
        if open_problems:
            raise ValidationError(
                self.env._(
                    "%(contact)s: the problem “%(problem)s” needs an action or a complaint first.",
                    contact=self.name,
                    problem=open_problems[0].text,
                )
            )

    def _open_problems(self):
        """Return the problems the customer told of about which nothing is being done."""
        return self.feedback_ids.filtered(
            lambda line: line.kind == "problem" and not line._is_answered()
        )

    @api.constrains("date_planned", "date_deadline")
    def _check_window(self):
        for followup in self:
            if followup.date_deadline < followup.date_planned:
                raise ValidationError(
                    self.env._(
                        "%(contact)s cannot be due before it may begin.", contact=followup.name
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
        return self.env.context.get("tz") or self.env.user.tz or "UTC"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_protected(
                {name for name, value in vals.items() if value}, with_defaults=True
            )
            planned = vals.setdefault("date_planned", fields.Datetime.now())
            vals.setdefault("date_deadline", planned)
            vals.setdefault("date_original", planned)
            vals.setdefault("date_due", vals["date_deadline"])
            if vals.get("state") not in (None, *OPEN_STATES):
                vals.setdefault("date_done", fields.Datetime.now())
        followups = super().create(vals_list)
        if any(vals.get("state") == DONE for vals in vals_list):
            followups._note_missing_attempts()
        return followups

    def write(self, vals):
        if "date_original" in vals:
            raise UserError(self.env._("The first due date of a contact is history."))
        if "state" in vals:
            self._check_history(vals["state"])
        self._check_protected(vals)
        has_ended = vals.get("state") not in (None, *OPEN_STATES)
        if has_ended:
            vals = {"date_done": fields.Datetime.now(), **vals}
        if "date_planned" in vals:
            # The planner says that it was nobody's choice.
            vals = {"is_agreed": True, **vals}
        if "date_planned" in vals and "date_deadline" not in vals:
            self._put_off_deadline(fields.Datetime.to_datetime(vals["date_planned"]))
        result = super().write(vals)
        if vals.get("state") == DONE:
            self._note_missing_attempts()
        if has_ended:
            self._ended()
        return result

    def _ended(self):
        """Let the plan go on after contacts that have ended."""
        if any(followup.state == DONE for followup in self):
            self._stand_for_others()
        self.enrollment_id._contact_ended()

    def _note_missing_attempts(self):
        """Let contacts noted as done by other ways than the form, as in an import, show a try."""
        done = self.filtered(lambda followup: followup.state == DONE)
        if not done:
            return
        # The history of a contact is complete, whoever looks.
        tried = done.sudo().attempt_ids.followup_id
        for outcome, followups in (done - tried).grouped("outcome_id").items():
            followups._note_attempt(outcome)

    def _check_history(self, state):
        """Raise if a contact that has ended would change: only a withheld one may live again."""
        for followup in self:
            if followup.state not in (*OPEN_STATES, WITHHELD, state):
                raise UserError(
                    self.env._(
                        "%(contact)s has ended; plan a new one instead.",
                        contact=followup.display_name,
                    )
                )

    def _put_off_deadline(self, planned):
        """Let the deadline follow when a contact is moved, as in the calendar, behind it."""
        self.filtered(lambda followup: followup.date_deadline < planned).date_deadline = planned

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        if self.env.context.get("customer_undo") is not UNDOING:
            raise UserError(self.env._("A follow-up is not deleted: cancel it and say why."))

    def action_take(self):
        """Make the current user the agent of contacts that have none."""
        free = self.filtered(lambda followup: not followup.user_id)
        free.user_id = self.env.user
        return True

    def action_cancel(self):
        """Do without these contacts, by hand."""
        self._end(CANCELLED, "hand")
        return True

    def action_plan_again(self):
        """Ask the gate once more for contacts it withheld, and plan those it allows."""
        withheld = self.filtered(lambda followup: followup.state == WITHHELD)
        verdicts = withheld._gate()
        for followup in withheld:
            verdict = verdicts[followup.id]
            if verdict.state == "blocked":
                reasons = dict(REASONS)
                raise UserError(
                    self.env._(
                        "%(contact)s stays withheld: %(reason)s.",
                        contact=followup.display_name,
                        reason=reasons[verdict.reason],
                    )
                )
            followup._live_again()
        return True

    def _live_again(self):
        """Plan withheld contacts again."""
        self.write({"state": PLANNED, "date_done": False, "close_code": False})

    def _end(self, state, code):
        self.write({"state": state, "close_code": code})

    def _customer_name(self):
        # A name, shown to the agent of this contact.
        return self.sudo().partner_id.name
