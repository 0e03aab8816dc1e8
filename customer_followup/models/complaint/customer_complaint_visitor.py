from pathlib import PurePath

from markupsafe import Markup

from odoo import models

# A message as long as a dozen pages.
MAX_LETTERS = 20_000


class CustomerComplaint(models.Model):
    """What a customer does about his complaint himself, by e-mail or on his page."""

    _inherit = "customer.complaint"

    def _process_customer_message(self, text, summary=None):
        """The customer writes: return the complaint that goes on, its handler knows.

        :param summary: what the handler is told, about the number of the complaint
        """
        self.ensure_one()
        complaint = self._customer_replies(text)
        if complaint != self:
            # How to reach somebody who is no contact; copies leave it out.
            complaint.sudo().complainant_email = self.sudo().complainant_email
            complaint.sudo().complainant_phone = self.sudo().complainant_phone
            if not self.env.context.get("customer_sender"):
                complaint._acknowledge()
        summary = summary or self.env._("The customer wrote about %s")
        complaint._notify_handler(summary % complaint.name)
        return complaint

    def _visitor_writes(self, text, files=()):
        """A visitor writes on his page; return the complaint that goes on, and files refused."""
        text = (text or "").replace("\x00", "").strip()
        if len(text) > MAX_LETTERS:
            return self, [self.env._("Your message is too long: at most %s letters.", MAX_LETTERS)]
        taken, refused = self._sorted_files(files)
        complaint = self._process_customer_message(text) if text else self
        if taken:
            complaint = complaint._process_customer_files(taken, is_alone=not text)
        complaint._note_refused(refused)
        if text:
            lines = Markup("<br/>").join(text.splitlines())
            complaint.message_post(
                body=Markup("<p>%s</p>") % lines,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                **complaint._visitor_author(),
            )
        return complaint, refused

    def _process_customer_files(self, files, is_alone):
        """The customer sends files, alone or with a message: return the complaint that goes on."""
        summary, complaint = self.env._("The customer sent files on %s"), self
        if is_alone:
            # They say something too.
            names = ", ".join(PurePath(file[0]).name for file in files)
            complaint = self._process_customer_message(self.env._("Files: %s", names), summary)
        else:
            complaint._notify_handler(summary % complaint.name)
        complaint._keep_files(files)
        return complaint

    def _visitor_author(self):
        # The visitor, while the system acts for them.
        user = self.env["res.users"].browse(self.env.context.get("customer_visitor", self.env.uid))
        person = self._letter_person() if user._is_public() else user.partner_id
        if person:
            return {"author_id": person.id}
        return {"author_id": False, "email_from": self.complainant_email or self.name}

    def _visitor_answers(self, is_solved, why=None, satisfaction=None):
        """A visitor who is being asked says whether it was put right."""
        self.ensure_one()
        how = self.env._("On his page")
        satisfaction = satisfaction if satisfaction in ("1", "2", "3", "4", "5") else None
        why = (why or "").replace("\x00", "").strip()
        if is_solved:
            self._customer_confirms(how, why or None, satisfaction)
        else:
            self._customer_rejects(how, why, satisfaction)
            self._notify_handler(self.env._("The customer is not content with %s", self.name))
