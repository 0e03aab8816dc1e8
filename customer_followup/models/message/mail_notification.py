from odoo import models

_FAILED = ("bounce", "exception")
# The address or number is unusable; other failures are on our side and can be tried again.
_UNUSABLE = {
    "mail_bounce",
    "mail_email_invalid",
    "mail_email_missing",
    "sms_country_not_supported",
    "sms_invalid_destination",
    "sms_not_delivered",
    "sms_number_format",
    "sms_number_missing",
    "sms_rejected",
}


class MailNotification(models.Model):
    """The delivery of a message, which its contact follows."""

    _inherit = "mail.notification"

    def write(self, vals):
        """Update the contacts whose messages could not be delivered."""
        result = super().write(vals)
        if vals.get("notification_status") in _FAILED:
            self._update_followups()
        return result

    def _update_followups(self):
        # Queues and mail servers process contacts of all companies.
        failed = self.sudo().filtered(
            lambda row: (
                row.failure_type in _UNUSABLE and row.mail_message_id.model == "customer.followup"
            )
        )
        for row in failed:
            followup = self.env["customer.followup"].sudo().browse(row.mail_message_id.res_id)
            if row.res_partner_id == followup.exists().partner_id:
                followup._record_undelivered()
