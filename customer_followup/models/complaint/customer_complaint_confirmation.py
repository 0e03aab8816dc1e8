from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .customer_complaint import CLOSED

MAX_ROUNDS = 3
# Where the note holds our words, not the customer's.
OURS = ("told", "asked", "agreed", "tried", "silent")


class CustomerComplaint(models.Model):
    """What the customer says about how he was helped."""

    _inherit = "customer.complaint"

    contact_ids = fields.One2many(
        "customer.complaint.contact", "complaint_id", string="Words with the customer"
    )
    confirmation = fields.Selection(
        [
            ("confirmed", "Confirmed"),
            ("rejected", "Not content"),
            ("silent", "No answer"),
            ("withdrawn", "Withdrawn"),
        ],
        string="The customer",
        readonly=True,
        copy=False,
    )
    date_confirmation = fields.Datetime(string="Said on", readonly=True, copy=False)
    satisfaction = fields.Selection(
        [("1", "1"), ("2", "2"), ("3", "3"), ("4", "4"), ("5", "5")],
        string="Satisfied (1-5)",
        readonly=True,
        copy=False,
    )
    last_reply = fields.Char(string="Reply", compute="_compute_last_words")
    last_feedback = fields.Char(string="Customer's feedback", compute="_compute_last_words")
    round_count = fields.Integer(
        string="Rounds", readonly=True, copy=False, help="How often the customer was not content."
    )

    @api.depends("contact_ids.result", "contact_ids.note", "solution")
    def _compute_last_words(self):
        """Say what the customer was told last, and what he said last."""
        for complaint in self:
            words = complaint.contact_ids.sorted("id", reverse=True)
            told = words.filtered(lambda word: word.result == "told" and word.note)[:1]
            said = words.filtered(lambda word: word.result not in OURS)[:1]
            complaint.last_reply = told.note or complaint.solution
            complaint.last_feedback = said.note

    def _request_new_confirmation(self, before=None):
        """Ask the customer again once what they agreed to has changed.

        :param before: as for :meth:`_follow`
        """
        if before is None:
            return
        # Who changed a complaint may have lost sight of it.
        changed = self._changed(before, "solution", "verdict").sudo()
        outdated = changed.filtered(
            lambda one: (
                one.confirmation in ("confirmed", "silent") and one._state_before(before) != CLOSED
            )
        )
        if outdated:
            outdated._record({"confirmation": False, "date_confirmation": False})
            text = self.env._("The solution has changed: ask the customer again.")
            outdated._message_log_batch(dict.fromkeys(outdated.ids, text))

    def _is_confirmable(self):
        """Say whether there is something the customer can agree to."""
        return self._known()["solution"][1] or self._is_unfounded()

    def action_log_contact(self):
        """Ask what the customer was told, or said."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Note what was said"),
            "res_model": "customer.complaint.contact.log",
            "view_mode": "form",
            "target": "new",
            "context": {"default_complaint_id": self.id},
        }

    def _customer_confirms(self, how, note=None, satisfaction=None):
        """The customer says that it was put right; close what nothing else holds open."""
        for complaint in self.filtered(lambda one: not one._is_confirmable()):
            raise UserError(
                self.env._(
                    "%s: first write down how it was put right, so that the customer knows what he"
                    " agrees to.",
                    complaint.name,
                )
            )
        self._record(self._note_word("confirmed", how, note, satisfaction))
        self._close_if_complete()

    def _customer_rejects(self, how, why, satisfaction=None):
        """The customer is not content: back to finding a solution."""
        facts = self._note_word("rejected", how, why, satisfaction)
        for complaint in self:
            stage = complaint._stage_to_try_again()
            again = {"round_count": complaint.round_count + 1, "stage_id": stage.id}
            # All at once: the stage before needs a confirmation.
            complaint._record({**facts, **again})
            if complaint.round_count >= MAX_ROUNDS:
                complaint._escalate(
                    self.env._(
                        "%(number)s: the customer was not content %(count)s times",
                        number=complaint.name,
                        count=complaint.round_count,
                    )
                )

    def _customer_silent(self, statement=None):
        """The customer does not answer, after enough tries or as the handler states."""
        for complaint in self:
            if not (statement or "").strip() and not complaint._is_tried_enough():
                company = complaint.company_id
                raise UserError(
                    self.env._(
                        "%(number)s: try %(tries)s times, on days apart, and wait %(days)s days"
                        " from the first; or state why no answer is to be expected.",
                        number=complaint.name,
                        tries=company.customer_silence_tries,
                        days=company.customer_silence_days,
                    )
                )
        self._record(self._note_word("silent", None, statement))
        self._close_if_complete()

    def _customer_withdraws(self, how, why=None):
        """The customer takes his complaint back."""
        self._record(self._note_word("withdrawn", how, why))
        self._close_if_complete()

    def _customer_not_reached(self, how, note=None):
        """Somebody tried to hear from the customer and could not."""
        self._note_contact("tried", how, note)

    def _customer_told(self, how, note=None, message=None):
        """The customer was told how his complaint stands.

        :param message: with which he was told, if he was written to
        """
        self._note_contact("told", how, note, message=message)

    def _customer_replies(self, text):
        """The customer writes after all; return the complaint that goes on."""
        self.ensure_one()
        complaint = self._reopen(text)
        complaint._note_contact("replied", None, text)
        return complaint

    def _note_word(self, word, how, note, satisfaction=None):
        """Note what the customer says of an open complaint, and return the facts it makes."""
        for complaint in self.filtered(lambda one: one.state == CLOSED):
            raise UserError(self.env._("%s is closed: open it again first.", complaint.name))
        self._note_contact(word, how, note, satisfaction)
        facts = {"confirmation": word, "date_confirmation": fields.Datetime.now()}
        return {**facts, "satisfaction": satisfaction} if satisfaction else facts

    def _note_contact(self, result, how, note, satisfaction=None, message=None):
        self.check_access("write")
        # No one writes the log by hand; the row says who recorded it.
        self.env["customer.complaint.contact"].sudo().create(
            [
                {
                    "complaint_id": complaint.id,
                    "result": result,
                    "how": how,
                    "note": note,
                    "satisfaction": satisfaction,
                    "message_id": message and message.id,
                    "round": complaint.round_count,
                    "user_id": self.env.uid,
                }
                for complaint in self
            ]
        )

    def _is_tried_enough(self):
        """Say whether the customer was tried often enough, on days far enough apart."""
        company = self.company_id
        days = {company._customer_day(moment) for moment in self._vain_tries()}
        waited = timedelta(days=company.customer_silence_days)
        today = company._customer_day(fields.Datetime.now())
        return len(days) >= company.customer_silence_tries and today - min(days) >= waited

    def _vain_tries(self):
        """Return when somebody tried in vain to reach the customer it waits for, as dates."""
        tries = []
        for word in self.contact_ids.sorted(lambda one: (one.date, one.id)):
            if word.result == "tried":
                tries.append(word.date)
            elif not word.message_id:
                # He was heard, so tries begin anew; a letter to him is no word of his.
                tries = []
        since = self.date_awaiting or datetime.min
        return [moment for moment in tries if self.state == "awaiting" and moment >= since]

    def _stage_to_try_again(self):
        """Return where a complaint goes back to when the customer is not content."""
        stages = self.env["customer.complaint.stage"]
        solving = stages._with_meaning("solving")
        # What was unfounded is looked into anew.
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
