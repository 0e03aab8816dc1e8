from odoo import api, models
from odoo.fields import Domain
from odoo.tools import consteq

from ..complaint.customer_complaint import CLOSED
from ..ground.system import as_system
from ..sla.customer_complaint_promise import PENDING
from ..sla.customer_sla_target import CLOSURE, FIRST_ANSWER, ON_SITE, PROGRESS, SOLUTION


class CustomerComplaint(models.Model):
    """What a customer sees of his complaint."""

    _inherit = "customer.complaint"

    def _customer_url(self, answer=None):
        """Return the address of the customer's page, or of the one on which he answers."""
        suffix = f"/{answer}" if answer else None
        return f"{self.get_base_url()}{self.get_portal_url(suffix=suffix)}"

    @api.model
    def _for_visitor(self, complaint_id, token=None):
        """Return a complaint if it is the visitor's own, or if he has its link; else none."""
        # Strangers read nothing: what is theirs is decided here.
        complaint = as_system(self.sudo()).browse(complaint_id).exists()
        # Set anew for each visitor, whatever a caller put into the context.
        complaint = complaint.with_context(customer_visitor=self.env.user.id)
        known = complaint.access_token or ""
        is_linked = consteq(known.encode(), (token or "").encode()) and bool(known)
        if is_linked and (complaint.state != CLOSED or complaint._is_reopenable()):
            return complaint
        return complaint.filtered_domain(self._visitor_domain())

    @api.model
    def _visitor_domain(self):
        """Return which complaints are the visitor's, or those of the customer he belongs to."""
        user = self.env.user
        if user._is_public():
            return Domain.FALSE
        own = Domain("partner_id", "=", user.partner_id.id)
        own |= Domain("complainant_id", "=", user.partner_id.id)
        if user.share:
            own |= Domain("commercial_partner_id", "=", user.commercial_partner_id.id)
        return own & Domain("company_id", "in", user.company_ids.ids)

    def _customer_status(self):
        """Say in the customer's words how far we are."""
        if self.date_asked:
            return self.env._("Waiting for your answer")
        return {
            "new": self.env._("Received"),
            "assessing": self.env._("We are looking into it"),
            "solving": self.env._("We are working on a solution"),
            "awaiting": self.env._("Waiting for your answer"),
            "external": self.env._("With an outside body"),
            CLOSED: self.env._("Closed"),
        }[self.state]

    def _customer_promises(self):
        """Return what the customer still waits for, the next first: ``[(what, day), ...]``."""
        if self.state in ("awaiting", CLOSED):
            # He has had it, or it is for him to answer.
            return []
        words = self._promise_words()
        running = self.promise_ids.filtered(
            lambda one: one.state in PENDING and one.date_deadline and one.kind in words
        )
        promises = [(words[one.kind], one.date_deadline) for one in running.sorted("date_deadline")]
        if not self.promise_ids and self.date_deadline:
            promises = [(words[CLOSURE], self.date_deadline)]
        return [(what, self.company_id._customer_day(until)) for what, until in promises]

    def _promise_words(self):
        """Return in the customer's words what is promised to him, by kind."""
        return {
            FIRST_ANSWER: self.env._("You hear from us"),
            SOLUTION: self.env._("We propose a solution"),
            ON_SITE: self.env._("Somebody comes to you"),
            PROGRESS: self.env._("You hear how far we are"),
            CLOSURE: self.env._("It is settled"),
        }

    def _customer_answer(self):
        """Return what the customer is told was done, once that is settled.

        Notes of talks with him are written for colleagues, and stay among them.
        """
        if self.state not in ("awaiting", CLOSED):
            return None
        remedies = self.solution_ids.filtered(lambda one: one.state in ("accepted", "done"))
        return (self.solution or "").strip() or "\n".join(remedies.mapped("name"))

    def _customer_row(self):
        """Return what a list of the customer's complaints shows, as plain values."""
        return {
            "url": self.access_url,
            "number": self.name,
            "title": self.title,
            "status": self._customer_status(),
            "received": self.company_id._customer_day(self.date_received),
            "promises": self._customer_promises()[:1],
            "is_asked": self.state == "awaiting",
        }

    def _customer_card(self):
        """Return all that a customer's page shows, as plain values; it can show nothing else."""
        self.ensure_one()
        return {
            **self._customer_row(),
            "promises": self._customer_promises(),
            "company": self.company_id.name,
            "handler": self._letter_handler(),
            "answer": self._customer_answer(),
            "is_closed": self.state == CLOSED,
            "confirmation": self.confirmation,
            "files": self.evidence_ids.filtered(lambda one: self._is_his(one)).mapped("name"),
            "messages": self._customer_messages(),
        }

    def _is_his(self, evidence):
        # What a colleague found is shown by us, or not at all.
        return evidence.create_uid.share or evidence.create_uid == self.env.ref("base.user_root")

    def _customer_people(self):
        people = self.partner_id | self.complainant_id
        return people | self.commercial_partner_id.child_ids if people else people

    def _customer_messages(self):
        """Return what the customer wrote and what was sent to him, and nothing between us."""
        people, written = self._customer_people(), self.contact_ids.message_id
        letters = self.message_ids.filtered(
            lambda message: (
                message.message_type in ("comment", "email", "email_outgoing")
                and not message.is_internal
                and not message.subtype_id.internal
                and message.body
            )
        )
        shown = []
        for message in letters.sorted("id"):
            is_mine = message.author_id in people or (
                not message.author_id and message.message_type in ("email", "comment")
            )
            receivers = message.partner_ids | message.notified_partner_ids
            if is_mine or message in written or receivers & people:
                shown.append(
                    {
                        "is_mine": is_mine,
                        "day": self.company_id._customer_day(message.date),
                        "body": message.body,
                    }
                )
        return shown
