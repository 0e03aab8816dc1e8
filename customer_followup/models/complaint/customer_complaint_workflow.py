from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ...tools.folding import has_words
from ..ground.system import serialize
from .customer_complaint import CLOSED
from .customer_complaint_solution import DECIDED, PENDING

_ALL = {"verdict", "cause", "liability", "solution", "answer", "confirmation"}
# The requirements that do not apply, by the way a complaint is closed.
WAIVED = {
    "unfounded": {"cause", "liability", "solution", "confirmation"},
    "external": {"solution", "confirmation"},
    "withdrawn": _ALL,
    "duplicate": _ALL,
}
# The ways to close a complaint for which nothing more is done.
DROPPED = ("withdrawn", "duplicate")


class CustomerComplaint(models.Model):
    """Workflow of a complaint: stages, their requirements, closing and reopening."""

    _inherit = "customer.complaint"
    # Reopening it, and what an analysis of many complaints adds.
    _lasting_fields = frozenset({"stage_id", "tag_ids"})

    reopen_count = fields.Integer(string="Reopened", readonly=True, copy=False)
    date_awaiting = fields.Datetime(string="Waiting since", readonly=True, copy=False)
    date_answered = fields.Datetime(string="Answered on", readonly=True, copy=False)
    date_last_answer = fields.Datetime(
        string="Last answer",
        readonly=True,
        copy=False,
        help="Closing requires an answer after the verdict, and after the complaint was reopened.",
    )
    date_escalated = fields.Datetime(string="Escalated on", readonly=True, copy=False)
    duplicate_of_id = fields.Many2one(
        "customer.complaint",
        string="Duplicate of",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        copy=False,
        help="The customer reported the same problem twice; the other complaint is handled.",
    )
    duplicate_ids = fields.One2many("customer.complaint", "duplicate_of_id", string="Duplicates")
    previous_id = fields.Many2one(
        "customer.complaint",
        string="Follows",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
        help="The complaint that was closed too long ago to be reopened.",
    )
    next_ids = fields.One2many("customer.complaint", "previous_id", string="Followed by")
    close_kind = fields.Selection(
        [
            ("confirmed", "Confirmed by the customer"),
            ("silent", "No answer from the customer"),
            ("unfounded", "Unfounded"),
            ("withdrawn", "Withdrawn"),
            ("duplicate", "Duplicate"),
            ("external", "Decided by an outside body"),
        ],
        string="Closed as",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    checklist = fields.Json(compute="_compute_checklist")
    # Stored because the board shows it on each card.
    is_blocked = fields.Boolean(
        string="Waiting for a colleague", compute="_compute_is_blocked", store=True, precompute=True
    )

    @api.depends(
        "state",
        "verdict",
        "verdict_second_user_id",
        "solution_ids.state",
    )
    def _compute_is_blocked(self):
        for complaint in self:
            complaint.is_blocked = complaint.state != CLOSED and bool(
                complaint.is_second_needed or "proposed" in complaint.solution_ids.mapped("state")
            )

    @api.constrains("duplicate_of_id", "partner_id")
    def _check_duplicate(self):
        for complaint in self.filtered("duplicate_of_id"):
            original = complaint.duplicate_of_id
            # It may become a duplicate itself at the same time.
            serialize(original)
            # Odoo runs constraints with sudo; an error would reveal the other complaint.
            original.sudo(False).check_access("read")
            customers = (complaint | original).commercial_partner_id
            if original == complaint or original.duplicate_of_id or complaint.duplicate_ids:
                raise ValidationError(
                    self.env._(
                        "%(number)s: choose an original complaint that is not a duplicate itself.",
                        number=complaint.name,
                    )
                )
            if len(customers) > 1:
                raise ValidationError(
                    self.env._(
                        "%(number)s and %(original)s are from different customers. Link both to the"
                        " same known cause instead.",
                        number=complaint.name,
                        original=original.name,
                    )
                )

    @api.constrains("duplicate_of_id")
    def _check_original_goes_on(self):
        for complaint in self.filtered("duplicate_of_id"):
            original = complaint.duplicate_of_id
            if original.state == CLOSED and not original._is_reopenable():
                raise ValidationError(
                    self.env._(
                        "%(original)s was closed too long ago to be reopened. Handle %(number)s"
                        " as a new complaint.",
                        original=original.name,
                        number=complaint.name,
                    )
                )

    def _record_stage(self, before=None):
        """Record the facts that follow from entering or leaving a stage.

        :param before: as for :meth:`_follow`
        """
        now = fields.Datetime.now()
        # Another company or team may have ended the user's access to the complaint.
        for complaint in self._changed(before, "stage_id").sudo():
            was = complaint._state_before(before)
            vals = complaint._prepare_stage_vals(was, now)
            if vals:
                complaint._record(vals)
            if complaint.state == CLOSED != was:
                complaint._drop_open_ends()
                complaint._log_on_duplicates()
            elif was == CLOSED != complaint.state:
                complaint.referral_ids._remind()
                complaint._reassign_if_inactive()

    def _drop_open_ends(self):
        """Cancel what is still open for a complaint that was withdrawn or is a duplicate."""
        if self.close_kind not in DROPPED:
            return
        kinds = dict(self._fields["close_kind"]._description_selection(self.env))
        reason = f"{self.name}: {kinds[self.close_kind]}"
        together = self.with_context(**self.env["customer.complaint.part.mixin"]._defer_checks())
        together.solution_ids.filtered(lambda one: one.state in PENDING)._cancel(reason)
        self._pending_referrals()._forget()
        self.env["customer.action"].sudo().union(*self._open_actions().values())._cancel(reason)

    def _state_before(self, before=None):
        """Return the meaning of the stage before a change; “new” for a new complaint."""
        if before is None:
            return "new"
        return before[self].get("stage_id", self.stage_id).meaning

    def _prepare_stage_vals(self, was, now):
        vals, state = {}, self.state
        if was == state:
            return vals
        if state == CLOSED:
            vals |= {"date_closed": now, "close_kind": self._ending()}
        elif was == CLOSED:
            vals |= {"date_closed": False, "close_kind": False, "confirmation": False}
            vals |= {"duplicate_of_id": False, "reopen_count": self.reopen_count + 1}
            # These were about the closing.
            vals |= {"date_confirmation": False, "date_last_answer": False, "satisfaction": False}
        if state == "awaiting":
            vals |= {"date_awaiting": now, "confirmation": False}
        return vals

    def _reassign_if_inactive(self):
        """Replace an inactive handler or accountable user; the chapter handover does so."""

    def _log_on_duplicates(self):
        # For users who recorded a duplicate and may not read the original.
        for duplicate in self.sudo().duplicate_ids:
            duplicate._message_log(body=self.env._("%s is closed.", self.name))

    def _filter_ended(self):
        return self.filtered(lambda complaint: complaint.state == CLOSED)

    def _ended_text(self):
        return self.env._("%s is closed. Reopen it first.", self.name)

    @api.model
    def _reopens(self, vals):
        """Return whether these values open complaints that are closed."""
        stage = self.env["customer.complaint.stage"].browse(vals.get("stage_id"))
        return bool(stage) and stage.meaning != CLOSED

    def _check_may_reopen(self, vals):
        if not self._reopens(vals):
            return
        for complaint in self.filtered(lambda one: one.state == CLOSED):
            if not complaint._is_reopenable():
                raise UserError(
                    self.env._(
                        "%(number)s was closed more than %(days)s days ago. Press “Reopen” to"
                        " create a new complaint linked to it.",
                        number=complaint.name,
                        days=complaint.company_id.customer_reopen_days,
                    )
                )

    def _is_reopenable(self):
        company = self.company_id
        closed = company._customer_day(self.date_closed or fields.Datetime.now())
        today = company._customer_day(fields.Datetime.now())
        return (today - closed).days <= company.customer_reopen_days

    def action_reopen(self):
        """Reopen a closed complaint, or create a new one linked to it."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self._reopen().id,
            "view_mode": "form",
        }

    def _reopen(self, text=None):
        """Return the complaint to continue: this one, or a new one if it was closed long ago."""
        self.ensure_one()
        if self.state != CLOSED:
            return self
        if self._is_reopenable():
            self.stage_id = self.env["customer.complaint.stage"]._with_meaning("assessing")
            return self
        vals = {"description": text and Markup("<p>%s</p>") % text}
        [vals] = self.copy_data({"user_id": self.user_id.id, **vals})
        following = self.create(vals)
        following._follow_original(self)
        following._record(
            {"previous_id": self.id, "accountable_user_id": self.accountable_user_id.id}
        )
        following._reassign_if_inactive()
        return following

    def _follow_original(self, original):
        """Take over the data of another complaint that :meth:`copy` leaves out."""

    def _record_answer(self, moment):
        """Record when the customer received an answer, the first and the last (naive UTC)."""
        self.filtered(lambda one: not one.date_answered)._record({"date_answered": moment})
        self._record({"date_last_answer": moment})

    def _prepare_history_vals(self, vals):
        """Return the values of a new complaint, which may be recorded with its answer.

        The answer contained the verdict, if there was one.
        """
        answered = vals.get("date_answered")
        if not answered:
            return vals
        given = {"date_verdict": answered} if vals.get("verdict") else {}
        return {"date_last_answer": answered, **vals, **given}

    def _is_answered(self):
        """Return whether the customer was informed since the present verdict was given."""
        last, verdict = self.date_last_answer, self.date_verdict
        return bool(last) and (not verdict or last >= verdict)

    def _escalate(self, why):
        """Notify the leaders and mark the complaint as escalated."""
        self._record({"date_escalated": fields.Datetime.now()})
        for complaint in self:
            complaint._notify_leaders(why)

    @api.depends(
        *("cause", "cause_id", "confirmation", "date_last_answer", "date_verdict"),
        *("duplicate_of_id", "solution", "stage_id", "verdict", "verdict_second_user_id"),
        *("action_ids.state", "liability_ids.share", "referral_ids.outcome", "solution_ids.state"),
    )
    def _compute_checklist(self):
        """List what closing requires: ``[{"label": ..., "is_done": ...}, ...]``."""
        closed = self.env["customer.complaint.stage"]._with_meaning(CLOSED)
        actions = self._open_actions()
        for complaint in self:
            complaint.checklist = [
                {"label": label, "is_done": is_done}
                for label, is_done in complaint._needs(closed, actions)
            ]

    @api.constrains(
        *("cause", "cause_id", "confirmation", "date_last_answer", "duplicate_of_id"),
        *("liability_ids", "referral_ids", "solution", "solution_ids", "stage_id"),
        *("verdict", "verdict_second_user_id"),
    )
    def _check_stage_needs(self):
        actions = self._open_actions()
        for complaint in self:
            needs = complaint._needs(complaint.stage_id, actions)
            missing = [label for label, is_done in needs if not is_done]
            if missing:
                raise ValidationError(
                    self.env._(
                        "%(number)s cannot be moved to “%(stage)s” yet. Missing: %(missing)s.",
                        number=complaint.name,
                        stage=complaint.stage_id.name,
                        missing=", ".join(missing),
                    )
                )

    def _open_actions(self):
        """Return the open actions by complaint id."""
        # Any open action prevents closing, including those the handler cannot read.
        actions = self.env["customer.action"].sudo()
        return actions.search(
            [("res_model", "=", self._name), ("res_id", "in", self.ids), ("state", "=", "open")]
        ).grouped("res_id")

    def _needs(self, stage, open_actions):
        """Return the requirements of a stage in working order: ``[(label, is met), ...]``."""
        ending = self._ending()
        is_dropped = stage.meaning == CLOSED and ending in DROPPED
        waived = WAIVED.get(ending, ())
        known = self._known()
        needs = [known[name] for name in stage._needed() if name not in waived]
        if stage.meaning == "external":
            needs.append((self.env._("the outside body"), bool(self.referral_ids)))
        total = round(sum(self.liability_ids.mapped("share")), 2)
        is_total_needed = stage.meaning not in ("new", "assessing") and not is_dropped
        if total > 100 or (total and is_total_needed):
            needs.append((self.env._("shares with a total of 100 %"), total == 100))
        if stage.meaning == CLOSED and not is_dropped:
            needs += self._open_ends(open_actions.get(self.id, ()))
        return needs

    def _known(self):
        """Return label and state of each possible requirement: ``{name: (label, is met)}``."""
        remedies = self.solution_ids.filtered(lambda one: one.state in DECIDED)
        is_confirmed = self.confirmation in ("confirmed", "silent")
        return {
            "verdict": (self.env._("verdict"), self._is_judged()),
            "cause": (
                self.env._("the cause"),
                bool(self.cause_id or has_words(self.cause)),
            ),
            "liability": (self.env._("the responsible parties"), bool(self.liability_ids)),
            "solution": (
                self.env._("the solution"),
                bool(remedies or has_words(self.solution)),
            ),
            "answer": (self.env._("an answer to the customer"), self._is_answered()),
            "confirmation": (self.env._("the customer's confirmation"), is_confirmed),
        }

    def _open_ends(self, actions):
        """Return unfinished actions, remedies and referrals: ``[(label, False), ...]``."""
        ends = [
            self.env._("action “%(action)s” of %(user)s", action=one.name, user=one.user_id.name)
            for one in actions
        ]
        ends += [
            self.env._("remedy “%s” carried out or rejected", one.name)
            for one in self.solution_ids
            if one.state in PENDING
        ]
        ends += [self.env._("decision of %s", one.body) for one in self._pending_referrals()]
        return [(end, False) for end in ends]

    def _pending_referrals(self):
        return self.referral_ids.filtered(lambda referral: not referral.outcome)

    def _ending(self):
        """Return how the complaint would be closed now, by the present data."""
        self.ensure_one()
        if self.duplicate_of_id:
            return "duplicate"
        if self.confirmation in ("withdrawn", "confirmed"):
            return self.confirmation
        if self._is_unfounded() and self.confirmation != "rejected":
            return "unfounded"
        outcomes = self.referral_ids.mapped("outcome")
        # A body that did not accept the case has not decided on it.
        if set(outcomes) - {"refused"} and all(outcomes):
            return "external"
        return self.confirmation == "silent" and "silent"

    def _update_holds(self, before=None):
        """Put marketing and surveys on hold while a customer has an open complaint.

        :param before: as for :meth:`_follow`
        """
        complaints = self._changed(before, "stage_id", "partner_id", "company_id")
        if complaints:
            complaints._set_holds()

    def _set_holds(self):
        # Handlers may have no access to holds; their content follows from the complaint.
        holds = self.env["customer.contact.hold"].sudo()
        found = holds.search(
            Domain("res_model", "=", self._name)
            & Domain("res_id", "in", self.ids)
            & Domain("date_lifted", "=", False)
        ).grouped("res_id")
        purposes = self._held_purposes()
        needed = []
        for complaint in self.sudo():
            is_open = complaint.state != CLOSED
            partner = complaint.partner_id if is_open else self.env["res.partner"]
            known = found.get(complaint.id, holds)
            right = known.filtered_domain(
                [("partner_id", "=", partner.id), ("company_id", "=", complaint.company_id.id)]
            )
            (known - right).action_lift()
            if partner and purposes and not right:
                needed.append(complaint._prepare_hold_vals(purposes))
        holds.create(needed)

    @api.model
    def _held_purposes(self):
        survey = self.env.ref("customer_followup.customer_purpose_survey", raise_if_not_found=False)
        marketing = self.env["customer.purpose"].sudo().search([("is_marketing", "=", True)])
        return marketing | survey if survey else marketing

    def _prepare_hold_vals(self, purposes):
        return {
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "reason": self.env._("Open complaint %s", self.name),
            "purpose_ids": purposes.ids,
            "res_model": self._name,
            "res_id": self.id,
        }
