"""Look after promises: what is due costs, what is only open does not.

``./dev bench sla-tick [PROMISES]``. The scheduled action finds one in a hundred promises broken,
records that, and tells their handlers, by turns with a tenth as many open ones beside them, with a
tenth as many due, and with none due.
"""

from odoo import Command

from devtools.bench import _common
from devtools.bench._customers import AWAY, MARK, Bench

PROMISES = 100_000
SHARE = 100
HANDLERS = 20
# The same work beside ten times as many open promises takes at most so many times as long.
BOUND = 1.3
# A run with nothing due takes at most this share of one with one in a hundred due, in percent.
BOUND_IDLE = 5
TABLES = ("customer_complaint_promise", "customer_complaint_notice", "customer_complaint")


class TickBench(Bench):
    """Promises of complaints, some of which are due."""

    table = "customer_complaint_promise"

    def _make(self):
        self._query(
            "UPDATE customer_complaint_promise SET date_check = date_check + interval %s"
            " WHERE date_check < now() + interval '1 year'",
            AWAY,
        )
        self.env = self.env(context={**self.env.context, "tracking_disable": True})
        self.env["customer.sla.policy"].search([]).active = False
        self.policy = self.env["customer.sla.policy"].create(
            {
                "name": MARK,
                "target_ids": [
                    Command.create({"kind": kind, "count": 2, "unit": "hours"})
                    for kind in ("first_answer", "solution", "closure")
                ],
            }
        )
        users = self.env["res.users"].with_context(no_reset_password=True)
        handlers = users.create(
            [{"name": MARK, "login": f"{MARK} {number}"} for number in range(HANDLERS)]
        )
        complaints = self.env["customer.complaint"].create(
            [{"title": MARK, "user_id": user.id} for user in handlers]
        )
        self.env.flush_all()
        first = complaints[0].promise_ids[0]
        self._multiply(
            self.table,
            first.id,
            "generate_series(1, %s) AS number",
            {"complaint_id": "(%s::int[])[1 + number %% %s]"},
            (complaints.ids, HANDLERS, self.count - 3 * HANDLERS),
        )
        self._query(f"ANALYZE {', '.join(TABLES)}")
        self.env.cr.commit()

    def _remove_all(self):
        policies = "policy_id IN (SELECT id FROM customer_sla_policy WHERE name->>'en_US' = %s)"
        self._delete("customer_complaint_promise", policies, MARK)
        self._delete("customer_complaint", "title = %s", MARK)
        self._delete("customer_sla_policy", "name->>'en_US' = %s", MARK)
        self._query("UPDATE customer_sla_policy SET active = true")
        users = self.env["res.users"].with_context(active_test=False)
        users = users.search([("login", "=like", f"{MARK}%")])
        partners = users.partner_id
        users.unlink()
        partners.unlink()
        self.env.cr.commit()

    def tidy(self):
        """Remove all notices; no promise is due."""
        self._remove_left()
        self._query(
            "DELETE FROM customer_complaint_notice USING customer_complaint_promise AS promise"
            " WHERE promise.id = promise_id AND promise.policy_id = %s",
            self.policy.id,
        )
        self._query(
            "UPDATE customer_complaint_promise SET state = 'open', date_missed = NULL,"
            " missed_user_id = NULL, kept = NULL, date_warned = now() - interval '1 hour',"
            " date_deadline = now() + interval '9 days', date_check = now() + interval '9 days'"
            " WHERE policy_id = %s",
            self.policy.id,
        )
        self.env.cr.commit()
        _common.vacuum(self.env, *TABLES)

    def prepare(self, count_open, count_due):
        """Make so many promises open, and so many of them due."""
        past = "now() AT TIME ZONE 'UTC' - interval '1 minute'"
        self._query(
            f"""UPDATE customer_complaint_promise AS promise
                  SET state = CASE WHEN number <= {count_open} THEN 'open' ELSE 'met' END,
                      date_deadline = CASE WHEN number <= {count_due} THEN {past}
                                           ELSE date_deadline END,
                      date_check = CASE WHEN number <= {count_due} THEN {past}
                                        WHEN number <= {count_open} THEN date_check END
                 FROM (SELECT id, row_number() OVER (ORDER BY id) AS number
                         FROM customer_complaint_promise WHERE policy_id = %s) AS one
                WHERE one.id = promise.id""",
            self.policy.id,
        )
        self.env.cr.commit()
        _common.vacuum(self.env, *TABLES)

    def by_tick(self):
        """Do what the scheduled action does."""
        self.env["customer.complaint.promise"]._cron_tick()

    def missed(self):
        """Return how many promises were found broken."""
        return self._value(
            "SELECT count(*) FROM customer_complaint_promise"
            " WHERE policy_id = %s AND state = 'missed'",
            self.policy.id,
        )


def main(env, promises=PROMISES):
    """Measure, print and exit."""
    with TickBench(env, int(promises)) as bench:
        count, due = bench.count, bench.count // SHARE
        cases = {
            "many": (count, due),
            "few": (count // 10, due),
            "tenth": (count, due // 10),
            "idle": (count, 0),
        }
        works = {
            name: (lambda case=case: bench.prepare(*case), bench.by_tick, bench.missed)
            for name, case in cases.items()
        }
        counts, best = _common.alternate(bench.env, works, bench.tidy)
        if counts != {name: case[1] for name, case in cases.items()}:
            raise AssertionError(f"Not what is due was done: {counts}.")
    _common.report(
        (f"{cases[name][1]} due of {cases[name][0]} open", max(counts[name], 1), best[name])
        for name in cases
    )
    ratio = best["many"].seconds / best["few"].seconds
    idle = best["idle"].seconds / best["many"].seconds * 100
    print(
        f"\nbeside ten times as many open ones it takes {ratio:.2f} times as long, at most {BOUND};"
    )
    print(f"with nothing due {idle:.2f} % of the time, at most {BOUND_IDLE} %")
    _common.conclude(
        bench="sla-tick",
        ratio=round(ratio, 2),
        bound=BOUND,
        idle=round(idle, 2),
        ok=ratio <= BOUND and idle <= BOUND_IDLE,
    )


# `./dev bench` gives both.
main(env, *arguments)  # noqa: F821
