from markupsafe import Markup

from odoo import Command, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools.mail import formataddr

from ...tools import identity
from ..complaint.customer_complaint_contact import ACKNOWLEDGED
from ..ground.system import as_system

# Longer headers are folded, which some mail servers cannot read (RFC 5322, 2.1.1).
MAX_REPLY_TO = 68
# Prevents automatic replies.
_HEADERS = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
_AUTOMATIC = ("mailer-daemon", "postmaster", "noreply", "no-reply", "donotreply", "do-not-reply")


class CustomerComplaint(models.Model):
    """Letters to the customer about a complaint."""

    _inherit = "customer.complaint"

    date_acknowledged = fields.Datetime(string="Acknowledged on", readonly=True, copy=False)

    def _acknowledge(self, refused=()):
        """Send the customer an acknowledgement, once, with number and handler.

        :param refused: reasons for refused files
        """
        fresh = self.filtered(lambda one: not one.date_acknowledged)
        for complaint in fresh.with_context(customer_refused=refused):
            if mail := complaint._send_letter(
                "customer_followup.mail_template_complaint_received",
                self.env._("Receipt of the complaint was confirmed to the customer."),
            ):
                complaint._record({"date_acknowledged": fields.Datetime.now()})
                complaint._note_letter(ACKNOWLEDGED, mail)

    def _ask_customer(self):
        """Ask customers by e-mail whether the solution solved their complaint."""
        if self.env.context.get("install_mode") or self.env.context.get("import_file"):
            # Imported complaints are from the past.
            return
        for complaint in self:
            # A company setting, which users who handle complaints may not read.
            if not complaint.company_id.sudo().customer_ask_by_mail:
                continue
            answer = complaint._customer_answer()
            if not answer:
                complaint._notify_handler(
                    self.env._("The customer was not asked by e-mail: there is no solution yet.")
                )
            elif mail := complaint._send_letter(
                "customer_followup.mail_template_complaint_solved",
                self.env._("The customer was asked to confirm the solution."),
            ):
                # The letter describes the solution, so it is an answer.
                complaint._note_letter("informed", mail, answer)

    def _note_letter(self, result, mail, text=None):
        """Log a queued letter, which informs the customer when it has left."""
        # Visitors' complaints are acknowledged, too; the system logs that.
        complaint = as_system(self.sudo())
        complaint._note_contact(result, self.env._("By e-mail"), text, message=mail.mail_message_id)

    def action_write(self):
        """Open the dialog to write to the customer."""
        self.ensure_one()
        self.check_access("read")
        self._check_has_address()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Write to customer"),
            "res_model": "customer.complaint.letter",
            "view_mode": "form",
            "target": "new",
            "context": {"default_complaint_id": self.id},
        }

    def _write_to_customer(self, text, files=None):
        """Write to the customer about the complaint, even if the user may not read the address.

        :param files: attachments to send
        """
        self.ensure_one()
        self.check_access("write")
        self._check_has_address()
        lines = Markup("<br/>").join(text.strip().splitlines())
        mail = self.with_context(customer_letter=text.strip())._send_letter(
            "customer_followup.mail_template_complaint_letter",
            Markup("<p>%s</p>") % lines,
            attachment_ids=[Command.link(file.id) for file in files or ()],
            author_id=self.env.user.partner_id.id,
            headers=False,
            message_type="comment",
            subtype_id=self.env.ref("mail.mt_comment").id,
        )
        self._note_letter("informed", mail, text.strip())
        # At once, so that the handler sees whether it has left.
        mail.send_after_commit()

    def _check_has_address(self):
        # Users of the complaint may know whether there is an address.
        for complaint in self.filtered(lambda one: not one.sudo()._letter_receiver()):
            raise UserError(
                self.env._(
                    "%s: the customer has no e-mail address. Call them instead.",
                    complaint.name,
                )
            )

    def _expect_delivery(self, mail):
        """Have Odoo say what becomes of a queued letter."""
        # The user may not have access to the address and the mail queue.
        self.env["mail.notification"].sudo().create(
            {
                "author_id": mail.author_id.id,
                "mail_message_id": mail.mail_message_id.id,
                "mail_mail_id": mail.id,
                "notification_type": "email",
                "res_partner_id": mail.recipient_ids.id,
                "mail_email_address": mail.email_to,
            }
        )
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()

    def _is_letter_addressed(self, message):
        """Say whether a queued letter still goes to the customer of the complaint."""
        receiver = self._letter_receiver()
        row = message.notification_ids[:1]
        if not receiver:
            return False
        person = self._letter_person()
        return (
            row.res_partner_id == person
            if person
            else row.mail_email_address == (receiver["email_to"])
        )

    def _send_letter(self, template, note, **values):
        """Queue an e-mail to the customer and return it, or none without an address.

        The chatter keeps only the note, because the letter contains the customer's personal link.

        :param values: values of the e-mail that differ from those of automatic letters
        """
        self.ensure_one()
        # The user may not have access to the address and the link.
        complaint = self.sudo()
        receiver = complaint._letter_receiver()
        if not receiver:
            return self.env["mail.mail"]
        mail = (
            self.env.ref(template)
            .sudo()
            .send_mail_batch(
                complaint.ids,
                email_values={
                    **receiver,
                    "reply_to": complaint._letter_reply_to(),
                    "headers": repr(_HEADERS),
                    "auto_delete": True,
                    "is_notification": True,
                    # Not the subtype of notes, because replies of the customer inherit it.
                    "message_type": "auto_comment",
                    **values,
                },
                email_layout_xmlid="mail.mail_notification_light",
            )
        )
        mail.mail_message_id.body = note
        self._expect_delivery(mail)
        return mail

    def _letter_person(self):
        """Return the contact of the complainant, or none if there is no contact."""
        return self.complainant_id or self.partner_id

    def _letter_receiver(self):
        """Return the recipient of a letter as values of an e-mail, or ``None``."""
        person = self._letter_person()
        known = identity.emails(person.email if person else self.complainant_email)
        # Odoo writes to all addresses of a contact; one that must not be written to is enough.
        if not known or any(self._is_no_receiver(address) for address in known):
            return None
        return {"recipient_ids": [(4, person.id)]} if person else {"email_to": known[0]}

    def _is_no_receiver(self, address):
        """Say whether letters must not go to an address: a machine, an alias or a colleague."""
        if address.split("@")[0] in _AUTOMATIC:
            return True
        if self.env["mail.alias.domain"]._find_aliases([address]):
            return True
        # A colleague who forwarded a message does not represent the customer.
        people = self.env["res.partner"]
        colleague = people._address_domain(address) & Domain("partner_share", "=", False)
        return bool(people.search_count(colleague, limit=1))

    def _letter_lang(self):
        return self._letter_person().lang or self.company_id.partner_id.lang

    def _letter_handler(self):
        """Return the name of the handler as shown to customers."""
        return self.user_id.name or self.team_id.name or self.company_id.name

    def _letter_reply_to(self):
        """Return the reply address, ``"Company" <address>``, or ``False``."""
        company = self.company_id
        address = self.team_id.alias_email or company.catchall_email
        if not address:
            return False
        named = formataddr((company.name, address))
        return named if len(named) <= MAX_REPLY_TO else address
