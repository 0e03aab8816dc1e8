"""A planner that finds nothing due: how long it takes with many customers on plans.

``./dev bench plan-idle [CUSTOMERS]``. Some of them are paused, some have contacts that become
pointless, all of it later. The time is compared with that of planning them all, which is that of
a sample, in proportion. Every statement that reads our tables must use an index.
"""

from devtools.bench import _common
from devtools.bench._customers import Bench

CUSTOMERS, SAMPLE = 100_000, 5_000
# At most so much of the time that planning them all takes, in percent.
BOUND = 0.2
OURS = {"customer_followup_enrollment", "customer_followup"}
# What PostgreSQL can explain.
EXPLAINED = ("SELECT", "WITH", "UPDATE", "INSERT", "DELETE")


class IdleBench(Bench):
    """Customers on a plan, none of whom is due."""

    def __init__(self, env, count):
        super().__init__(env, count)
        self.sample = min(SAMPLE, count)

    def wait(self):
        """Plan a sample, then have nothing to do today, neither for it nor for the others."""
        self.due(self.sample)
        self.by_planner()
        self._query(
            """UPDATE customer_followup_enrollment AS enrollment
                  SET date_next = later.moment,
                      state = CASE WHEN later.id %% 10 = 0 THEN 'paused' ELSE 'active' END,
                      date_resume = CASE WHEN later.id %% 10 = 0 THEN later.moment END
                 FROM (SELECT id, %s + (1 + id %% 300) * interval '1 day' AS moment
                         FROM customer_followup_enrollment WHERE plan_id = %s) AS later
                WHERE later.id = enrollment.id""",
            *(self.now, self.plan.id),
        )
        self._query(
            """UPDATE customer_followup SET date_expiry = %s + (1 + id %% 300) * interval '1 day'
                WHERE plan_id = %s""",
            *(self.now, self.plan.id),
        )
        self.env.cr.commit()
        _common.vacuum(self.env, *OURS)

    def statements(self):
        """Return what the planner asks the database, as it was sent, with all values."""
        cursor, sent = self.env.cr, []
        execute = cursor.execute

        def note(query, params=None, **options):
            execute(query, params, **options)
            sent.append(cursor._obj.query.decode().strip())

        cursor.execute = note
        try:
            self.by_planner()
        finally:
            del cursor.execute
        return [one for one in sent if one.upper().startswith(EXPLAINED)]

    def scanned(self):
        """Return our tables that the planner reads from end to end."""
        found = set()
        for statement in self.statements():
            self._query(f"EXPLAIN (FORMAT JSON) {statement.replace('%', '%%')}")
            found |= set(_reads(self.env.cr.fetchone()[0][0]["Plan"]))
        self.env.cr.rollback()
        unread = OURS - {table for _node, table in found}
        if unread:
            raise AssertionError(f"The planner does not look at {unread}: nothing was measured.")
        return sorted({table for node, table in found if node == "Seq Scan"} & OURS)


def _reads(node):
    """Yield how a node of a query plan and those below it read which table."""
    if "Relation Name" in node:
        yield node["Node Type"], node["Relation Name"]
    for below in node.get("Plans", ()):
        yield from _reads(below)


def main(env, customers=CUSTOMERS):
    """Measure, print and exit."""
    with IdleBench(env, int(customers)) as bench:
        works = {
            "sample": (lambda: bench.due(bench.sample), bench.by_planner, bench.planned),
            "idle": (bench.wait, bench.by_planner, lambda: bench.count),
        }
        counts, best = _common.alternate(bench.env, works, bench.tidy)
        tables = bench.scanned()
    _common.report(
        (title, counts[name], best[name])
        for name, title in (("sample", "contacts planned"), ("idle", "customers, none due"))
    )
    whole = best["sample"].seconds * bench.count / bench.sample
    share = best["idle"].seconds / whole * 100
    print(f"\nan idle run takes {share:.4f} % of planning them all, at most {BOUND} %,")
    print(f"calculated from {bench.sample} customers in proportion;")
    print(f"it reads from end to end: {', '.join(tables) or 'no table of ours'}")
    _common.conclude(
        bench="plan-idle",
        share=round(share, 4),
        bound=BOUND,
        scanned=tables,
        ok=share <= BOUND and not tables,
    )


# `./dev bench` gives both.
main(env, *arguments)  # noqa: F821
