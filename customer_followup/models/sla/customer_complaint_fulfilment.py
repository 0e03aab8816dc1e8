from odoo import fields, models
from odoo.tools.mail import email_normalize, email_normalize_all

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

# What is kept when a complaint comes to a stage of some meaning.
KEPT_BY_STAGE = {
    "solving": frozenset({ARRANGEMENT}),
    "external": frozenset({ARRANGEMENT}),
    "awaiting": frozenset({ARRANGEMENT, SOLUTION}),
    CLOSED: frozenset({ARRANGEMENT, SOLUTION, CLOSURE}),
}
# How a complaint ends that is not worked on: nothing that was promised for it is due any more.
GIVEN_UP = {"withdrawn", "duplicate"}
# Results of contacts in which the customer heard from us.
SPOKEN = {"told", "asked", "agreed", "confirmed", "rejected", "withdrawn"}
# Results of contacts in which we did not hear from the customer.
UNHEARD = {"asked", "agreed", "told", "tried", "silent"}


class CustomerComplaint(models.Model):
    """Facts keep what is promised, or let clocks stand still: stages, messages, calls, buttons."""

    _inherit = "customer.complaint"

    def _fulfil(self, *kinds):
        """Record that promises of these kinds are kept, now."""
        # Facts make promises kept, whoever states the fact.
        return self.sudo().promise_ids.filtered(lambda one: one.kind in kinds)._mark_met()

    def _contacted(self, is_automatic=False):
        """Record that the customers were told something, now: an answer, or how far we are."""
        if is_automatic:
            answers = self.sudo().promise_ids.filtered(
                lambda one: one.kind == FIRST_ANSWER and one.policy_id.is_auto_answer_counted
            )
            answers._mark_met()
            return
        self._record_answer(fields.Datetime.now())
        kept = self._fulfil(FIRST_ANSWER, PROGRESS)
        told = kept.filtered(lambda promise: promise.kind == PROGRESS).complaint_id
        told._promise_again(PROGRESS)

    def _follow_stages(self, before):
        """Keep, pause and make promises for complaints that came to a stage of another meaning.

        :param before: as for :meth:`_follow`
        """
        moved = self._changed(before, "stage_id").sudo()
        moved = moved.filtered(lambda one: one._state_before(before) != one.state)
        if not moved:
            return
        # By the times in which it stood where it was.
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
        """Return the kinds that are kept by coming to the present stage."""
        kinds = KEPT_BY_STAGE.get(self.state, frozenset())
        if self.state != "awaiting":
            return kinds
        # Whoever waits for what only the customer knows has not given him a solution.
        is_given = self._known()["solution"][1] or self._is_unfounded()
        return kinds if is_given else kinds - {SOLUTION}

    def _surveys(self):
        # Facts make promises idle, whoever states the fact.
        return self.sudo().promise_ids.filtered(lambda one: one.kind == SURVEY)

    def _is_to_be_surveyed(self):
        """Say whether a closed case has a customer to ask who has not said yet how it was."""
        is_reachable = self.partner_id.email or self.partner_id.phone
        return is_reachable and not self.satisfaction and self.close_kind not in GIVEN_UP

    def _is_seen_by_customer(self, message):
        """Say whether a message goes from us to the customer; notes and his own do not."""
        # Who wrote, follows and gets it counts, whether or not its author may open them.
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
        # Who complains may be known by his address only.
        address = email_normalize(complaint.complainant_email)
        sent_to = {*readers.mapped("email_normalized")}
        sent_to.update(email_normalize_all(message.outgoing_email_to or ""))
        return bool(address) and address in sent_to

    def action_note_contact(self):
        """Note that the customer was told something by phone or in person, just now."""
        return self._note_fact(
            self.env._("The customer was told."),
            lambda: self._customer_told(self.env._("By phone or in person")),
        )

    def action_note_solution(self):
        """Note that the customer was given a solution, or a time for it, just now."""
        return self._note_fact(
            self.env._("The customer was given a solution, or a time for it."),
            lambda: self._fulfil(SOLUTION),
        )

    def action_note_arrangement(self):
        """Note that what has to be done is arranged, just now."""
        return self._note_fact(
            self.env._("What has to be done is arranged."), lambda: self._fulfil(ARRANGEMENT)
        )

    def action_note_on_site(self):
        """Note that somebody is on site, just now."""
        return self._note_fact(self.env._("Somebody is on site."), lambda: self._fulfil(ON_SITE))

    def _note_fact(self, text, keep):
        self.check_access("write")
        keep()
        self._message_log_batch(dict.fromkeys(self.ids, text))
        return True
