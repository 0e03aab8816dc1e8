from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...tools.folding import has_words
from .customer_complaint import CLOSED
from .customer_complaint_contact import QUEUED

MAX_ROUNDS = 3
# Results of contacts whose note is written from our side, not by the customer.
OURS = ("acknowledged", "informed", "asked", "agreed", "tried", "silent")


class CustomerComplaint(models.Model):
    """Confirmation of the solution by the customer."""

    _inherit = "customer.complaint"

    contact_ids = fields.One2many(
        "customer.complaint.contact", "complaint_id", string="Contact log"
    )
    confirmation = fields.Selection(
        [
            ("confirmed", "Confirmed"),
            ("rejected", "Not satisfied"),
            ("silent", "No answer"),
            ("withdrawn", "Withdrawn"),
        ],
        readonly=True,
        copy=False,
    )
    date_confirmation = fields.Datetime(string="Confirmation date", readonly=True, copy=False)
    satisfaction = fields.Selection(
        [("1", "1"), ("2", "2"), ("3", "3"), ("4", "4"), ("5", "5")],
        string="Satisfaction (1-5)",
        readonly=True,
        copy=False,
    )
    last_reply = fields.Char(string="Reply", compute="_compute_last_contacts")
    last_feedback = fields.Char(string="Customer's feedback", compute="_compute_last_contacts")
    round_count = fields.Integer(
        string="Rejections",
        readonly=True,
        copy=False,
        help="Number of times the customer was not satisfied.",
    )

    @api.depends("contact_ids.result", "contact_ids.note", "solution")
    def _compute_last_contacts(self):
        """Show the last reply to the customer and the last feedback of the customer."""
        for complaint in self:
            log = complaint.contact_ids.sorted("id", reverse=True)
            reply = log.filtered(lambda entry: entry.result == "informed" and entry.note)[:1]
            feedback = log.filtered(lambda entry: entry.result not in OURS)[:1]
            complaint.last_reply = reply.note or complaint.solution
            complaint.last_feedback = feedback.note

    def _request_new_confirmation(self, before=None):
        """Ask the customer again once what they agreed to has changed.

        :param before: as for :meth:`_follow`
        """
        if before is None:
            return
        # The change may have ended the user's access to the complaint.
        changed = self._changed(before, "solution", "verdict").sudo()
        outdated = changed.filtered(
            lambda one: (
                one.confirmation in ("confirmed", "silent") and one._state_before(before) != CLOSED
            )
        )
        if outdated:
            outdated._record({"confirmation": False, "date_confirmation": False})
            text = self.env._("The solution has changed. Ask the customer for confirmation again.")
            outdated._message_log_batch(dict.fromkeys(outdated.ids, text))

    def _is_confirmable(self):
        """Return whether there is a solution that the customer can confirm."""
        return self._known()["solution"][1] or self._is_unfounded()

    def action_log_contact(self):
        """Open the dialog that logs a contact with the customer."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Log customer contact"),
            "res_model": "customer.complaint.contact.log",
            "view_mode": "form",
            "target": "new",
            "context": {"default_complaint_id": self.id},
        }

    def _customer_confirms(self, how, note=None, satisfaction=None):
        """Record that the customer confirmed the solution, and close what is complete."""
        for complaint in self.filtered(lambda one: not one._is_confirmable()):
            raise UserError(
                self.env._(
                    "%s: enter the solution first, so that the customer knows what they confirm.",
                    complaint.name,
                )
            )
        self._record(self._log_answer("confirmed", how, note, satisfaction))
        self._close_if_complete()

    def _customer_rejects(self, how, why, satisfaction=None):
        """Record that the customer is not satisfied; the complaint needs another solution."""
        facts = self._log_answer("rejected", how, why, satisfaction)
        for complaint in self:
            stage = complaint._stage_to_try_again()
            again = {"round_count": complaint.round_count + 1, "stage_id": stage.id}
            # In one write: the present stage may require a confirmation.
            complaint._record({**facts, **again})
            if complaint.round_count >= MAX_ROUNDS:
                complaint._escalate(
                    self.env._(
                        "%(number)s: the customer was not satisfied %(count)s times",
                        number=complaint.name,
                        count=complaint.round_count,
                    )
                )

    def _customer_silent(self, statement=None):
        """Record that the customer does not answer.

        :param statement: why no answer is expected; needed without enough attempts
        """
        for complaint in self:
            if not has_words(statement) and not complaint._has_enough_attempts():
                company = complaint.company_id
                raise UserError(
                    self.env._(
                        "%(number)s: try to contact the customer on %(tries)s different days and"
                        " wait %(days)s days after the first attempt, or explain why no answer is"
                        " expected.",
                        number=complaint.name,
                        tries=company.customer_silence_tries,
                        days=company.customer_silence_days,
                    )
                )
        self._record(self._log_answer("silent", None, statement))
        self._close_if_complete()

    def _customer_withdraws(self, how, why=None):
        """Record that the customer withdrew the complaint."""
        self._record(self._log_answer("withdrawn", how, why))
        self._close_if_complete()

    def _customer_not_reached(self, how, note=None):
        """Log an attempt to contact the customer without success."""
        self._note_contact("tried", how, note)

    def _customer_informed(self, how, note=None, message=None):
        """Log that the customer was informed about the state of the complaint.

        :param message: the message that informs them as soon as it is sent, if in writing
        """
        self._note_contact("informed", how, note, message=message)

    def _customer_replies(self, text, how=None):
        """Log a message of the customer; return the complaint that is continued."""
        self.ensure_one()
        complaint = self._reopen(text)
        complaint._note_contact("replied", how, text)
        return complaint

    def _log_answer(self, word, how, note, satisfaction=None):
        """Log the answer of the customer and return the values to record.

        Raise if the complaint is closed.
        """
        for complaint in self.filtered(lambda one: one.state == CLOSED):
            raise UserError(self.env._("%s is closed. Reopen it first.", complaint.name))
        self._note_contact(word, how, note, satisfaction)
        facts = {"confirmation": word, "date_confirmation": fields.Datetime.now()}
        return {**facts, "satisfaction": satisfaction} if satisfaction else facts

    def _note_contact(self, result, how, note, satisfaction=None, message=None):
        self.check_access("write")
        # Users have no write access to the log; the entry names the user who added it.
        self.env["customer.complaint.contact"].sudo().create(
            [
                {
                    "complaint_id": complaint.id,
                    "result": result,
                    "how": how,
                    "note": note,
                    "satisfaction": satisfaction,
                    "message_id": message and message.id,
                    "delivery": message and QUEUED,
                    "round": complaint.round_count,
                    "user_id": self.env.uid,
                }
                for complaint in self
            ]
        )

    def _message_left(self, entry):
        """Do what follows when a message to the customer has left; later chapters add to it.

        :param entry: the entry of the message in the contact log
        """

    def _message_failed(self, entry, was_sent):
        """Notify the handler of a message that the customer did not receive.

        :param entry: as for :meth:`_message_left`
        :param was_sent: whether it had left, and came back
        """
        self._notify_handler(
            self.env._(
                "The message of %s was not delivered: write again, or call the customer.",
                format_date(self.env, self.company_id._customer_day(entry.date)),
            )
        )

    def _has_enough_attempts(self):
        """Return whether there were enough attempts on different days, and the wait is over."""
        company = self.company_id
        days = {company._customer_day(moment) for moment in self._failed_attempts()}
        waited = timedelta(days=company.customer_silence_days)
        today = company._customer_day(fields.Datetime.now())
        return len(days) >= company.customer_silence_tries and today - min(days) >= waited

    def _failed_attempts(self):
        """Return the moments of failed attempts since the last contact with the customer."""
        tries = []
        for entry in self.contact_ids.sorted(lambda one: (one.date, one.id)):
            if entry.result == "tried":
                tries.append(entry.date)
            elif not entry.message_id:
                # A contact restarts the count; a message that we sent is no contact.
                tries = []
        since = self.date_awaiting or datetime.min
        return [moment for moment in tries if self.state == "awaiting" and moment >= since]

    def _stage_to_try_again(self):
        """Return the stage for a complaint whose customer is not satisfied."""
        stages = self.env["customer.complaint.stage"]
        solving = stages._with_meaning("solving")
        # An unfounded complaint is assessed again.
        is_ready = not self._is_unfounded() and all(
            is_done for _label, is_done in self._needs(solving, {})
        )
        return solving if is_ready else stages._with_meaning("assessing")

    def _close_if_complete(self):
        closed = self.env["customer.complaint.stage"]._with_meaning(CLOSED)
        actions = self._open_actions()
        for complaint in self.filtered(lambda one: one.state != CLOSED):
            if all(is_done for _label, is_done in complaint._needs(closed, actions)):
                complaint.stage_id = closed
