"""The gate: how much of planning it takes.

``./dev bench gate [CUSTOMERS]``. The planner plans the same contacts with the gate and without
it, by turns; without it, it knows no more of people than whose day it is.
"""

from contextlib import ExitStack
from unittest.mock import patch

from odoo.addons.customer_followup.models.contact import customer_followup_enrollment as planner
from odoo.addons.customer_followup.models.contact.batch_gate import BatchGate
from odoo.addons.customer_followup.tools.gate import Facts

from devtools.bench import _common
from devtools.bench._customers import Bench

CUSTOMERS = 10_000
# At most so much of the time of planning, in percent.
BOUND = 12
ROUNDS = 5


def _zones_only(people, company=None):
    """Return what a planner must know of people that asks no gate."""
    zones = people.sudo()._customer_zones(company)
    return {id_: Facts(False, zone, None, None) for id_, zone in zones.items()}


def without_gate(bench):
    """Plan all customers that are due without the gate."""
    people = type(bench.env["res.partner"])
    with ExitStack() as stack:
        for owner, name, value in (
            (people, "_contact_facts", _zones_only),
            (people, "_contacts_made", lambda _people, _purposes, but=None: {}),
            (BatchGate, "pass_through", lambda _gate, _vals, _row, _step: None),
        ):
            stack.enter_context(patch.object(owner, name, value))
        bench.by_planner()


def main(env, customers=CUSTOMERS):
    """Measure, print and exit."""
    with Bench(env, int(customers)) as bench:
        works = {
            "with": (lambda: bench.due(bench.count), bench.by_planner, bench.planned),
            "without": (
                lambda: bench.due(bench.count),
                lambda: without_gate(bench),
                bench.planned,
            ),
        }
        counts, best = _common.alternate(bench.env, works, bench.tidy, ROUNDS)
        batches = -(-bench.count // planner.BATCH)
    titles = {"with": "contacts, with the gate", "without": "contacts, without it"}
    _common.report((titles[name], counts[name], best[name]) for name in titles)
    share = (1 - best["without"].seconds / best["with"].seconds) * 100
    queries = (best["with"].queries - best["without"].queries) / batches
    print(f"\nthe gate takes {share:.1f} % of planning, at most {BOUND} %,")
    print(f"and {queries:.0f} queries for a batch of {planner.BATCH} customers")
    _common.conclude(
        bench="gate", share=round(share, 1), bound=BOUND, queries=round(queries), ok=share <= BOUND
    )


# `./dev bench` gives both.
main(env, *arguments)  # noqa: F821
