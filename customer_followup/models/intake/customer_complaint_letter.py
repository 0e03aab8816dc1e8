from markupsafe import Markup

from odoo import Command, fields, models
from odoo.exceptions import UserError
from odoo.tools.mail import email_normalize, formataddr

# Longer names are folded, which some mail servers read as no address (RFC 5322, 2.1.1).
MAX_REPLY_TO = 68
# So that no machine answers.
_HEADERS = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
_NOBODY = ("mailer-daemon", "postmaster", "noreply", "no-reply", "donotreply", "do-not-reply")


class CustomerComplaint(models.Model):
    """What a customer is sent about his complaint."""

    _inherit = "customer.complaint"

    date_acknowledged = fields.Datetime(string="Receipt sent on", readonly=True, copy=False)

    def _acknowledge(self, refused=()):
        """Tell a customer once that his complaint is here, its number and who handles it.

        :param refused: why files of his were not taken
        """
        fresh = self.filtered(lambda one: not one.date_acknowledged)
        for complaint in fresh.with_context(customer_refused=refused):
            if complaint._send_letter(
                "customer_followup.mail_template_complaint_received",
                self.env._("The customer was told that we have his complaint."),
            ):
                complaint._record({"date_acknowledged": fields.Datetime.now()})
                complaint._contacted(is_automatic=True)

    def _ask_customer(self):
        """Ask customers by e-mail whether it was put right, with what was done."""
        if self.env.context.get("install_mode") or self.env.context.get("import_file"):
            # What is loaded from elsewhere happened long ago.
            return
        for complaint in self:
            # A setting of the company, known to nobody who works on complaints.
            if not complaint.company_id.sudo().customer_ask_by_mail:
                continue
            if complaint._send_letter(
                "customer_followup.mail_template_complaint_solved",
                self.env._("The customer was asked whether it was put right."),
            ):
                # The letter says what was done: it is an answer.
                complaint._contacted()

    def action_write(self):
        """Ask what to write to the customer."""
        self.ensure_one()
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
        """Write to the customer about his own case; the writer need not know his address.

        :param files: attachments that go with it
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
        self._expect_delivery(mail)
        self._customer_told(self.env._("By e-mail"), text.strip(), mail.mail_message_id)

    def _check_has_address(self):
        # Whether there is one is no secret to whoever works on the complaint.
        for complaint in self.filtered(lambda one: not one.sudo()._letter_receiver()):
            raise UserError(
                self.env._(
                    "%s: there is no e-mail address of the customer to write to. Call him.",
                    complaint.name,
                )
            )

    def _expect_delivery(self, mail):
        """Let the chatter show if a letter cannot be delivered, and send it soon."""
        # The customer's address and the queue, which whoever writes need not see.
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

    def _send_letter(self, template, note, **values):
        """Queue an e-mail to the customer and return it, or none if he has no address.

        The chatter keeps the note only: the letter holds the customer's own link, with which he
        speaks for himself.

        :param values: of the e-mail, where it is not one that the system writes
        """
        self.ensure_one()
        # The customer's address and link, which whoever works on the complaint need not see.
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
                    # Of no subtype for notes: what the customer answers is no note either.
                    "message_type": "auto_comment",
                    **values,
                },
                email_layout_xmlid="mail.mail_notification_light",
            )
        )
        mail.mail_message_id.body = note
        return mail

    def _letter_person(self):
        """Return the contact who complains, or none if he is not among the contacts."""
        return self.complainant_id or self.partner_id

    def _letter_receiver(self):
        """Return the receiver of a letter as values of an e-mail, or nothing."""
        person = self._letter_person()
        address = email_normalize(person.email if person else self.complainant_email)
        if not address or address.split("@")[0].lower() in _NOBODY:
            return None
        if self.env["mail.alias.domain"]._find_aliases([address]):
            return None
        # A colleague who passed on what a customer wrote does not speak for him.
        colleague = [("email_normalized", "=", address), ("partner_share", "=", False)]
        if self.env["res.partner"].search_count(colleague, limit=1):
            return None
        return {"recipient_ids": [(4, person.id)]} if person else {"email_to": address}

    def _letter_lang(self):
        return self._letter_person().lang or self.company_id.partner_id.lang

    def _letter_handler(self):
        """Return who handles the complaint, as customers are told."""
        return self.user_id.name or self.team_id.name or self.company_id.name

    def _letter_reply_to(self):
        """Return where answers of the customer go, ``"Company" <address>``, or ``False``."""
        company = self.company_id
        address = self.team_id.alias_email or company.catchall_email
        if not address:
            return False
        named = formataddr((company.name, address))
        return named if len(named) <= MAX_REPLY_TO else address
