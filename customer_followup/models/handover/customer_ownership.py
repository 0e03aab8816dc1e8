import logging

from dateutil.relativedelta import relativedelta

from odoo import Command, api, fields, models
from odoo.tools import SQL

from ...tools import masking

_logger = logging.getLogger(__name__)
BATCH = 200


class CustomerOwnership(models.Model):
    """An owner whose team hands customers over after a number of months."""

    _name = "customer.ownership"
    _inherit = ["customer.ownership", "customer.batch.mixin"]

    error = fields.Char(
        readonly=True, copy=False, help="Why the handover its team asks for could not be opened."
    )

    @api.model
    def _open_due_handovers(self):
        """Open the handovers of owners whose months are over, and say whether time is left."""
        return self._run_batches(
            lambda: self._run_batch(self._due_query(), lambda rows: rows._open_handovers()), BATCH
        )

    @api.model
    def _due_query(self):
        # Which day it is where a company works is not confidential.
        companies = self.env["res.company"]._all_companies()
        return SQL(
            """SELECT owned.id
                 FROM customer_ownership AS owned
                 JOIN unnest(%s, %s::date[]) AS company(id, today)
                   ON company.id = owned.company_id
                WHERE owned.role = 'owner' AND owned.error IS NULL
                  AND (owned.date_to IS NULL OR owned.date_to >= company.today)
                  AND EXISTS (
                      SELECT FROM customer_team_member_rel AS member
                        JOIN customer_team AS team
                          ON team.id = member.team_id AND team.company_id = owned.company_id
                       WHERE member.user_id = owned.user_id
                         AND team.active AND team.handover_months > 0
                         AND owned.date_from + team.handover_months * interval '1 month'
                             <= company.today)
                  AND NOT EXISTS (SELECT FROM customer_handover_line AS line
                                   WHERE line.ownership_id = owned.id)
                  AND NOT EXISTS (SELECT FROM customer_handover_line AS line
                                   WHERE line.commercial_partner_id = owned.commercial_partner_id
                                     AND line.company_id = owned.company_id
                                     AND line.state = 'proposed')
                ORDER BY owned.id
                LIMIT %s FOR NO KEY UPDATE OF owned SKIP LOCKED""",
            companies.ids,
            [company._customer_day() for company in companies],
            BATCH,
        )

    def _team_due(self):
        """Return the first team of the owner by whose months the customer is handed over."""
        today = self.company_id._customer_day()
        return self.user_id.customer_team_ids.filtered(
            lambda team: (
                team.active
                and team.company_id == self.company_id
                and team.handover_months
                and self.date_from + relativedelta(months=team.handover_months) <= today
            )
        )[:1]

    def _open_handovers(self):
        """Propose each customer to the next team, and return the handovers."""
        # The months propose them, not the user who runs the scheduled action.
        return (
            self.env["customer.handover"]
            .sudo()
            .create(
                [
                    {
                        "user_from_id": owned.user_id.id,
                        "team_to_id": owned._team_due().handover_team_id.id,
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
                    for owned in self.sudo()
                ]
            )
        )

    def _park(self, error):
        self.error = masking.error(error)
        _logger.warning("Owner %s: no handover by months: %s", self.id, self.error)
