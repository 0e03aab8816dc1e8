import logging

from odoo import Command, api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ...tools import masking

_logger = logging.getLogger(__name__)
BATCH = 200


class CustomerOwnership(models.Model):
    _inherit = "customer.ownership"

    error = fields.Char(
        readonly=True, copy=False, help="Why the handover its team asks for could not be opened."
    )


class CustomerHandover(models.Model):
    """Handovers that are due because so many months have passed."""

    _inherit = "customer.handover"

    @api.model
    def _cron_handover(self):
        """Open the handovers teams ask for by months, and tell of those that are late."""
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=1)
        while True:
            count = self._open_due_batch()
            left = cron._commit_progress(count, remaining=int(count == BATCH))
            if count < BATCH or not left:
                break
        for handover in self.search(self._warn_domain(), limit=BATCH):
            handover._warn_safely()
            cron._commit_progress(1)

    @api.model
    def _open_due_batch(self):
        """Open the handovers of one batch of customers and return how many it held."""
        try:
            due = self._lock_due()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            # Another run changed these rows after this transaction began: the next one looks.
            self.env.cr.rollback()
            return 0
        self._open_safely(due)
        return len(due)

    @api.model
    def _lock_due(self):
        """Lock owners whose months are over, and return the team that says so for each."""
        query = SQL(
            """SELECT owned.id, team.id
                 FROM customer_ownership AS owned
                 JOIN customer_team_member_rel AS member ON member.user_id = owned.user_id
                 JOIN customer_team AS team
                   ON team.id = member.team_id AND team.company_id = owned.company_id
                WHERE owned.role = 'owner' AND owned.date_to IS NULL AND owned.error IS NULL
                  AND team.active AND team.handover_months > 0
                  AND owned.date_from + team.handover_months * interval '1 month' <= %s
                  AND NOT EXISTS (SELECT FROM customer_handover_line AS line
                                   WHERE line.ownership_id = owned.id)
                  AND NOT EXISTS (SELECT FROM customer_handover_line AS line
                                   WHERE line.commercial_partner_id = owned.commercial_partner_id
                                     AND line.company_id = owned.company_id
                                     AND line.state = 'proposed')
                ORDER BY owned.id, team.sequence, team.id
                LIMIT %s FOR NO KEY UPDATE OF owned SKIP LOCKED""",
            fields.Date.context_today(self),
            BATCH,
        )
        self.env.flush_all()
        # That another run was faster is no error to log.
        self.env.cr.execute(query, log_exceptions=False)
        due = {}
        for owned_id, team_id in self.env.cr.fetchall():
            due.setdefault(owned_id, team_id)
        return {
            self.env["customer.ownership"].browse(owned_id): self.env["customer.team"].browse(id_)
            for owned_id, id_ in due.items()
        }

    @api.model
    def _open_safely(self, due):
        """Open handovers, ``{owner: team}``; set the owner aside whose handover cannot be."""
        if not due:
            return
        try:
            with self.env.cr.savepoint():
                self._open_due(due)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:
            self.env.invalidate_all()
            if len(due) > 1:
                for owned, team in due.items():
                    self._open_safely({owned: team})
                return
            (owned,) = due
            owned.error = masking.error(error)
            _logger.warning("Owner %s: no handover by months: %s", owned.id, owned.error)

    @api.model
    def _open_due(self, due):
        # The calendar proposes them, not whoever starts the scheduled action.
        return self.sudo().create(
            [
                {
                    "user_from_id": owned.user_id.id,
                    "team_to_id": team.handover_team_id.id,
                    "company_id": owned.company_id.id,
                    "reason": "months",
                    "line_ids": [
                        Command.create(
                            {
                                "partner_id": owned.commercial_partner_id.id,
                                "ownership_id": owned.id,
                            }
                        )
                    ],
                }
                for owned, team in due.items()
            ]
        )

    def _warn_safely(self):
        try:
            with self.env.cr.savepoint():
                late = self.try_lock_for_update(allow_referencing=True)
                late.filtered_domain(self._warn_domain())._warn()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            # Told or decided by another process meanwhile.
            self.env.invalidate_all()
        except Exception as error:
            self.env.invalidate_all()
            # Listed as late all the same; whom nobody can be told of is not tried each day.
            self.date_warned = fields.Date.context_today(self)
            _logger.warning("Handover %s: nobody could be told: %s", self.id, masking.error(error))
