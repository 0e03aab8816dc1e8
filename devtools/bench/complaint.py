"""Note complaints with three promises each, against OCA's helpdesk with as many SLAs.

``./dev bench complaint [COMPLAINTS]``. Both make as many cases of one customer for
the current user, without any mail, and count in the same working hours.
"""

from odoo import Command

from devtools.bench import _common
from devtools.bench._customers import MARK, Bench

COMPLAINTS = 1000
# At most so much of the time of the other, and so many queries for each complaint.
BOUND = 1 / 5
BOUND_QUERIES = 3
HOURS = (2, 8, 40)
TABLES = ("customer_complaint", "customer_complaint_promise", "customer_complaint_clock")
CUSTOMERS = "partner_id IN (SELECT id FROM res_partner WHERE ref = %s)"
THEIRS = ("helpdesk_ticket", "helpdesk_ticket_sla")


class ComplaintBench(Bench):
    """One customer with much to complain about."""

    def _make(self):
        self.env = self.env(user=self.env.ref("base.user_admin").id)
        self.partner = self.env["res.partner"].create({"name": MARK, "ref": MARK})
        self.env["customer.sla.policy"].search([]).active = False
        kinds = zip(("first_answer", "solution", "closure"), HOURS, strict=True)
        self.env["customer.sla.policy"].create(
            {
                "name": MARK,
                "target_ids": [
                    Command.create({"kind": kind, "count": hours, "unit": "business_hours"})
                    for kind, hours in kinds
                ],
            }
        )
        self.helpdesk = self.env["helpdesk.ticket.team"].create(
            {"name": MARK, "use_sla": True, "user_ids": [Command.set([self.env.uid])]}
        )
        stages = self.env["helpdesk.ticket.stage"].search([], order="sequence")
        self.env["helpdesk.sla"].search([]).active = False
        self.env["helpdesk.sla"].create(
            [
                {
                    "name": MARK,
                    "team_ids": self.helpdesk.ids,
                    "hours": hours,
                    "stage_id": stages[-1].id,
                }
                for hours in HOURS
            ]
        )
        self.env.cr.commit()

    def tidy(self):
        """Remove what was made."""
        self._remove_left()
        self._remove_cases()
        self.env.cr.commit()
        _common.vacuum(self.env, *TABLES, *THEIRS)

    def _remove_cases(self):
        # Whose promises and holds go with them.
        self._delete("customer_complaint", "title = %s", MARK)
        self._delete("customer_contact_hold", CUSTOMERS, MARK)
        self._delete("helpdesk_ticket", "name = %s", MARK)

    def _remove_all(self):
        self._remove_cases()
        self._delete("customer_sla_policy", "name->>'en_US' = %s", MARK)
        self._delete("helpdesk_sla", "name = %s", MARK)
        self._delete("helpdesk_ticket_team", "name->>'en_US' = %s", MARK)
        self._query("UPDATE customer_sla_policy SET active = true")
        self._query("UPDATE helpdesk_sla SET active = true")
        self._delete("res_partner", "ref = %s", MARK)
        self.env.cr.commit()

    def complain(self):
        """Note the complaints."""
        vals = {"title": MARK, "partner_id": self.partner.id, "user_id": self.env.uid}
        self.env["customer.complaint"].create([dict(vals) for _n in range(self.count)])

    def complained(self):
        """Return how many promises were made."""
        return self._value(
            "SELECT count(*) FROM customer_complaint_promise AS promise"
            " JOIN customer_complaint AS one ON one.id = complaint_id WHERE title = %s",
            MARK,
        )

    def open_tickets(self):
        """Make the tickets."""
        vals = {
            "name": MARK,
            "description": MARK,
            "partner_id": self.partner.id,
            "user_id": self.env.uid,
            "team_id": self.helpdesk.id,
        }
        self.env["helpdesk.ticket"].create([dict(vals) for _n in range(self.count)])

    def opened(self):
        """Return how many SLAs the tickets have."""
        return self._value(
            "SELECT count(*) FROM helpdesk_ticket_sla AS sla"
            " JOIN helpdesk_ticket AS ticket ON ticket.id = ticket_id WHERE ticket.name = %s",
            MARK,
        )


def main(env, complaints=COMPLAINTS):
    """Measure, print and exit."""
    with ComplaintBench(env, int(complaints)) as bench:
        works = {
            "ours": (None, bench.complain, bench.complained),
            "theirs": (None, bench.open_tickets, bench.opened),
        }
        counts, best = _common.alternate(bench.env, works, bench.tidy)
        if set(counts.values()) != {bench.count * len(HOURS)}:
            raise AssertionError(f"Not three promises each: {counts}.")
    _common.report(
        (title, bench.count, best[name])
        for name, title in (("ours", "complaints"), ("theirs", "tickets of helpdesk_mgmt_sla"))
    )
    ratio = best["ours"].seconds / best["theirs"].seconds
    queries = best["ours"].queries / bench.count
    print(f"\na complaint takes {ratio:.3f} of the time of a ticket, at most {BOUND:.3f},")
    print(f"and {queries:.2f} queries, at most {BOUND_QUERIES}")
    _common.conclude(
        bench="complaint",
        ratio=round(ratio, 3),
        bound=round(BOUND, 3),
        queries=round(queries, 2),
        ok=ratio <= BOUND and queries <= BOUND_QUERIES,
    )


# `./dev bench` gives both.
main(env, *arguments)  # noqa: F821
