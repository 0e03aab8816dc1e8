from odoo import api, models

from ..who.base_partner_merge import PARTNER, surplus
from .customer_followup_enrollment import MERGED, OPEN_STATES


class CustomerFollowupEnrollment(models.Model):
    """What becomes of the plans of two contacts that are merged."""

    _inherit = "customer.followup.enrollment"

    def _progress(self):
        """Return how many contacts of each row were made; later chapters have them."""
        return dict.fromkeys(self, 0)

    @api.model
    def _stop_merged(self, people):
        """Stop what a plan may not run twice for one customer: the row further along stays."""
        rows = self.search([("partner_id", "in", people.ids)])
        running = rows.filtered(lambda row: row.state in OPEN_STATES)
        progress = running._progress()

        def first(row):
            return -progress[row], row.date_anchor, row.id

        # A rule takes a contact once, in whatever company.
        by_rule = running.filtered(
            lambda row: row.rule_id and row.res_model == PARTNER and row.res_id in people.ids
        )
        ended = surplus(by_rule, lambda row: row.rule_id, first)
        alone = (running - ended).filtered(
            lambda row: row.plan_id.reenrollment != "record" or not row.rule_id
        )
        ended |= surplus(alone, _place, first)
        over = rows.filtered(
            lambda row: (
                row.plan_id.reenrollment == "never"
                and row.state not in OPEN_STATES
                and row.stop_code != MERGED
            )
        )
        places = {_place(row) for row in over}
        ended |= running.filtered(lambda row: _place(row) in places)
        if ended:
            ended._stop(MERGED)


def _place(row):
    return row.plan_id, row.company_id
