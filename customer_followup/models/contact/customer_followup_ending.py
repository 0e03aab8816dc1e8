from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools import gate
from ..who.customer_contact_block import WRONG
from .customer_followup import DONE, MISSED, OPEN_STATES, WAITING

REFUSED = [
    ("contact", "This contact only"),
    ("purpose", "Contacts of this kind"),
    ("all", "Every contact"),
]


class Told(NamedTuple):
    """What the agent told besides the outcome.

    :param until: when the customer wishes to be contacted again, naive UTC
    :param refused: what the customer does not want, one of ``REFUSED``
    :param colleague: the user who takes over
    """

    until: object = None
    refused: str | None = None
    colleague: object = None


class CustomerFollowup(models.Model):
    """How a contact ends, and what follows from it."""

    _inherit = "customer.followup"

    blocked_text = fields.Char(
        compute="_compute_blocked_text", help="Why the contact cannot be done yet."
    )

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

    def action_outcome(self, outcome_id):
        """Record how the contact ended, or open the questions that must be asked first."""
        self.ensure_one()
        outcome = self.env["customer.followup.outcome"].browse(outcome_id)
        if outcome._asks():
            return self._action_close({"default_outcome_id": outcome.id})
        self._record_outcome_by_hand(outcome)
        return False

    def _action_close(self, context):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("How did it end?"),
            "res_model": "customer.followup.close",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_followup_id": self.id, **context},
        }

    def _record_outcome(self, outcome, summary=None, **told):
        """Write an attempt that ended with ``outcome`` and do what follows from it.

        :param told: what :class:`Told` holds
        """
        self.ensure_one()
        if self.state not in OPEN_STATES:
            raise UserError(self.env._("%(contact)s has ended already.", contact=self.display_name))
        self.check_access("write")
        self._note_attempt(outcome)
        if summary:
            self.summary = summary
        getattr(self, f"_after_{outcome.effect}")(outcome, Told(**told))

    def _note_attempt(self, outcome):
        # Tries are facts: nobody writes them by hand, or in somebody else's name.
        self.env["customer.followup.attempt"].sudo().create(
            [{"followup_id": followup.id, "outcome_id": outcome.id} for followup in self]
        )

    def _after_close(self, outcome, _told):
        self.write({"state": DONE, "outcome_id": outcome.id})

    def _after_retry(self, outcome, _told):
        self.outcome_id = outcome
        if self._tries() >= outcome.attempts_max:
            self._give_up()
        else:
            self._wait_until(self._next_try(outcome))

    def _tries(self):
        """Return how often the customer was tried in vain since he was reached last."""
        tries = self.attempt_ids.sorted(lambda one: (one.date, one.id), reverse=True)
        reached = (n for n, one in enumerate(tries) if one.outcome_id.is_reached)
        return len(tries[: next(reached, len(tries))])

    def _next_try(self, outcome):
        """Return when to try again, naive UTC."""
        now = fields.Datetime.now()
        if not outcome.is_other_time:
            return fields.Datetime.add(now, hours=outcome.retry_hours)
        # When the customer may be contacted, and who works when, is asked for whoever tries.
        contact = self.sudo()
        facts = contact._facts()[contact]
        workdays = self.env["customer.workday"]._workdays(
            contact.team_id.calendar_id, contact.company_id
        )
        is_first = len(contact._tried_on_day_of(now, facts.zone)) < 2
        return gate.next_try(facts, contact._terms(), now, outcome.retry_hours, workdays, is_first)

    def _give_up(self):
        """Count the customer as not reached; where the step says so, go on by another way."""
        self._fall_back()
        self._end(MISSED, "unreachable")

    def _after_callback(self, outcome, told):
        until = told.until
        if not until or until <= fields.Datetime.now():
            raise UserError(self.env._("Say until when: a moment to come."))
        # His own wish goes before the hours of the plan, not before those of the law.
        verdict = self._agreed_verdict(until)
        if verdict.state == gate.DEFERRED:
            raise UserError(
                self.env._(
                    "The customer may not be contacted then: the contact hours are %(hours)s of"
                    " his day.",
                    hours=self.channel_id._hours_text(),
                )
            )
        self.outcome_id = outcome
        self._wait(until, is_agreed=True)
        # What was promised to the customer is a fact, which nobody writes by hand.
        self.sudo().date_due = until

    def _after_pass_on(self, outcome, told):
        colleague = told.colleague
        if not colleague or not colleague._may_work_on(self):
            raise UserError(
                self.env._(
                    "%(contact)s: choose a colleague who works with follow-ups of %(company)s.",
                    contact=self.display_name,
                    company=self.company_id.name,
                )
            )
        self.write({"outcome_id": outcome.id, "user_id": colleague.id})

    def _after_wrong_number(self, outcome, _told):
        self.outcome_id = outcome
        needs = self.channel_id.needs or "phone"
        # The number is nobody's to read here; that it is wrong counts for whoever uses it.
        person = self.sudo().partner_id
        person._block_contact(outcome.name, [needs], kind=WRONG)
        self._act(self._correct_text())
        pending = [
            ("partner_id", "=", person.id),
            ("state", "in", OPEN_STATES),
            ("channel_id.needs", "=", needs),
        ]
        (self.sudo().search(pending) | self.sudo())._withhold("wrong_number")

    def _after_refuse(self, outcome, told):
        if told.refused not in dict(REFUSED):
            raise UserError(
                self.env._(
                    "%s: ask what the customer does not want, and choose it.", self.display_name
                )
            )
        self.write({"state": DONE, "outcome_id": outcome.id})
        if told.refused != "contact":
            purpose = self.purpose_id if told.refused == "purpose" else None
            # A customer leaves his plans by whomever he tells.
            self.sudo()._leave("spoken", purpose)

    def _after_stop(self, outcome, _told):
        self.write({"state": DONE, "outcome_id": outcome.id})
        # The customer's agent ends his plan, without being allowed to edit enrollments.
        row = self.sudo().enrollment_id
        if row.state in ("active", "paused"):
            row.action_stop(self.summary, code="asked")

    def _after_block(self, outcome, _told):
        self.write({"state": DONE, "outcome_id": outcome.id})
        self.partner_id._block_contact(outcome.name)

    def _wait_until(self, moment):
        self._wait(self._gate(moment)[self.id].until or moment, is_agreed=False)

    def _wait(self, start, is_agreed):
        """Let the contact wait until ``start`` (naive UTC), which somebody chose or nobody."""
        self.write(
            {
                "state": WAITING,
                "date_planned": start,
                "date_deadline": max(self.date_deadline, start),
                "is_agreed": is_agreed,
            }
        )


class ResUsers(models.Model):
    _inherit = "res.users"

    def _may_work_on(self, contact):
        """Say whether this user can be the agent of a contact."""
        return (
            self.active
            and self.has_group("customer_followup.group_followup_user")
            and contact.company_id in self.company_ids
        )
