from odoo import models

from .customer_followup_delivery import FAILED, UNUSABLE


class MailNotification(models.Model):
    """The delivery of a message, which its contact follows."""

    _inherit = "mail.notification"

    def write(self, vals):
        """Record which messages came back."""
        result = super().write(vals)
        # Odoo marks messages as failed for a moment while it sends them: those of other failures
        # are looked at when they have left the queue.
        if vals.get("notification_status") in FAILED and vals.get("failure_type") in UNUSABLE:
            self._record_returned()
        return result

    def _record_returned(self):
        """Record on contacts that their messages came back."""
        # Queues and mail servers process contacts of all companies.
        for row in self.sudo():
            contact = row.mail_message_id._contacts_sent()
            if contact and row.res_partner_id == contact.partner_id:
                contact._record_undelivered()

    def _lost(self):
        """Return those whose messages are waiting, but in no queue any more."""
        return self.filtered(
            lambda one: (
                one.notification_status == "ready"
                and (one.sms_id if one.notification_type == "sms" else one.mail_mail_id).state
                != "outgoing"
            )
        )

    def _cancel_queued(self):
        """Take messages out of the queue for good, so that they can be sent anew."""
        self.mail_mail_id.filtered(lambda one: one.state != "sent").cancel()
        self.sms_id.filtered(lambda one: one.state in ("outgoing", "error")).action_set_canceled()
        self.write({"notification_status": "canceled"})

    def _failure_text(self):
        """Return why a message failed, in the words of Odoo."""
        kinds = dict(self._fields["failure_type"]._description_selection(self.env))
        return kinds.get(self.failure_type) or self.env._("it was deleted from the queue.")
