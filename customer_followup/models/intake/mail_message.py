from odoo import models

from ..complaint.customer_complaint_contact import FAILED, QUEUED


class MailMessage(models.Model):
    """A message that may be a letter to the customer about a complaint."""

    _inherit = "mail.message"

    def _letter_entries(self):
        """Return the entries of these letters in the contact logs of complaints, in sudo."""
        about = self.sudo().filtered(lambda one: one.model == "customer.complaint")
        # The queue sends the letters of all users.
        entries = self.env["customer.complaint.contact"].sudo()
        return entries.search([("message_id", "in", about.ids)]) if about else entries

    def _kept_back(self):
        """Keep back letters whose customer has changed or has no address any more.

        An administrator may have sent one again that had failed.
        """
        kept = super()._kept_back()
        for entry in self._letter_entries().filtered(lambda one: one.delivery in (QUEUED, FAILED)):
            if entry.complaint_id._is_letter_addressed(entry.message_id):
                entry.delivery = QUEUED
            else:
                kept |= entry.message_id
                entry._record_failed()
        return kept

    def _settle(self):
        result = super()._settle()
        for entry in self._letter_entries():
            entry._run_one(lambda one: one._settle(), [("delivery", "=", QUEUED)])
        return result
