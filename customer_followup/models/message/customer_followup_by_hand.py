from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

from ...tools import gate
from ..contact.customer_followup_gate import FINAL
from .customer_followup_delivery import ANSWER, BY_SYSTEM

# Messages that users write, as Odoo calls them.
BY_HAND = ("comment", "email_outgoing", "sms")


class CustomerFollowup(models.Model):
    """Messages that users write about a contact: the gate is asked for each customer."""

    _inherit = "customer.followup"

    def action_write(self):
        """Open the dialog to write to the customer, if the gate allows a message now."""
        self.ensure_one()
        self.check_access("write")
        # The name and the language of the customer are shown on the contact.
        contact = self.sudo()
        self._check_by_hand(contact.partner_id, "email")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Write to customer"),
            "res_model": "customer.followup.letter",
            "view_mode": "form",
            "target": "new",
            "context": {"default_followup_id": self.id, "default_subject": contact._subject()},
        }

    def _write_to_customer(self, text, files, subject):
        """Write to the customer as the user, even if they may not read the address.

        :param files: attachments of the contact to send
        """
        user = self.env.user
        # Odoo refuses recipients whom the author may not open.
        self.sudo().message_post(
            subject=subject,
            body=plaintext2html(text.strip()),
            author_id=user.partner_id.id,
            email_from=user.email_formatted,
            partner_ids=self.sudo().partner_id.ids,
            attachment_ids=files.ids,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )

    def _gated(self, recipients, message, msg_vals, options):
        """Return who receives a message about this contact, as Odoo's list of recipients.

        What the system notes reaches no customer.

        :raise UserError: if a user writes to someone whom the gate does not allow now
        """
        if self.env.context.get("customer_message") is BY_SYSTEM:
            return recipients
        outside = {one["id"] for one in recipients if one["share"]}
        kind = (msg_vals or {}).get("message_type") or message.message_type
        if options.get("sms_numbers"):
            self._check_by_hand(self.partner_id, "sms")
        if kind not in BY_HAND:
            return [one for one in recipients if one["id"] not in outside]
        people = self.env["res.partner"].browse(outside)
        self._check_by_hand(people, "sms" if kind == "sms" else "email")
        return recipients

    def _check_by_hand(self, people, kind):
        for verdict in self._verdicts_by_hand(people, kind):
            if verdict.state != gate.ALLOWED:
                raise UserError(self._refusal_text(verdict))

    def _verdicts_by_hand(self, people, kind):
        """Return the gate's verdicts on messages of a kind to some people now."""
        if not people:
            return []
        channel = self.channel_id
        if channel.kind != kind:
            # Channels are known to all users.
            channel = channel.sudo().search([("kind", "=", kind)], limit=1)
        # The gate reads people that the user may not open; only its answer is shown.
        found = people.sudo()._contact_verdicts(
            self.purpose_id, channel, fields.Datetime.now(), self.company_id
        )
        return [
            gate.Verdict(gate.ALLOWED)
            if self.override_user_id and verdict.reason not in FINAL
            else verdict
            for verdict in found.values()
        ]

    @api.model
    def _of_messages(self, messages):
        """Return the contact that each message is about, in sudo: ``{message: contact}``.

        Messages about an action of a contact are about the contact.
        """
        # The queue sends the messages of all users.
        contacts, actions = self.sudo(), self.env["customer.action"].sudo()
        ids = {}
        for message in messages:
            if message.model == self._name:
                ids[message] = message.res_id
            elif message.model == actions._name:
                action = actions.browse(message.res_id).exists()
                if action.res_model == self._name:
                    ids[message] = action.res_id
        known = contacts.browse(set(ids.values())).exists()
        return {message: known & contacts.browse(id_) for message, id_ in ids.items()}

    def _may_be_sent_by_hand(self, row, kind):
        """Return when a queued message of a user may leave: now, later, or never.

        :param row: the row of the queue, an e-mail or a text message
        :return: ``True``, a moment (naive UTC), or ``False``
        """
        message, people = row.mail_message_id, row._customers_of(self)
        if message.message_type == ANSWER or not people:
            return True
        if message.message_type not in BY_HAND:
            # An earlier try of the contact's own message, which is sent anew.
            return False
        verdicts = self._verdicts_by_hand(people, kind)
        if any(one.state == gate.BLOCKED for one in verdicts):
            return False
        return max((one.until for one in verdicts if one.until), default=True)
