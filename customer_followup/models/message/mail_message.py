from odoo import models

from .customer_followup_delivery import ANSWER


class MailMessage(models.Model):
    """A message that may be a contact with a customer."""

    _inherit = "mail.message"

    def _contacts_sent(self):
        """Return the contacts that these messages are, in sudo."""
        # Queues send the messages of contacts of all users.
        about = self.filtered(lambda one: one.model == "customer.followup")
        contacts = self.env["customer.followup"].sudo().browse(set(about.mapped("res_id")))
        return contacts.exists().filtered(lambda one: one.own_message_id in about)

    def _needs_the_gate(self):
        """Say whether this message is for customers, and no answer that they asked for."""
        # Recipients of all messages; only whether there are customers among them leaves here.
        people = self.sudo().partner_ids | self.sudo().notification_ids.res_partner_id
        return self.message_type != ANSWER and any(people.mapped("partner_share"))

    def _kept_back(self):
        """Return those of these queued messages that must not leave now."""
        about = self.sudo().filtered(lambda one: one.model == "customer.followup")
        return self.env["customer.followup"]._keep_back(about) if about else about

    def _settle(self):
        """Record what became of these messages, once they are in no queue any more."""
        contacts = self.env["customer.followup"]
        for contact in self._contacts_sent():
            contact._run_one(lambda one: one._settle(), contacts._queued_domain())
