"""Enroll customers: a rule against plain SQL.

``./dev bench enroll [RECORDS]``. Both put the same customers on the same plan, by turns. The rule
looks for records that match and are not enrolled yet, reads their customers and dates, chooses
agents and checks companies; SQL only inserts the same rows into the same table, with all its
indexes and references.
"""

from devtools.bench import _common
from devtools.bench._customers import MARK, Bench

RECORDS = 100_000
# At most so many times as long as SQL.
BOUND = 3.5
ROUNDS = 3
BATCH = 1000
TABLE = "customer_followup_enrollment"


class EnrollBench(Bench):
    """Customers who match a rule."""

    def _make(self):
        self.partners = self._make_partners()
        self.plan = self._make_plan()
        self.rule = self.env["customer.followup.rule"].create(
            {
                "name": MARK,
                "model_name": "res.partner",
                "domain": f"[('ref', '=', '{MARK}')]",
                "partner_path": "commercial_partner_id",
                "anchor_path": "create_date",
                "plan_id": self.plan.id,
                "limit_per_run": BATCH,
                "active": True,
                "scope": "all",
            }
        )
        self.env.cr.commit()

    def tidy(self):
        """Take everybody off the plan."""
        self._remove_left()
        self._delete(TABLE, "plan_id = %s", self.plan.id)
        self.env.cr.commit()
        _common.vacuum(self.env, TABLE)

    def by_rule(self):
        """Run the rule until no customer is left, as the scheduled action does."""
        while self.rule._enroll_matches(is_full=True, is_by_hand=True):
            self.env.cr.commit()

    def keep_rows(self):
        """Keep a copy of the rows there are, for :meth:`by_sql`."""
        self._query(
            f"CREATE TABLE customer_followup_bench AS SELECT * FROM {TABLE} WHERE plan_id = %s",
            self.plan.id,
        )
        self.env.cr.commit()
        self._query(
            """SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
                WHERE attrelid = 'customer_followup_bench'::regclass
                  AND attnum > 0 AND attname <> 'id'"""
        )
        self.columns = self.env.cr.fetchone()[0]

    def by_sql(self):
        """Insert the same rows."""
        self._query(
            f"INSERT INTO {TABLE} ({self.columns}) SELECT {self.columns} FROM"
            " customer_followup_bench"
        )

    def enrolled(self):
        """Return how many customers are on the plan."""
        return self._value(f"SELECT count(*) FROM {TABLE} WHERE plan_id = %s", self.plan.id)


def main(env, records=RECORDS):
    """Measure, print and exit."""
    with EnrollBench(env, int(records)) as bench:
        bench.by_rule()
        bench.keep_rows()
        works = {
            "rule": (None, bench.by_rule, bench.enrolled),
            "sql": (None, bench.by_sql, bench.enrolled),
        }
        counts, best = _common.alternate(bench.env, works, bench.tidy, ROUNDS)
        if set(counts.values()) != {bench.count}:
            raise AssertionError(f"Not everybody was enrolled: {counts}.")
    _common.report(
        (title, counts[name], best[name])
        for name, title in (("rule", "enrolled by a rule"), ("sql", "the same rows by SQL"))
    )
    ratio = best["rule"].seconds / best["sql"].seconds
    batch = best["rule"].queries / (bench.count / BATCH)
    print(f"\na rule's time is {ratio:.2f} times that of SQL, at most {BOUND};")
    print(f"a batch of {BATCH} takes {batch:.0f} queries")
    _common.conclude(
        bench="enroll", ratio=round(ratio, 2), bound=BOUND, batch=round(batch), ok=ratio <= BOUND
    )


# `./dev bench` gives both.
main(env, *arguments)  # noqa: F821
