from odoo import api, models

from ..complaint.customer_complaint_contact import QUEUED
from ..message.customer_followup_delivery import LEFT


class CustomerComplaintContact(models.Model):
    """An entry with a letter, which was sent, is waiting, or came back."""

    _inherit = "customer.complaint.contact"

    def _settle(self):
        """Record what became of these queued letters."""
        for entry in self:
            # Notifications belong to the system.
            rows = entry.sudo().message_id.notification_ids
            if LEFT & set(rows.mapped("notification_status")):
                entry._record_sent()
            elif not rows.filtered(lambda one: one.notification_status == "ready") - rows._lost():
                entry._record_failed()

    @api.autovacuum
    def _settle_lost(self):
        """Look again at queued letters each day, such as after a crash."""
        queued = [("delivery", "=", QUEUED)]
        for entry in self.search(queued):
            entry._run_one(lambda one: one._settle(), queued)
