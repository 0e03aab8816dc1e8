from odoo import models
from odoo.exceptions import MissingError

from ...tools import identity


class MailMail(models.Model):
    """An e-mail in the queue, which the gate may keep back until the last moment."""

    _inherit = "mail.mail"

    def _send(self, *args, **kwargs):
        """Send what may leave now, and record what became of it."""
        try:
            ours = self._to_customers()
        except MissingError:
            # Odoo passes over e-mails that were deleted meanwhile.
            ours = self.exists()._to_customers()
        if not ours:
            return super()._send(*args, **kwargs)
        messages = ours.mail_message_id
        letters = messages._kept_back()
        never = ours.filtered(lambda one: one.mail_message_id in letters)
        refused, later = self.env["customer.followup"]._keep_back(ours - never, "email")
        (never | refused)._cancel_with_notifications()
        for mail, moment in later.items():
            mail.scheduled_date = moment
        stays = (never | refused).union(*later)
        return super(MailMail, self - stays)._send(*args, **kwargs)

    def _postprocess_sent_message(self, *args, **kwargs):
        """Record what became of the messages, also if there is no connection to the server."""
        # Sent e-mails are deleted; their messages stay.
        ours = self.filtered(lambda one: (one.model or "").startswith("customer."))
        messages = ours.mail_message_id
        result = super()._postprocess_sent_message(*args, **kwargs)
        if messages:
            messages.exists()._settle()
        return result

    def _to_customers(self):
        """Return those that may be to customers: about follow-ups, actions and complaints."""
        # Without a query for e-mails of other apps: Odoo reads the same.
        return self.filtered(
            lambda one: one.state == "outgoing" and (one.model or "").startswith("customer.")
        )

    def _customers_of(self, contact):
        """Return the customers who receive these e-mails about a contact, in sudo."""
        people = self.sudo().recipient_ids
        others = identity.emails(f"{self.email_to or ''} {self.email_cc or ''}")
        colleagues = people.search(
            [("email_normalized", "in", others), ("partner_share", "=", False)]
        )
        if set(others) - set(colleagues.mapped("email_normalized")):
            # An address without a contact is taken for that of the customer.
            people |= contact.partner_id
        return people.filtered("partner_share")

    def _cancel_with_notifications(self):
        self.cancel()
        # The queue belongs to the system.
        rows = self.env["mail.notification"].sudo().search([("mail_mail_id", "in", self.ids)])
        rows.write({"notification_status": "canceled"})
