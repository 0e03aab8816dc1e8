"""Open the Desk: our kanban against the pipeline of Odoo's CRM, with as many rows.

``./dev bench desk [CONTACTS]``. Both boards are asked what the browser asks: columns with their
first cards and all that stands on them, and the progress bars. An agent looks at one row in
a hundred, the agent's own, and a manager at all of them. Four in ten contacts are open,
spread over the columns; all opportunities are open, spread over the stages.
"""

from datetime import timedelta

from odoo import fields

from devtools.bench import _boards
from devtools.bench._boards import EACH, PAIRS
from devtools.bench._customers import MARK

CONTACTS = 1_000_000


class DeskBench(_boards.BoardBench):
    """Contacts of which four in ten are open, spread over the columns of the Desk."""

    model = "customer.followup"

    def _make_rows(self):
        """Of ten contacts six are done, and one each late, due today, waiting and to come."""
        channel = self.env.ref("customer_followup.customer_channel_phone")
        outcome = self.env.ref("customer_followup.customer_followup_outcome_reached")
        now = fields.Datetime.now()
        first = self.env["customer.followup"].create(
            {
                "name": "Call",
                "partner_id": self.partners[:1].id,
                "team_id": self.team.id,
                "purpose_id": self.env.ref("customer_followup.customer_purpose_service").id,
                "channel_id": channel.id,
                "date_planned": now,
                "date_deadline": now + timedelta(hours=8),
            }
        )
        self.env.flush_all()
        start = (
            "one.date_planned + CASE WHEN turn <= 6 THEN -1 - (customer %% 300) WHEN turn = 7"
            " THEN -1 - (customer %% 20) WHEN turn = 10 THEN 1 + customer %% 20 ELSE 0 END"
            " * interval '1 day'"
        )
        self._multiply(
            "customer_followup",
            first.id,
            PAIRS,
            {
                "partner_id": "customer",
                "commercial_partner_id": "customer",
                "user_id": self._whose("customer"),
                "state": "CASE WHEN turn <= 6 THEN 'done' WHEN turn = 9 THEN 'waiting'"
                " ELSE 'planned' END",
                "outcome_id": f"CASE WHEN turn <= 6 THEN {outcome.id} END",
                "timeliness": "CASE WHEN turn <= 6 THEN 'on_time' END",
                "priority": "(customer %% 4)::text",
                "date_planned": f"CASE WHEN turn = 9 THEN one.date_deadline ELSE {start} END",
                "date_deadline": f"CASE WHEN turn = 9 THEN one.date_deadline ELSE {start} END",
                "date_done": f"CASE WHEN turn <= 6 THEN {start} END",
            },
            (EACH, MARK),
        )


def main(env, contacts=CONTACTS, *options):
    """Measure, print and exit."""
    _boards.compare(
        DeskBench(env, int(contacts)),
        options,
        title="Desk",
        board=("customer_followup.customer_followup_action_desk", "bucket"),
    )


# `./dev bench` gives both.
main(env, *arguments)  # noqa: F821
