from odoo import fields, models
from odoo.tools.mail import email_normalize


class CustomerComplaint(models.Model):
    """What a complaint has from its customer: the link, the followers, the contents of the page."""

    _inherit = "customer.complaint"
    _protected_fields = frozenset({"former_evidence_id", "former_message_id"})

    # Identifiers, not links: what is deleted meanwhile changes nothing.
    former_message_id = fields.Integer(
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="The messages up to this one were from or to a former customer.",
    )
    former_evidence_id = fields.Integer(
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="The files up to this one were from a former customer.",
    )

    def _follow_receiver(self, before=None):
        """End the access of the person who received the letters before a change.

        :param before: as for :meth:`_follow`
        """
        if before is None:
            return
        changed = self._changed(before, "partner_id", "complainant_id", "complainant_email").sudo()
        other = self._of_another_customer(before)
        for complaint in changed:
            former = before[complaint]
            if complaint._is_another_person(former):
                # Letters contain the link, so its holder is the former receiver.
                complaint._record({"access_token": False})
            if complaint in other or complaint._is_another_stranger(former):
                complaint._hide_former_entries()
            complaint._unfollow_former(former)

    def _is_another_person(self, before):
        """Return whether letters would now go to a person who did not receive the former ones.

        :param before: the former values of the fields that were written
        """
        for name in ("partner_id", "complainant_id"):
            if before.get(name) and before[name] != self[name]:
                return True
        was = before.get("complainant_email", self.complainant_email)
        former = before.get("partner_id", self.partner_id)
        person = self._letter_person()
        now = self.complainant_email if former or not person else person.email or was
        return bool(was) and email_normalize(was) != email_normalize(now)

    def _is_another_stranger(self, before):
        """Return whether a complainant who is no contact became another one."""
        was = before.get("complainant_email")
        return bool(was) and not self._letter_person() and was != self.complainant_email

    def _hide_former_entries(self):
        """Show nothing on the customer's page that was written or sent until now."""
        self._record(
            {
                "former_message_id": max(self.message_ids.ids, default=0),
                "former_evidence_id": max(self.evidence_ids.ids, default=0),
            }
        )

    def _unfollow_former(self, before):
        """Remove the followers that belong to a customer or representative before a change."""
        people = self.partner_id | self.complainant_id
        former = people.browse().union(
            *(before[name] for name in ("partner_id", "complainant_id") if name in before)
        )
        if self.commercial_partner_id not in former.commercial_partner_id:
            former |= self.message_partner_ids.filtered(
                lambda one: one.commercial_partner_id in former.commercial_partner_id
            )
        gone = (former - people).filtered("partner_share")
        self.message_unsubscribe(partner_ids=gone.ids)
