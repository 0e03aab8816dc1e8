import logging

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools import masking
from .customer_complaint_notify import NO_NOTIFICATION

_logger = logging.getLogger(__name__)
AWAITED = "customer_followup.mail_activity_type_awaited"
REFERRAL = "customer_followup.mail_activity_type_referral"
BATCH = 200


class CustomerComplaint(models.Model):
    """What waits for somebody outside is remembered: clocks stand still meanwhile."""

    _name = "customer.complaint"
    _inherit = ["customer.complaint", "customer.batch.mixin"]
    _protected_fields = frozenset({"date_reminded"})

    date_reminded = fields.Datetime(
        string="Handler reminded on",
        readonly=True,
        copy=False,
        help="That the customer has not answered: once for each time he is waited for.",
    )

    # The scheduled action: whose customers are waited for.
    _awaiting_idx = models.Index("(date_awaiting) WHERE state = 'awaiting'")
    _asked_idx = models.Index("(date_asked) WHERE date_asked IS NOT NULL")

    def write(self, vals):
        before = {one: one.user_id for one in self} if "user_id" in vals else {}
        result = super().write(vals)
        # Whoever gives a complaint away may lose sight of it.
        self.sudo().filtered(
            lambda one: one in before and one.user_id != before[one]
        )._pass_reminders()
        return result

    def _pass_reminders(self):
        """Let whoever handles complaints now remember what they wait for."""
        reminders = self.activity_search([AWAITED, REFERRAL]) if self else self.activity_ids
        for complaint_id, some in reminders.grouped("res_id").items():
            some.with_context(**NO_NOTIFICATION).user_id = self.browse(complaint_id)._listener()

    def _follow_stages(self, states):
        result = super()._follow_stages(states)
        moved = self.sudo().filtered(lambda one: one in states and states[one] != one.state)
        moved.filtered(lambda one: one.state != "awaiting").activity_unlink([AWAITED])
        return result

    @api.model
    def _cron_awaited(self):
        """Remind handlers of customers who do not answer, so that they are tried in time."""
        query = SQL(
            """SELECT complaint.id
                 FROM customer_complaint AS complaint
                 JOIN res_company AS company ON company.id = complaint.company_id
                CROSS JOIN LATERAL (SELECT GREATEST(complaint.date_asked, CASE
                           WHEN complaint.state = 'awaiting' THEN complaint.date_awaiting
                            END) AS since) AS waited
                WHERE (complaint.state = 'awaiting' OR complaint.date_asked IS NOT NULL)
                  AND complaint.state <> 'closed'
                  AND waited.since <= %(now)s - make_interval(days => GREATEST(
                      1, company.customer_silence_days / company.customer_silence_tries))
                  AND (complaint.date_reminded IS NULL
                       OR complaint.date_reminded < waited.since)
                ORDER BY waited.since, complaint.id
                LIMIT %(most)s FOR NO KEY UPDATE OF complaint SKIP LOCKED""",
            now=fields.Datetime.now(),
            most=BATCH,
        )
        waiting = self._lock(query)
        waiting._each_safely(lambda complaints: complaints._remind_awaited())
        self.env["ir.cron"]._commit_progress(len(waiting), remaining=int(len(waiting) == BATCH))

    def _remind_awaited(self):
        for complaint in self:
            complaint._notify_users(
                complaint._listener(),
                self.env._("%s: the customer does not answer, try to reach him", complaint.name),
                AWAITED,
            )
        self.date_reminded = fields.Datetime.now()

    def _park(self, error):
        """Leave out a complaint whose handler cannot be reminded; the search still finds it."""
        # By SQL: whatever is wrong with the row must not keep it from being left out.
        self.env.execute_query(
            SQL(
                "UPDATE customer_complaint SET date_reminded = %s WHERE id = %s RETURNING id",
                fields.Datetime.now(),
                self.id,
            )
        )
        self.invalidate_recordset(["date_reminded"], flush=False)
        _logger.warning("Nobody is reminded of complaint %s: %s", self.id, masking.error(error))


class CustomerComplaintReferral(models.Model):
    """An outside body answers until a day: the handler has it among what he has to do."""

    _inherit = "customer.complaint.referral"

    activity_id = fields.Many2one(
        "mail.activity", copy=False, ondelete="set null", groups=fields.NO_ACCESS
    )

    @api.model_create_multi
    def create(self, vals_list):
        referrals = super().create(vals_list)
        referrals._remind()
        return referrals

    def write(self, vals):
        result = super().write(vals)
        if {"body", "date_deadline", "outcome"} & vals.keys():
            self._remind()
        return result

    def unlink(self):
        # As for what reminds of it.
        self.sudo().activity_id.exists().unlink()
        return super().unlink()

    def _remind(self):
        """Let what reminds of the answer say what the referral says."""
        # Its handler's, not the caller's.
        for referral in self.sudo():
            reminder = referral.activity_id.exists()
            if referral.outcome:
                reminder.filtered("active").action_feedback()
            elif not referral.date_deadline:
                reminder.unlink()
            else:
                referral._remind_of(reminder.filtered("active"))

    def _remind_of(self, reminder):
        vals = {
            "summary": self.env._("Answer from %s", self.body),
            "date_deadline": self.date_deadline,
        }
        if reminder:
            reminder.write(vals)
        elif user := self.complaint_id._listener():
            self.activity_id = self.complaint_id.with_context(**NO_NOTIFICATION).activity_schedule(
                REFERRAL, user_id=user.id, **vals
            )
