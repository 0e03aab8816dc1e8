"""Plan contacts: our planner against plain SQL and against Odoo's activity plans.

``./dev bench plan [CUSTOMERS]``. All three make their rows in one database, by turns. The
planner chooses dates in each customer's own zone, asks the gate, and notes when to look again;
SQL only inserts the same rows into the same table, with all its indexes and references. All
records belong to the user who makes them, and no mail is sent. Each customer has two contacts.
"""

from devtools.bench import _common
from devtools.bench._customers import Bench

CUSTOMERS = 10_000
# How much smaller the second run of the planner is, to see whether its time grows in proportion.
PART = 5
# At most so many times as long as SQL; at least so many times as fast as activity plans.
BOUND, BOUND_ACTIVITY = 3.5, 20
# How many rounds for up to so many customers: large ones take minutes each.
ROUNDS = ((20_000, 5), (100_000, 3), (10**9, 1))


def measure(bench):
    """Return the counts of records and the best measures of each way."""
    part = bench.count // PART
    bench.tidy()
    bench.due(bench.count)
    bench.by_planner()
    bench.keep_rows()
    rows = bench.planned()
    works = {
        "planner": (lambda: bench.due(bench.count), bench.by_planner, bench.planned),
        "sql": (None, bench.by_sql, bench.planned),
        "part": (lambda: bench.due(part), bench.by_planner, bench.planned),
        "activity": (None, bench.by_activity_plan, bench.scheduled),
    }
    rounds = next(count for most, count in ROUNDS if bench.count <= most)
    counts, best = _common.alternate(bench.env, works, bench.tidy, rounds)
    if counts["planner"] != rows or counts["sql"] != rows or rows != 2 * bench.count:
        raise AssertionError(f"Not the same rows: {counts}, {rows} at first.")
    return counts, best


def profile(bench):
    """Print where the planner spends its time."""
    bench.tidy()
    bench.due(bench.count)
    _common.profile(bench.env, bench.by_planner)


def main(env, customers=CUSTOMERS, *options):
    """Measure, print and exit."""
    with Bench(env, int(customers)) as bench:
        counts, best = measure(bench)
        if "profile" in options:
            profile(bench)
    titles = {
        "planner": "contacts by our planner",
        "sql": "the same rows by SQL",
        "part": f"contacts, 1/{PART} of the customers",
        "activity": "activities by Odoo's plan",
    }
    _common.report((titles[name], counts[name], best[name]) for name in titles)
    each = {name: _common.micros(best[name], counts[name]) for name in titles}
    ratio, ratio_activity = each["planner"] / each["sql"], each["activity"] / each["planner"]
    linear = each["planner"] / each["part"]
    print(f"\nour planner's time is {ratio:.2f} times that of SQL, at most {BOUND},")
    print(f"an activity plan's {ratio_activity:.1f} times that of ours, at least {BOUND_ACTIVITY};")
    print(f"a contact takes {linear:.2f} times as long as with 1/{PART} of the customers")
    _common.conclude(
        bench="plan",
        ratio=round(ratio, 2),
        bound=BOUND,
        ratio_activity=round(ratio_activity, 1),
        bound_activity=BOUND_ACTIVITY,
        linear=round(linear, 2),
        ok=ratio <= BOUND and ratio_activity >= BOUND_ACTIVITY,
    )


# `./dev bench` gives both.
main(env, *arguments)  # noqa: F821
