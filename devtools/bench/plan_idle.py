"""A planner that finds nothing due: how long it takes with many customers on plans.

``./dev bench plan-idle [CUSTOMERS]``. The time is compared with that of planning them all, which
is that of a sample, in proportion. Every statement that reads our tables must use an index.
"""

from devtools.bench import _common
from devtools.bench._customers import Bench

CUSTOMERS, SAMPLE = 100_000, 5_000
# At most so much of the time that planning them all takes, in percent.
BOUND = 0.2
OURS = ("customer_followup_enrollment", "customer_followup")


def read_statements(bench):
    """Return the statements of an idle planner that read."""
    cursor, statements = bench.env.cr, []
    execute = cursor.execute

    def note(query, params=None, **options):
        execute(query, params, **options)
        # As it was sent, with all its values.
        statements.append(cursor._obj.query.decode())

    cursor.execute = note
    try:
        bench.by_planner()
    finally:
        del cursor.execute
    return [one for one in statements if one.lstrip().upper().startswith("SELECT")]


def scanned(bench):
    """Return our tables that an idle planner reads from end to end."""
    found = set()
    for statement in read_statements(bench):
        bench.env.cr.execute(f"EXPLAIN (FORMAT JSON) {statement}")
        found |= set(_scans(bench.env.cr.fetchone()[0][0]["Plan"]))
    bench.env.cr.rollback()
    return sorted(found & set(OURS))


def _scans(node):
    if node["Node Type"] == "Seq Scan":
        yield node["Relation Name"]
    for below in node.get("Plans", ()):
        yield from _scans(below)


def main(env, customers=CUSTOMERS):
    """Measure, print and exit."""
    customers = int(customers)
    with Bench(env, customers) as bench:
        sample = min(SAMPLE, customers)
        works = {
            "sample": (lambda: bench.due(sample), bench.by_planner, bench.planned),
            "idle": (bench.wait, bench.by_planner, lambda: customers),
        }
        counts, medians = _common.alternate(bench.env, works, bench.tidy)
        # A small table is read from end to end whatever its indexes.
        bench.due(sample)
        bench.by_planner()
        bench.wait()
        tables = scanned(bench)
    _common.report(
        (title, counts[name], medians[name])
        for name, title in (("sample", "contacts planned"), ("idle", "customers, none due"))
    )
    whole = medians["sample"].seconds * customers / sample
    share = medians["idle"].seconds / whole * 100
    print(f"\nan idle run takes {share:.3f} % of planning them all, at most {BOUND} %,")
    print(f"and reads from end to end: {', '.join(tables) or 'no table of ours'}")
    _common.conclude(
        bench="plan-idle",
        share=round(share, 3),
        bound=BOUND,
        scanned=tables,
        ok=share <= BOUND and not tables,
    )


# `./dev bench` gives both.
main(env, *arguments)  # noqa: F821
