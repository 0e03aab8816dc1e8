from odoo import api, models
from odoo.fields import Domain
from odoo.tools import consteq

from ..complaint.customer_complaint import CLOSED
from ..ground.system import as_system
from ..sla.customer_complaint_promise import PENDING
from ..sla.customer_sla_target import CLOSURE, FIRST_ANSWER, ON_SITE, PROGRESS, SOLUTION


class CustomerComplaint(models.Model):
    """The complaint as shown to its customer."""

    _inherit = "customer.complaint"

    def _customer_url(self, answer=None):
        """Return the URL of the complaint page of the customer, or of its answer page."""
        suffix = f"/{answer}" if answer else None
        return f"{self.get_base_url()}{self.get_portal_url(suffix=suffix)}"

    @api.model
    def _for_visitor(self, complaint_id, token=None):
        """Return a complaint that belongs to the visitor or whose token they have, else none."""
        # Visitors have no read access; this method decides what they may see.
        complaint = as_system(self.sudo()).browse(complaint_id).exists()
        # Always set here, because an RPC call could put a value into the context.
        complaint = complaint.with_context(customer_visitor=self.env.user.id)
        known = complaint.access_token or ""
        is_linked = consteq(known.encode(), (token or "").encode()) and bool(known)
        if is_linked and (complaint.state != CLOSED or complaint._is_reopenable()):
            return complaint
        return complaint.filtered_domain(self._visitor_domain())

    @api.model
    def _visitor_domain(self):
        """Return the domain of complaints of the visitor or of their company."""
        user = self.env.user
        if user._is_public():
            return Domain.FALSE
        own = Domain("partner_id", "=", user.partner_id.id)
        own |= Domain("complainant_id", "=", user.partner_id.id)
        if user.share:
            own |= Domain("commercial_partner_id", "=", user.commercial_partner_id.id)
        # Of every company that the customer complained to, whatever company their login is of.
        return own

    def _customer_status(self):
        """Return the state of the complaint in words for the customer."""
        if self.date_asked:
            return self.env._("Waiting for your answer")
        if self.date_replied:
            return self.env._("We are looking into your answer")
        return {
            "new": self.env._("Received"),
            "assessing": self.env._("We are looking into it"),
            "solving": self.env._("We are working on a solution"),
            "awaiting": self.env._("Waiting for your answer"),
            "external": self.env._("With an outside body"),
            CLOSED: self.env._("Closed"),
        }[self.state]

    def _customer_promises(self):
        """Return the open promises, the next first: ``[(label, day), ...]``."""
        if self.state in ("awaiting", CLOSED) and not self.date_replied:
            # Already met, or waiting for an answer of the customer.
            return []
        words = self._promise_labels()
        running = self.promise_ids.filtered(
            lambda one: one.state in PENDING and one.date_deadline and one.kind in words
        )
        promises = [(words[one.kind], one.date_deadline) for one in running.sorted("date_deadline")]
        if not self.promise_ids and self.date_deadline:
            promises = [(words[CLOSURE], self.date_deadline)]
        return [(what, self.company_id._customer_day(until)) for what, until in promises]

    def _promise_labels(self):
        """Return the labels of promises for customers, by kind."""
        return {
            FIRST_ANSWER: self.env._("We answer you"),
            SOLUTION: self.env._("We propose a solution"),
            ON_SITE: self.env._("An employee visits you"),
            PROGRESS: self.env._("We inform you about the progress"),
            CLOSURE: self.env._("We close your complaint"),
        }

    def _customer_answer(self):
        """Return the solution as shown to the customer, once it is decided.

        The contact log is internal and never shown.
        """
        if self.state not in ("awaiting", CLOSED):
            return None
        remedies = self.solution_ids.filtered(lambda one: one.state in ("accepted", "done"))
        return (self.solution or "").strip() or "\n".join(remedies.mapped("name"))

    def _customer_row(self):
        """Return the values of a row in the customer's list of complaints."""
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
        """Return the values of the complaint page, which can show nothing else."""
        self.ensure_one()
        return {
            **self._customer_row(),
            "promises": self._customer_promises(),
            "company": self.company_id.name,
            "handler": self._letter_handler(),
            "answer": self._customer_answer(),
            "is_closed": self.state == CLOSED,
            "confirmation": self.confirmation,
            "files": self.evidence_ids.filtered(lambda one: self._is_customer_evidence(one)).mapped(
                "name"
            ),
            "messages": self._customer_messages(),
        }

    def _is_customer_evidence(self, evidence):
        if evidence.is_from_other or evidence.id <= self.former_evidence_id:
            return False
        # Evidence added by users is internal.
        return evidence.create_uid.share or evidence.create_uid == self.env.ref("base.user_root")

    def _customer_people(self):
        people = self.partner_id | self.complainant_id
        return people | self.commercial_partner_id.child_ids if people else people

    def _customer_messages(self):
        """Return the messages from and to the customer, without internal ones."""
        people, written = self._customer_people(), self.contact_ids.message_id
        letters = self.message_ids.filtered(
            lambda message: (
                message.id > self.former_message_id
                and message.message_type in ("comment", "email", "email_outgoing")
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
