"""Enroll customers by a rule: ours against plain SQL.

``./dev bench enroll [RECORDS]``. The rule finds the records that match and are not enrolled yet,
reads their customers and dates, gives each customer an agent, checks companies and whether he is
on the plan already. SQL only inserts the same rows into the same table, with all its indexes and
references. Contacts serve as business records, each of them its own customer.
"""

from devtools.bench import _common
from devtools.bench._customers import MARK, Bench

RECORDS = 100_000
# How much smaller the second run of the rule is, to see what grows with the records.
PART = 5
# At most so many times as long as SQL.
BOUND = 4
ROUNDS = 3


class Rule(Bench):
    """Records that match a rule, of customers who are not on its plan yet."""

    table = "customer_followup_enrollment"

    def _enroll(self):
        """Make the rule instead: it is what enrolls here."""
        members = self.env.ref("base.user_admin") | self.env.ref("base.user_root")
        self.plan.team_id.member_ids = members
        self.rule = self.env["customer.followup.rule"].create(
            {
                "name": MARK,
                "model_name": "res.partner",
                "domain": f"[('ref', '=', '{MARK}')]",
                "partner_path": "commercial_partner_id",
                "anchor_path": "create_date",
                "plan_id": self.plan.id,
                "limit_per_run": self.count,
            }
        )

    def _make_activity_plan(self):
        """Make none: Odoo has nothing like a rule."""

    def tidy(self):
        """Enroll nobody."""
        self._remove_left()
        self._trust()
        self._query(f"DELETE FROM {self.table} WHERE plan_id = %s", self.plan.id)
        self.env.cr.commit()
        _common.vacuum(self.env, self.table)

    def allow(self, count):
        """Let a run enroll so many."""
        self.rule.limit_per_run = count
        self.env.cr.commit()

    def by_rule(self):
        """Enroll whoever matches, as the scheduled action does."""
        self.rule._enroll_matches(is_full=True, is_by_hand=True)
        if self.rule.problem:
            raise AssertionError(self.rule.problem)

    def _remove_all(self):
        self._trust()
        self._query(
            f"""DELETE FROM {self.table} WHERE rule_id IN
                (SELECT id FROM customer_followup_rule WHERE name->>'en_US' = %s)""",
            MARK,
        )
        self._query("DELETE FROM customer_followup_rule WHERE name->>'en_US' = %s", MARK)
        super()._remove_all()


def measure(bench):
    """Return the counts of records and the medians of each way to enroll."""
    bench.tidy()
    bench.by_rule()
    bench.keep_rows()
    works = {
        "rule": (lambda: bench.allow(bench.count), bench.by_rule, bench.planned),
        "sql": (None, bench.by_sql, bench.planned),
        "part": (lambda: bench.allow(bench.count // PART), bench.by_rule, bench.planned),
    }
    counts, medians = _common.alternate(bench.env, works, bench.tidy, ROUNDS)
    if counts["rule"] != bench.count or counts["sql"] != bench.count:
        raise AssertionError(f"Not the same rows: {counts}.")
    return counts, medians


def main(env, records=RECORDS, *options):
    """Measure, print and exit."""
    with Rule(env, int(records)) as bench:
        counts, medians = measure(bench)
        if "profile" in options:
            bench.tidy()
            bench.allow(bench.count)
            _common.profile(bench.env, bench.by_rule)
    titles = {
        "rule": "enrollments by a rule",
        "sql": "the same rows by SQL",
        "part": f"enrollments, 1/{PART} of the records",
    }
    _common.report((titles[name], counts[name], medians[name]) for name in titles)
    each = {name: _common.micros(medians[name], counts[name]) for name in titles}
    ratio, linear = each["rule"] / each["sql"], each["rule"] / each["part"]
    more = medians["rule"].queries - medians["part"].queries
    per_batch = more / (counts["rule"] - counts["part"]) * 1000
    print(f"\na rule's time is {ratio:.2f} times that of SQL, at most {BOUND};")
    print(f"an enrollment takes {linear:.2f} times as long as with 1/{PART} of the records,")
    print(f"and a thousand more take {per_batch:.1f} queries more")
    _common.conclude(
        bench="enroll",
        ratio=round(ratio, 2),
        bound=BOUND,
        linear=round(linear, 2),
        queries_per_thousand=round(per_batch, 1),
        ok=ratio <= BOUND,
    )


# `./dev bench` gives both.
main(env, *arguments)  # noqa: F821
