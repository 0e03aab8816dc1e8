from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools import gate
from ..plan.customer_followup_enrollment import OPEN_STATES as ENROLLMENT_OPEN_STATES
from ..who.customer_consent import WITHDRAWN
from ..who.customer_contact_block import WRONG
from .customer_followup import ATTEMPT, CUSTOMER, DONE, MISSED, OPEN_STATES, PLANNED, WAITING

REFUSED = [
    ("contact", "This contact only"),
    ("purpose", "Contacts for this purpose"),
    ("all", "Every contact"),
]


class CustomerFollowup(models.Model):
    """What follows from each outcome of a contact."""

    _inherit = "customer.followup"
    _protected_fields = frozenset({"fallback_of_id"})

    fallback_of_id = fields.Many2one(
        "customer.followup",
        string="Fallback of",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The contact that did not reach the customer, after which this one was planned by"
        " another channel.",
    )

    def _after_close(self, outcome, _details):
        self._record({"state": DONE, "outcome_id": outcome.id})

    def _after_retry(self, outcome, _details):
        self._record({"outcome_id": outcome.id})
        if self._failed_attempts() >= outcome.attempts_max:
            self._give_up()
        else:
            moment = self._next_attempt(outcome)
            self._schedule(self._gate(moment)[self.id].until or moment, by=ATTEMPT, state=WAITING)

    def _next_attempt(self, outcome):
        """Return when to try again, naive UTC."""
        now = fields.Datetime.now()
        if not outcome.is_other_time:
            return fields.Datetime.add(now, hours=outcome.retry_hours)
        # The customer's contact hours and the team's working days do not depend on the user.
        contact = self.sudo()
        facts = contact._facts()[contact]
        calendar = contact.team_id.calendar_id
        workdays = calendar._working_time(contact.company_id).workdays
        is_first = len(contact._attempts_on_day_of(now, facts.zone)) < 2
        return gate.next_try(
            facts, contact._gate_request(), now, outcome.retry_hours, workdays, is_first
        )

    def _give_up(self):
        """Close the contact as not reached, after planning the fallback of the step, if any."""
        self._plan_fallback()
        self._end(MISSED, "unreachable")

    def _plan_fallback(self):
        """Plan the same contact by the next channel of its step that works, and return it."""
        # The system plans it for the agent, who may not use every number and address.
        contact = self.sudo()
        channel, verdict = contact._choose_channel(contact._untried_channels())
        if not channel or verdict.state == gate.BLOCKED:
            return contact.browse()
        start = verdict.until or fields.Datetime.now()
        return contact.create(contact._prepare_fallback_vals(channel, start))

    def _choose_channel(self, channels):
        """Return the first of some channels that the gate allows or defers, and its verdict.

        If it blocks all, that is the first channel; without channels it is ``(None, None)``.
        """
        first, now, person = (None, None), fields.Datetime.now(), self.partner_id
        for channel in channels:
            verdicts = person._contact_verdicts(self.purpose_id, channel, now, self.company_id)
            verdict = verdicts[person.id]
            if verdict.state != gate.BLOCKED:
                return channel, verdict
            first = first if first[0] else (channel, verdict)
        return first

    def _untried_channels(self):
        """Return the channels of the step that were not tried yet, in its order."""
        tried = self.env["customer.channel"]
        contact = self
        while contact:
            tried |= contact.channel_id
            contact = contact.fallback_of_id
        step = self.step_id
        return step.channel_id + (step.alternative_ids - step.channel_id).sorted() - tried

    def _prepare_fallback_vals(self, channel, start):
        deadline = max(self.date_deadline, start)
        return {
            "name": self.name,
            "fallback_of_id": self.id,
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "team_id": self.team_id.id,
            "user_id": self.user_id.id,
            "enrollment_id": self.enrollment_id.id,
            "plan_id": self.plan_id.id,
            "step_id": self.step_id.id,
            "occurrence": self.occurrence,
            "role_id": self.role_id.id,
            "purpose_id": self.purpose_id.id,
            "priority": self.priority,
            "channel_id": channel.id,
            "state": PLANNED,
            "date_planned": start,
            "date_deadline": deadline,
            "date_nominal": self.date_nominal,
            "date_expiry": self.date_expiry,
        }

    def _after_callback(self, outcome, details):
        until = details.until
        if not until or until <= fields.Datetime.now():
            raise UserError(self.env._("Enter a date and time in the future."))
        # The customer's wish overrides the contact hours of the plan, not those of the channel.
        verdict = self._agreed_verdict(until)
        if verdict.state == gate.DEFERRED:
            raise UserError(
                self.env._(
                    "The customer may not be contacted at that time. The contact hours are"
                    " %(hours)s in the customer's time zone.",
                    hours=self.channel_id._hours_text(),
                )
            )
        self._record({"outcome_id": outcome.id})
        self._schedule(until, by=CUSTOMER, state=WAITING)

    def _after_pass_on(self, outcome, details):
        colleague = details.colleague
        if not colleague or not colleague._may_work_on(self):
            raise UserError(
                self.env._(
                    "%(contact)s: choose a colleague who works with follow-ups of %(company)s.",
                    contact=self.display_name,
                    company=self.company_id.name,
                )
            )
        self._record({"outcome_id": outcome.id, "user_id": colleague.id})

    def _after_wrong_number(self, outcome, _details):
        self._record({"outcome_id": outcome.id})
        needed = self.channel_id._needed()
        self._request_correction()
        # Agents may not read the number, but it is wrong for every user.
        wrong = contact = self.sudo()
        if needed:
            contact.partner_id._block_contact(outcome.name, [needed], kind=WRONG)
            wrong |= contact.search(
                Domain("partner_id", "=", contact.partner_id.id)
                & Domain("state", "in", OPEN_STATES)
                & Domain("channel_id", "in", self.env["customer.channel"]._using(needed).ids)
            )
        wrong._withhold("wrong_number")

    def _after_refuse(self, outcome, details):
        if details.refused not in dict(REFUSED):
            raise UserError(
                self.env._("%s: choose what the customer does not want.", self.display_name)
            )
        self._record({"state": DONE, "outcome_id": outcome.id})
        if details.refused != "contact":
            purpose = self.purpose_id if details.refused == "purpose" else None
            # The customer leaves all plans, also those the agent may not edit.
            self.sudo()._leave("spoken", purpose)

    def _after_stop(self, outcome, _details):
        self._record({"state": DONE, "outcome_id": outcome.id})
        # The agent stops the plan by the outcome, without access to edit enrollments.
        row = self.sudo().enrollment_id
        if row.state in ("active", "paused"):
            row.action_stop(self.summary, code="asked")

    def _after_block(self, outcome, _details):
        self._record({"state": DONE, "outcome_id": outcome.id})
        # Not of the number only: the wish of the person holds for the next one as well, and the
        # gate withholds what is planned when it is due.
        self.partner_id._record_wish(None, WITHDRAWN, "spoken", note=f"{self._name},{self.id}")
        self.partner_id._block_contact(outcome.name)

    def _leave(self, how, purpose=None):
        """Record that the customer wants no more contacts for ``purpose``, or none at all.

        The customer's plans for it stop at once. Say whether the wish is new.

        :param how: how the customer said so, as in the consent
        """
        self.ensure_one()
        contact = self.with_company(self.company_id)
        person = contact.partner_id
        is_new = not self.env["customer.consent"]._is_refused(person, purpose)
        # First: what the wish withholds would count as the end of a plan that still runs.
        contact._stop_plans(purpose)
        if is_new:
            person._note_consent(purpose, WITHDRAWN, how, note=f"{self._name},{self.id}")
        else:
            contact._record_repeated_wish(how, purpose)
        return is_new

    def _record_repeated_wish(self, how, purpose):
        """Record a wish that is known already, once for each contact and way to express it."""
        known = [
            ("partner_id", "=", self.partner_id.id),
            ("purpose_id", "=", purpose.id if purpose else False),
            ("channel_id", "=", False),
            ("kind", "=", WITHDRAWN),
        ]
        # Whether a line is added depends on lines the user may not see.
        last = self.env["customer.consent"].sudo().search(known, limit=1)
        note = f"{self._name},{self.id}"
        if (last.how, last.note) != (how, note):
            self.partner_id._note_consent(purpose, WITHDRAWN, how, note=note)

    def _stop_plans(self, purpose):
        domain = [("partner_id", "=", self.partner_id.id), ("state", "in", ENROLLMENT_OPEN_STATES)]
        rows = self.env["customer.followup.enrollment"].search(domain)
        if purpose:
            rows = rows.filtered(
                lambda row: row == self.enrollment_id or row.plan_id.purpose_id == purpose
            )
        rows.action_stop(code="asked")

    def _prepare_cancel_vals(self):
        return {**super()._prepare_cancel_vals(), "close_code": "hand"}

    def _request_action(self, name, code, user=None, **vals):
        """Create an action for a user, the agent of this contact or the team leader.

        :param code: what is requested, in a word of all languages: once while the action is open
        """
        known = [
            ("code", "=", code),
            ("res_model", "=", self._name),
            ("res_id", "=", self.id),
            ("state", "=", "open"),
        ]
        actions = self.env["customer.action"]
        if actions.search_count(known, limit=1):
            return
        user = user or self._user_to_ask() or self.env.ref("base.user_root")
        # Only the system says what an action requests.
        actions.sudo().create(
            {
                "name": name,
                "code": code,
                "res_model": self._name,
                "res_id": self.id,
                "user_id": user.id,
                "company_id": self.company_id.id,
                "team_id": self.team_id.id,
                **vals,
            }
        )

    def _user_to_ask(self):
        """Return who does what this contact needs: its agent, a leader or a manager, who work."""
        # Who leads the team does not depend on what the agent may read.
        contact = self.sudo()
        users = contact.user_id | contact.enrollment_id.user_id | contact.team_id.leader_id
        users |= contact.team_id.overseer_ids
        if not any(user.active for user in users):
            users = contact.env.ref("customer_followup.group_followup_manager").all_user_ids
            users = users.filtered(lambda user: self.company_id in user.company_ids).sorted("id")
        return users.filtered("active")[:1]
