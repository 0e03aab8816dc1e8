"""Open the complaint board: our kanban against the pipeline of Odoo's CRM, with as many rows.

``./dev bench board [COMPLAINTS]``, as ``./dev bench desk``. Complaints are spread over the open
stages.
"""

from devtools.bench import _boards
from devtools.bench._boards import EACH, PAIRS
from devtools.bench._customers import MARK

COMPLAINTS = 1_000_000


class ComplaintBoardBench(_boards.BoardBench):
    """Open complaints, spread over the stages."""

    model = "customer.complaint"

    def _make_rows(self):
        stages = self.env["customer.complaint.stage"].search([("meaning", "!=", "closed")])
        first = self.env["customer.complaint"].create(
            {
                "title": MARK,
                "partner_id": self.partners[:1].id,
                "team_id": self.team.id,
            }
        )
        self.env.flush_all()
        place = f"1 + (customer + turn) %% {len(stages)}"
        self._multiply(
            "customer_complaint",
            first.id,
            PAIRS,
            {
                "name": "'B' || customer || '-' || turn",
                "partner_id": "customer",
                "commercial_partner_id": "customer",
                "user_id": self._whose("customer"),
                "priority": "(customer %% 3)::text",
                "stage_id": f"(ARRAY{stages.ids})[{place}]",
                "state": f"(ARRAY{stages.mapped('meaning')})[{place}]",
                "next_kind": "'closure'",
                "next_state": "'open'",
                "date_next": "date_deadline + customer * interval '1 minute'",
                "date_next_warn": "date_deadline",
            },
            (EACH, MARK),
        )


def main(env, complaints=COMPLAINTS, *options):
    """Measure, print and exit."""
    _boards.compare(
        ComplaintBoardBench(env, int(complaints)),
        options,
        title="Board",
        board=("customer_followup.customer_complaint_action", "stage_id"),
    )


# `./dev bench` gives both.
main(env, *arguments)  # noqa: F821
