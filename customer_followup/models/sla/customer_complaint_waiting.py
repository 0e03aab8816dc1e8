import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...tools import masking
from ..complaint.customer_complaint import CLOSED
from ..complaint.customer_complaint_notify import NO_NOTIFICATION
from ..complaint.customer_complaint_referral import REFERRAL

_logger = logging.getLogger(__name__)
AWAITING = "awaiting"
AWAITED = "customer_followup.mail_activity_type_awaited"
# Our work goes on after a reply, as while a solution is sought.
REPLIED = "solving"
BATCH = 200


class CustomerComplaint(models.Model):
    """Waiting for the customer: reminders of the handler and paused clocks."""

    _inherit = "customer.complaint"

    date_asked = fields.Datetime(
        string="Customer asked on",
        readonly=True,
        copy=False,
        help="Information from the customer is needed. The clocks of some promises are paused.",
    )
    date_reminded = fields.Datetime(
        string="Handler reminded on",
        readonly=True,
        copy=False,
        help="Last reminder that the customer has not answered; one per waiting period.",
    )

    date_replied = fields.Datetime(
        string="Customer replied on",
        readonly=True,
        copy=False,
        help="The customer was asked whether the complaint is solved, and answered neither yes nor"
        " no. The clocks run until they are asked or informed again.",
    )

    # For the scheduled action: complaints that wait for the customer.
    _awaiting_idx = models.Index("(date_awaiting) WHERE state = 'awaiting'")
    _asked_idx = models.Index("(date_asked) WHERE date_asked IS NOT NULL")

    def _pass_reminders(self):
        """Reassign reminders of waiting complaints to their new handlers."""
        reminders = self.activity_search([AWAITED, REFERRAL]) if self else self.activity_ids
        for complaint_id, some in reminders.grouped("res_id").items():
            some.with_context(**NO_NOTIFICATION).user_id = self.browse(complaint_id)._contact_user()

    @api.model
    def _cron_awaited(self):
        """Remind handlers to contact customers who do not answer."""
        query = SQL(
            """SELECT complaint.id
                 FROM customer_complaint AS complaint
                 JOIN res_company AS company ON company.id = complaint.company_id
                CROSS JOIN LATERAL (SELECT GREATEST(complaint.date_asked, CASE
                           WHEN complaint.state = 'awaiting' AND complaint.date_replied IS NULL
                           THEN complaint.date_awaiting
                            END) AS since) AS waited
                WHERE (complaint.state = 'awaiting' OR complaint.date_asked IS NOT NULL)
                  AND complaint.state <> 'closed'
                  AND complaint.confirmation IS NULL
                  AND waited.since <= %(now)s - make_interval(days => GREATEST(
                      1, company.customer_silence_days / company.customer_silence_tries))
                  AND (complaint.date_reminded IS NULL
                       OR complaint.date_reminded < waited.since)
                ORDER BY waited.since, complaint.id
                LIMIT %(most)s FOR NO KEY UPDATE OF complaint SKIP LOCKED""",
            now=fields.Datetime.now(),
            most=BATCH,
        )
        self._run_batches(
            lambda: self._run_batch(query, lambda some: some._remind_awaited()), BATCH
        )

    def _remind_awaited(self):
        for complaint in self:
            complaint._notify_users(
                complaint._contact_user(),
                self.env._("%s: no answer from the customer, contact them again", complaint.name),
                AWAITED,
            )
        self.date_reminded = fields.Datetime.now()

    def _park_reminder(self, error):
        """Skip a complaint whose handler cannot be reminded."""
        self._set_aside({"date_reminded": fields.Datetime.now()})
        _logger.warning("No reminder for complaint %s: %s", self.id, masking.error(error))

    def _customer_asked(self, how, note=None):
        """Log that the customer was asked for information, and pause the clocks."""
        for complaint in self.filtered(lambda one: one.state == CLOSED):
            raise UserError(self.env._("%s is closed. Reopen it first.", complaint.name))
        self._note_contact("asked", how, note)
        self.sudo().filtered(lambda one: not one.date_asked)._wait_since(fields.Datetime.now())

    def action_go_on(self):
        """Log that the information of the customer is available, and resume the clocks."""
        self.check_access("read")
        return self._note_fact(self.env._("No longer waiting for the customer."), self._go_on)

    def _go_on(self):
        self.sudo().filtered("date_asked")._wait_since(False)

    def _note_reply(self):
        """Stop waiting for a customer who replied without confirming the solution."""
        # The customer, who has no rights, may be the one who writes.
        awaited = self.sudo().filtered(lambda one: one.state == AWAITING and not one.date_replied)
        awaited._set_replied(fields.Datetime.now())

    def _await_again(self):
        """Wait for the customer again, whose reply was answered."""
        replied = self.sudo().filtered(lambda one: one.state == AWAITING and one.date_replied)
        if replied:
            replied._record({"date_awaiting": fields.Datetime.now()})
            replied._set_replied(False)

    def _set_replied(self, moment):
        if self:
            self._record({"date_replied": moment})
            if moment:
                self.activity_unlink([AWAITED])
            self.env["customer.complaint.clock"]._switch_interval(self, fields.Datetime.now())
            self.promise_ids._recompute_deadlines()

    def _wait_since(self, moment):
        """Pause the clocks from a moment on, or resume them."""
        if self:
            self.date_asked = moment
            if not moment:
                self.activity_unlink([AWAITED])
            self.env["customer.complaint.clock"]._switch_interval(self, fields.Datetime.now())
            self.promise_ids._recompute_deadlines()

    def _go_on_before_stage(self, stage_id):
        """Stop waiting for the customer if the new stage does not wait."""
        stage = self.env["customer.complaint.stage"].browse(stage_id)
        self.filtered(lambda one: one.date_asked and one.state != stage.meaning)._go_on()

    def _clock_meaning(self):
        """Return the stage whose time runs now, for the ledger."""
        if self.date_asked:
            return AWAITING
        return REPLIED if self.state == AWAITING and self.date_replied else self.state
