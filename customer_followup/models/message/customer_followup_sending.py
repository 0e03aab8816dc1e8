import logging

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ...tools import masking
from ..contact.customer_followup import DONE, MISSED, OPEN_STATES, PLANNED

_logger = logging.getLogger(__name__)
BATCH = 200


class CustomerFollowup(models.Model):
    _inherit = "customer.followup"

    @api.model
    def _to_send_domain(self):
        return (
            Domain("state", "=", PLANNED)
            & Domain("channel_id.is_automatic", "=", True)
            & Domain("date_planned", "<=", fields.Datetime.now())
            & Domain("error", "=", False)
            & Domain("is_paused", "=", False)
        )

    @api.model
    def _cron_send(self):
        """Send what is due on channels that need nobody, one customer at a time."""
        cron, domain = self.env["ir.cron"], self._to_send_domain()
        ids = self.search(domain, order="date_planned, id", limit=BATCH).ids
        if not cron._commit_progress(remaining=self.search_count(domain)):
            return
        for followup_id in ids:
            self.browse(followup_id)._send_safely(domain)
            if not cron._commit_progress(1):
                break

    def _send_safely(self, domain):
        """Send one contact unless another process has it; note on it why it cannot be sent."""
        self._one_safely(domain, lambda free: free._send())

    def _one_safely(self, domain, work):
        """Do ``work`` with one contact if it is free and still in ``domain``; note why it fails."""
        try:
            with self.env.cr.savepoint():
                work(self.try_lock_for_update(allow_referencing=True).filtered_domain(domain))
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            # Changed by another process meanwhile: the next run sees what is left.
            self.env.invalidate_all()
        except Exception as error:
            self.env.invalidate_all()
            self._note_error(error)

    def _note_error(self, error):
        """Set the contact aside, with the reason, until somebody mends it and sends again."""
        self.error = masking.error(error)
        _logger.warning("Follow-up %s is set aside: %s", self.id, self.error)

    def _send(self):
        """Send the contacts the gate allows now; put off or withhold the others."""
        verdicts, now = self._gate(), fields.Datetime.now()
        for followup in self:
            verdict = verdicts[followup.id]
            if followup.date_expiry and followup.date_expiry < now:
                followup._end(MISSED, "expired")
            elif verdict.state == "blocked":
                followup._withhold(verdict.reason)
            elif verdict.until:
                followup._put_off(verdict.until)
            else:
                getattr(followup, f"_send_{followup.channel_id.kind}")()
                followup._sent()

    def _sent(self):
        outcome = self._sent_outcome()
        self._note_attempt(outcome)
        self.write({"state": DONE, "outcome_id": outcome.id})

    @api.model
    def _sent_outcome(self):
        return self.env.ref("customer_followup.customer_followup_outcome_sent")

    def action_send_again(self):
        """Let contacts that could not be sent be tried once more."""
        self.filtered(lambda followup: followup.state in OPEN_STATES).error = False
        self.env.ref("customer_followup.ir_cron_send").sudo()._trigger()
        return True
