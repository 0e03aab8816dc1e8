from odoo import fields, models

from ...tools import identity
from ..complaint.customer_complaint import CLOSED
from .customer_complaint_waiting import AWAITED
from .customer_sla_target import (
    ARRANGEMENT,
    CLOSURE,
    FIRST_ANSWER,
    ON_SITE,
    PROGRESS,
    SOLUTION,
    SURVEY,
)

# The kinds of promises that are met by entering a stage, by its meaning.
KEPT_BY_STAGE = {
    "solving": frozenset({ARRANGEMENT}),
    "external": frozenset({ARRANGEMENT}),
    "awaiting": frozenset({ARRANGEMENT, SOLUTION}),
    CLOSED: frozenset({ARRANGEMENT, SOLUTION, CLOSURE}),
}
# Ways of closing without handling the complaint: its promises are no longer due.
GIVEN_UP = {"withdrawn", "duplicate"}
# Results of contacts in which the customer was informed.
INFORMED_RESULTS = {"informed", "asked", "agreed", "confirmed", "rejected", "withdrawn"}
# Results of contacts without information from the customer.
SILENT_RESULTS = {"acknowledged", "asked", "agreed", "informed", "tried", "silent"}


class CustomerComplaint(models.Model):
    """Fulfilment of promises by stages, messages, contacts and buttons."""

    _inherit = "customer.complaint"

    def _fulfil(self, *kinds, moment=None):
        """Mark promises of these kinds as met, now by default."""
        # Users have no write access to promises.
        return self.sudo().promise_ids.filtered(lambda one: one.kind in kinds)._mark_met(moment)

    def _contacted(self, is_automatic=False, moment=None):
        """Mark first answers and progress updates as met, as the customers were informed.

        :param moment: when, naive UTC; now by default
        """
        moment = moment or fields.Datetime.now()
        if is_automatic:
            answers = self.sudo().promise_ids.filtered(
                lambda one: one.kind == FIRST_ANSWER and one.policy_id.is_auto_answer_counted
            )
            answers._mark_met(moment)
            return
        self._record_answer(moment)
        kept = self._fulfil(FIRST_ANSWER, PROGRESS, moment=moment)
        updated = kept.filtered(lambda promise: promise.kind == PROGRESS).complaint_id
        updated._promise_again(PROGRESS)

    def _take_back(self, moment):
        """Undo what a contact at ``moment`` (naive UTC) had met: it did not reach the customer."""
        # Users have no write access to promises and the log.
        complaint = self.sudo()
        reached = complaint.contact_ids._has_reached().filtered(
            lambda one: one.result in INFORMED_RESULTS
        )
        if complaint.date_answered == moment:
            first = min(reached.mapped("date"), default=False)
            complaint._record({"date_answered": first})
        if complaint.state == CLOSED:
            return
        undone = complaint.promise_ids.filtered(
            lambda one: one.kind in (FIRST_ANSWER, PROGRESS) and one.date_met == moment
        )
        # What was promised anew because of it.
        complaint.promise_ids.filtered(
            lambda one: one.kind == PROGRESS and one not in undone and one.date_start == moment
        )._void()
        undone._reopen()
        later = min((one for one in reached.mapped("date") if one >= moment), default=None)
        if later:
            undone._mark_met(later)

    def _follow_stages(self, before):
        """Meet, pause and create promises of complaints whose stage has another meaning.

        :param before: as for :meth:`_follow`
        """
        moved = self._changed(before, "stage_id").sudo()
        moved = moved.filtered(lambda one: one._state_before(before) != one.state)
        if replied := moved.filtered("date_replied"):
            replied._record({"date_replied": False})
        if not moved:
            return
        # First, while the intervals still end with the previous stage.
        moved.promise_ids._recompute_stale()
        self.env["customer.complaint.clock"].sudo()._switch_interval(moved, fields.Datetime.now())
        worked_on = moved.filtered(lambda one: one.close_kind not in GIVEN_UP)
        for kinds, some in worked_on.grouped(CustomerComplaint._kinds_met_by_stage).items():
            some._fulfil(*kinds)
        closed = moved.filtered(lambda complaint: complaint.state == CLOSED)
        closed.promise_ids._void()
        closed.filtered(CustomerComplaint._is_to_be_surveyed)._promise_survey()
        reopened = moved.filtered(lambda one: one._state_before(before) == CLOSED)
        reopened._surveys()._void()
        reopened._promise_again(CLOSURE, PROGRESS)
        (moved - closed).promise_ids._recompute_deadlines()
        moved.filtered(lambda one: one.state != "awaiting").activity_unlink([AWAITED])

    def _kinds_met_by_stage(self):
        """Return the kinds that are met by entering the present stage."""
        kinds = KEPT_BY_STAGE.get(self.state, frozenset())
        if self.state != "awaiting":
            return kinds
        # Waiting for information from the customer does not provide a solution.
        is_given = self._known()["solution"][1] or self._is_unfounded()
        return kinds if is_given else kinds - {SOLUTION}

    def _surveys(self):
        # Users have no write access to promises.
        return self.sudo().promise_ids.filtered(lambda one: one.kind == SURVEY)

    def _is_to_be_surveyed(self):
        """Return whether a closed complaint has a reachable customer without a rating."""
        is_reachable = self.partner_id.email or self.partner_id.phone
        return is_reachable and not self.satisfaction and self.close_kind not in GIVEN_UP

    def _is_seen_by_customer(self, message):
        """Return whether a message goes from a user to the customer; notes do not."""
        # The current user may not have access to authors, followers and recipients.
        complaint, message = self.sudo(), message.sudo()
        is_outgoing = (
            message.message_type in ("comment", "email", "auto_comment", "email_outgoing")
            and not message.is_internal
            and not message.subtype_id.internal
            and message.subtype_id
            and not message.author_id.partner_share
            and message.author_id
        )
        if not is_outgoing:
            return False
        readers = (
            message.partner_ids
            | complaint.message_follower_ids.filtered(
                lambda follower: message.subtype_id in follower.subtype_ids
            ).partner_id
        )
        people = complaint.partner_id | complaint.complainant_id
        if people.commercial_partner_id & readers.commercial_partner_id:
            return True
        # A complainant without a contact is known only by the address.
        address = complaint.complainant_email
        sent_to = identity.emails(message.outgoing_email_to)
        return readers._has_address(address) or bool({*identity.emails(address)} & {*sent_to})

    def action_note_contact(self):
        """Log that the customer was informed by phone or in person now."""
        self.check_access("read")
        return self._note_fact(
            self.env._("The customer was informed."),
            lambda: self._customer_informed(self.env._("By phone or in person")),
        )

    def action_note_solution(self):
        """Log that the customer received a solution, or a date for it, now."""
        self.check_access("read")
        return self._note_fact(
            self.env._("The customer received a solution, or a date for it."),
            lambda: self._fulfil(SOLUTION),
        )

    def action_note_arrangement(self):
        """Log that the next steps are arranged now."""
        self.check_access("read")
        return self._note_fact(
            self.env._("The next steps are arranged."), lambda: self._fulfil(ARRANGEMENT)
        )

    def action_note_on_site(self):
        """Log that an employee is on site now."""
        self.check_access("read")
        return self._note_fact(self.env._("An employee is on site."), lambda: self._fulfil(ON_SITE))

    def _note_fact(self, text, keep):
        self.check_access("write")
        keep()
        self._message_log_batch(dict.fromkeys(self.ids, text))
        return True
