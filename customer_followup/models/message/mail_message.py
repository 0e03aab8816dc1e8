from odoo import models


class MailMessage(models.Model):
    """A message that may be a contact with a customer."""

    _inherit = "mail.message"

    def _contacts_sent(self):
        """Return the contacts that these messages are, in sudo."""
        # Queues send the messages of contacts of all users.
        about = self.filtered(lambda one: one.model == "customer.followup")
        contacts = self.env["customer.followup"].sudo().browse(set(about.mapped("res_id")))
        return contacts.exists().filtered(lambda one: one.own_message_id in about)

    def _kept_back(self):
        """Return those of these queued letters that must not leave now; intake says which."""
        return self.browse()

    def _settle(self):
        """Record what became of these messages, once they are in no queue any more."""
        contacts = self.env["customer.followup"]
        for contact in self._contacts_sent():
            contact._run_one(lambda one: one._settle(), contacts._queued_domain())
