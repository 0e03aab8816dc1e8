from odoo import models


class SmsSms(models.Model):
    """A text message in the queue, which the gate may keep back until the last moment."""

    _inherit = "sms.sms"

    def _send(self, *args, **kwargs):
        """Send what may leave now, to the number that holds now, and record it on the contacts."""
        messages = self.mail_message_id
        refused, later = self.env["customer.followup"]._keep_back(self, "sms")
        refused.action_set_canceled()
        # Those for later stay in the queue, which asks again.
        rest = (self - refused).filtered(lambda one: one not in later)
        rest._correct_numbers()
        result = super(SmsSms, rest)._send(*args, **kwargs) if rest else None
        messages._settle()
        return result

    def _customers_of(self, contact):
        """Return the customers who receive these text messages about a contact, in sudo."""
        people = self.sudo().partner_id or contact.partner_id
        return people.filtered("partner_share")

    def _correct_numbers(self):
        """Take the customers' numbers of now: one may have been corrected in the meantime."""
        for sms in self.filtered(lambda one: one.mail_message_id._contacts_sent()):
            number = sms.partner_id._phone_format()
            if number and number != sms.number:
                sms.number = number
                sms.mail_message_id.notification_ids.sms_number = number
