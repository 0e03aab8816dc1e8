from odoo import fields, models

from ..contact.customer_followup import DONE, MISSED

_FAILED = ("bounce", "exception")
# What is wrong with the address or number; other failures are ours, and Odoo lets us try again.
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
# Identity, not a value: no caller from outside can put this object into a context.
_CAME_BACK = object()


class MailNotification(models.Model):
    _inherit = "mail.notification"

    def write(self, vals):
        """Let the contact know when its message could not be delivered."""
        result = super().write(vals)
        if vals.get("notification_status") in _FAILED:
            self._tell_followups()
        return result

    def _tell_followups(self):
        # Whoever runs the queue or fetches mail tells any contact of any company.
        failed = self.sudo().filtered(
            lambda row: (
                row.failure_type in _UNUSABLE and row.mail_message_id.model == "customer.followup"
            )
        )
        for row in failed:
            followup = self.env["customer.followup"].sudo().browse(row.mail_message_id.res_id)
            if row.res_partner_id == followup.exists().partner_id:
                followup._came_back()


class CustomerFollowup(models.Model):
    """What happens to contacts whose message came back."""

    _inherit = "customer.followup"

    close_code = fields.Selection(
        selection_add=[("undelivered", "It could not be delivered")],
        ondelete={"undelivered": "set null"},
    )

    def _came_back(self):
        """Count a message that was sent as missed, once, and have the address corrected."""
        self.ensure_one()
        if self.state != DONE or self.outcome_id != self._sent_outcome():
            return
        outcome = self.env.ref("customer_followup.customer_followup_outcome_bounced")
        self._note_attempt(outcome)
        self.with_context(customer_message=_CAME_BACK).write(
            {"state": MISSED, "close_code": "undelivered", "outcome_id": outcome.id}
        )
        self._act(self._correct_text())

    def _correct_text(self):
        if self.channel_id.needs == "phone":
            return self.env._("Correct the number of %s", self._customer_name())
        return self.env._("Correct the address of %s", self._customer_name())

    def _check_history(self, state):
        """Let a message that came back count as missed: it was never received."""
        if state == MISSED and self.env.context.get("customer_message") is _CAME_BACK:
            return None
        return super()._check_history(state)
