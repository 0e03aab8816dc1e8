from datetime import datetime, timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ...tools import worktime
from ..ground.groups import LEADER
from ..ground.system import serialize
from ..plan.customer_followup_enrollment import OPEN_STATES as ENROLLMENT_OPEN_STATES
from .customer_followup import DONE, ENDING, FAILED_STATES, OPEN_STATES, PLANNED, WITHHELD
from .customer_followup_enrollment import PLANNER
from .customer_followup_undo import BLOCK, CONSENT, ENROLLMENT, FOLLOWUP, UNDO_MINUTES

# What a contact of a plan has from its plan.
FIXED_BY_PLAN = frozenset(
    {"channel_id", "company_id", "name", "partner_id", "priority", "purpose_id"}
)
# The fields that say whose contact it is; a change by a user is logged.
REASSIGNED = ("partner_id", "user_id")


class OutcomeDetails(NamedTuple):
    """What is recorded with an outcome.

    :param until: when the customer wishes to be contacted again, naive UTC
    :param refused: what the customer does not want, one of ``REFUSED``
    :param colleague: the user who takes over
    """

    until: object = None
    refused: str | None = None
    colleague: object = None


class CustomerFollowup(models.Model):
    """How users record the outcome of a contact, and undo an outcome recorded by mistake."""

    _inherit = "customer.followup"
    _is_moved_to_team = True

    # In sudo: who may read a contact may read its attempts.
    attempt_count = fields.Integer(
        string="Attempts", compute="_compute_attempt_count", compute_sudo=True
    )
    blocked_text = fields.Char(
        compute="_compute_blocked_text", help="Why the contact cannot be closed yet."
    )
    can_undo = fields.Boolean(
        compute="_compute_can_undo",
        help="You recorded the last outcome a few minutes ago and can undo it.",
    )

    @api.depends("attempt_ids")
    def _compute_attempt_count(self):
        counts = dict(
            self.env["customer.followup.attempt"]._read_group(
                [("followup_id", "in", self.ids)], ["followup_id"], ["__count"]
            )
        )
        for followup in self:
            followup.attempt_count = counts.get(followup, 0)

    @api.depends("feedback_ids.kind", "feedback_ids.text", "feedback_ids.action_ids")
    def _compute_blocked_text(self):
        for contact in self:
            problem = contact._open_problems()[:1]
            contact.blocked_text = (
                self.env._(
                    "The problem “%s” needs an action or a complaint first.", problem.text or ""
                )
                if problem
                else False
            )

    @api.depends("state", "outcome_id", "attempt_ids")
    @api.depends_context("uid")
    def _compute_can_undo(self):
        available = self.env["customer.followup.undo"]._available(self)
        for contact in self:
            contact.can_undo = contact._origin.id in available

    def _check_outcome_is_given(self):
        if self.state == DONE and not self.outcome_id:
            raise ValidationError(self.env._("%(contact)s: choose an outcome.", contact=self.name))
        if self.state == DONE and not self.outcome_id._ends():
            raise ValidationError(
                self.env._(
                    "%(contact)s: “%(outcome)s” does not end a contact. Choose another one.",
                    contact=self.name,
                    outcome=self.outcome_id.name,
                )
            )
        if self.state in FAILED_STATES and not self.close_code:
            raise ValidationError(
                self.env._("%(contact)s: give a reason why it was not done.", contact=self.name)
            )

    def _check_history(self, state):
        """Raise if a contact that has ended would change; a withheld one can be reopened."""
        for followup in self:
            if followup.state not in (*OPEN_STATES, WITHHELD, state):
                raise UserError(
                    self.env._(
                        "%(contact)s has ended. Plan a new contact instead.",
                        contact=followup.display_name,
                    )
                )

    def _filter_ended(self):
        return self.filtered(lambda contact: contact.state not in OPEN_STATES)

    def _ended_text(self):
        return self.env._(
            "%(contact)s has ended. Write a note in the chatter, or plan a new contact.",
            contact=self.display_name,
        )

    def _check_end_by_hand(self, vals):
        """Raise if the current user would end contacts other than by an outcome."""
        given = {name: vals[name] for name in ENDING & vals.keys() if vals[name]}
        if self.env.su or not ENDING & vals.keys() or (not self and given == {"state": PLANNED}):
            return
        if given.get("state") != DONE or "outcome_id" not in given:
            raise ValidationError(
                self.env._("A contact ends by its outcome: choose an outcome that ends it.")
            )
        outcome = self.env["customer.followup.outcome"].browse(given["outcome_id"])
        if not outcome._ends():
            raise ValidationError(
                self.env._("“%s” does not end a contact. Choose another one.", outcome.name)
            )

    @api.model
    def _split_outcome(self, vals):
        """Return the values to write, and the outcome by which a user ends contacts, if any.

        What a list, a drop or an import enters has the same effects as the buttons.
        """
        outcome = self.env["customer.followup.outcome"]
        if self.env.su or not vals.get("outcome_id"):
            return vals, outcome
        rest = {name: value for name, value in vals.items() if name not in ENDING}
        return rest, outcome.browse(vals["outcome_id"])

    def _record_outcomes(self, outcome):
        """Record an outcome, if there is one, for each contact."""
        for contact in self if outcome else ():
            contact._record_outcome(outcome)

    def _check_given_by_plan(self, names):
        """Raise if the current user would change what the plan, or the work done, has fixed."""
        if self.env.su or not FIXED_BY_PLAN & set(names):
            return
        if "purpose_id" in names and not self.env.user.has_group(LEADER):
            raise UserError(
                self.env._(
                    "Only team leaders change the purpose of a contact, by which the gate"
                    " decides. Plan a new contact instead."
                )
            )
        for contact in self.sudo():
            if contact.enrollment_id or contact.fallback_of_id:
                raise UserError(
                    self.env._(
                        "%(contact)s belongs to a plan, which gives its customer, occasion,"
                        " purpose, channel, stars and company.",
                        contact=contact.display_name,
                    )
                )
            if {"partner_id", "company_id"} & set(names) and contact._is_worked_on():
                raise UserError(
                    self.env._(
                        "%(contact)s: work on it has begun, so its customer and company stay."
                        " Plan a new contact instead.",
                        contact=contact.display_name,
                    )
                )

    def _check_may_assign(self, vals):
        """Raise if the current user may not assign these contacts to this agent or team.

        Agents take contacts without an agent; leaders may assign any.
        """
        if self.env.su or self.env.user.has_group(LEADER):
            return
        for contact in self:
            user_id, team_id = contact.user_id.id, contact.team_id.id
            takes = not user_id and vals.get("user_id") == self.env.uid
            stays = vals.get("user_id", user_id) == user_id
            if not (takes or stays) or vals.get("team_id", team_id) != team_id:
                raise UserError(
                    self.env._(
                        "%(contact)s: choose the outcome “Pass on to a colleague”, or ask a team"
                        " leader to reassign it.",
                        contact=contact.display_name,
                    )
                )

    def _log_reassigned(self, before):
        """Log in the chatter which customer or agent a user has changed.

        :param before: as for :meth:`_follow`
        """
        # The user may have lost access to the contact by the change.
        changed = self._changed(before, *REASSIGNED).sudo()
        # The verbs of the system leave records of their own.
        if changed and not self.env.su:
            bodies = {one.id: one._changed_links_text(before[one], *REASSIGNED) for one in changed}
            changed._message_log_batch(bodies)

    def _check_problems_are_handled(self):
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
        """Return the problems the customer reported that have neither an action nor a complaint."""
        return self.feedback_ids.filtered(
            lambda line: line.kind == "problem" and not line._is_answered()
        )

    def action_outcome(self, outcome_id, attempt_count=None):
        """Record how the contact ended, or open the questions that must be asked first.

        :param attempt_count: the attempts the user saw, so that a second press counts once
        """
        self.ensure_one()
        self.check_access("read")
        outcome = self.env["customer.followup.outcome"].browse(outcome_id or ()).exists()
        if not outcome:
            raise UserError(self.env._("%s: choose an outcome.", self.display_name))
        if attempt_count is not None and self._is_recorded_since(outcome, attempt_count):
            return False
        if outcome._asks():
            return self._action_close({"default_outcome_id": outcome.id})
        self._record_outcome_by_hand(outcome)
        return False

    def _is_recorded_since(self, outcome, attempt_count):
        """Return whether the user has recorded this outcome since they saw so many attempts.

        Raise if another attempt was recorded since.
        """
        self.check_access("write")
        # The same request may arrive twice at the same time.
        serialize(self)
        # The list of attempts is complete for every reader.
        attempts = self.sudo().attempt_ids.sorted("id")
        if len(attempts) <= attempt_count:
            return False
        last = attempts[-1]
        if (last.user_id, last.outcome_id) != (self.env.user, outcome):
            raise UserError(
                self.env._(
                    "%(contact)s: %(user)s recorded “%(outcome)s” meanwhile. Reload the page.",
                    contact=self.display_name,
                    outcome=last.outcome_id.name,
                    user=last.user_id.name,
                )
            )
        return True

    def _action_close(self, context):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("How did it end?"),
            "res_model": "customer.followup.close",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_followup_id": self.id, **context},
        }

    def _record_outcome_by_hand(self, outcome, summary=None, **details):
        """Record an outcome as :meth:`_record_outcome` does, and keep how to undo it."""
        self.ensure_one()
        undo = self.env["customer.followup.undo"]
        # All that may change, also what the user may not see; nothing of it leaves the system.
        before = undo._before(self.sudo()._undo_scope())
        self._record_outcome(outcome, summary, **details)
        self.sudo()._delay_planner(before[0][ENROLLMENT])
        undo._remember(self, outcome, before)

    def _record_outcome(self, outcome, summary=None, **details):
        """Record an attempt with its outcome, and do what follows from it.

        :param details: fields of :class:`OutcomeDetails`
        """
        self.ensure_one()
        if self.state not in OPEN_STATES:
            raise UserError(self.env._("%(contact)s has ended already.", contact=self.display_name))
        self.check_access("write")
        self._record_attempt(outcome)
        if summary:
            self.summary = summary
        getattr(self, f"_after_{outcome.effect}")(outcome, OutcomeDetails(**details))

    def _record_attempt(self, outcome):
        # Attempts are recorded by the system: no user writes them by hand or for another user.
        self.env["customer.followup.attempt"].sudo().create(
            [{"followup_id": followup.id, "outcome_id": outcome.id} for followup in self]
        )

    def _record_missing_attempts(self):
        """Record an attempt for contacts marked as done in another way, such as an import."""
        done = self.filtered(lambda followup: followup.state == DONE)
        if not done:
            return
        # The list of attempts is complete for every reader.
        tried = done.sudo().attempt_ids.followup_id
        for outcome, followups in (done - tried).grouped("outcome_id").items():
            followups._record_attempt(outcome)

    def _failed_attempts(self):
        """Return how many attempts failed since the customer was last reached."""
        attempts = self.attempt_ids.sorted(lambda one: (one.date, one.id), reverse=True)
        reached = (n for n, one in enumerate(attempts) if one.outcome_id.is_reached)
        return len(attempts[: next(reached, len(attempts))])

    def _attempts_on_day_of(self, moment, zone):
        """Return the attempts made on the customer's day of a moment (naive UTC)."""
        day = worktime.local_day(moment, zone)
        return self.attempt_ids.filtered(lambda one: worktime.local_day(one.date, zone) == day)

    def action_undo(self):
        """Undo the outcome the current user recorded last, within ``UNDO_MINUTES``."""
        self.ensure_one()
        undo = self.env["customer.followup.undo"]._available(self).get(self.id)
        if not undo or not self.sudo()._may_be_undone_by(self.env.user):
            raise UserError(
                self.env._(
                    "There is no outcome of yours to undo. Outcomes can be undone for %s minutes by"
                    " the user who recorded them.",
                    UNDO_MINUTES,
                )
            )
        undo._apply()
        return True

    def _may_be_undone_by(self, user):
        """Say whether a user who recorded an outcome may still work with such contacts."""
        return user._may_work_on(self)

    def _undo_scope(self):
        """Return which rows recording an outcome of this contact may change: domains by model."""
        person = self.partner_id
        contacts = self | self.search(
            Domain("state", "in", OPEN_STATES)
            & (
                Domain("commercial_partner_id", "=", self.commercial_partner_id.id)
                | Domain("enrollment_id.partner_id", "=", person.id)
            )
        )
        own = Domain("partner_id", "=", person.id) & Domain("state", "in", ENROLLMENT_OPEN_STATES)
        blocks = self.env[BLOCK]
        values = [value for some in person._reach().values() for value in some]
        digests = [blocks._digest(form) for value in values for form in value.kept]
        return {
            FOLLOWUP: Domain("id", "in", contacts.ids),
            ENROLLMENT: own | Domain("id", "in", contacts.enrollment_id.ids),
            BLOCK: Domain("digest", "in", digests),
            "customer.followup.attempt": Domain.FALSE,
            "customer.contact.refusal": Domain.FALSE,
            CONSENT: Domain.FALSE,
            "customer.action": Domain.FALSE,
        }

    def _undo_place(self):
        """Return the owners of the contact and the state of its plan, as plain values."""
        owners = self.user_id.id, self.team_id.id, self.company_id.id, self.partner_id.id
        return [*owners, self.enrollment_id.state]

    def _is_worked_on(self):
        """Say whether work on the contact would be lost if it were deleted."""
        actions = [("res_model", "=", self._name), ("res_id", "=", self.id)]
        return bool(
            self.feedback_ids
            or self.attempt_ids
            or self.activity_ids
            or self.message_ids.filtered(lambda one: one.message_type == "comment")
            or self.env["customer.action"].search_count(actions, limit=1)
        )

    def _delay_planner(self, before):
        """Delay the planner until the outcome can no longer be undone."""
        later = fields.Datetime.now() + timedelta(minutes=UNDO_MINUTES)
        rows = self.env[ENROLLMENT].browse(before)
        woken = rows.filtered(
            lambda row: (
                row.date_next
                and row.date_next < later
                and row.date_next != _moment(before[row.id]["date_next"])
            )
        )
        if woken:
            woken.write({"date_next": later})
            # Scheduled actions belong to the system; any user may trigger them.
            self.env.ref(PLANNER).sudo()._trigger(at=later)

    def _planned_since(self, last_id, made):
        """Return contacts of the plan created after ``last_id`` because this one ended."""
        return self.search(
            Domain("enrollment_id", "=", self.enrollment_id.id)
            & Domain("enrollment_id", "!=", False)
            & Domain("id", ">", last_id)
            & Domain("id", "not in", made)
            & Domain("fallback_of_id", "=", False)
        )

    def _withhold_after_undo(self):
        """Withhold reopened contacts that the customer has since refused."""
        again = self.filtered(lambda one: one.state in OPEN_STATES)
        for contact_id, verdict in again._gate().items():
            if verdict.reason in ("archived", "withdrawn"):
                again.browse(contact_id)._withhold(verdict.reason)

    def _log_undo(self, outcome, _changes):
        """Log in the chatter that an outcome was undone; later chapters add their records."""
        self._message_log(body=self.env._("Undone: %s", outcome.name))


def _moment(value):
    return value and datetime.fromisoformat(value)
