"""Plan contacts: our planner against plain SQL and against Odoo's activity plans.

``./dev bench plan [CUSTOMERS]``. All three make their rows in one database, by turns. The
planner chooses dates in each customer's own zone, asks the gate, and notes when to look again;
SQL only inserts the same rows into the same table, with all its indexes and references. All
records belong to the user who makes them, and no mail is sent.
"""

from datetime import timedelta

from odoo import fields

from devtools.bench import _common

CUSTOMERS = 10_000
# An activity plan takes so long that few customers tell enough.
ACTIVITY_CUSTOMERS = 500
# How much smaller the second run of the planner is, to see whether its time grows in proportion.
PART = 5
# At most so many times as long as SQL; at least so many times as fast as activity plans.
BOUND, BOUND_ACTIVITY = 5, 20
MARK = "customer_followup bench"
BULK = 1000
COUNTRIES = ("base.fr", "base.jp", "base.uk")
ANCHOR_HOURS = 20 * 24
# Where the works leave rows, those that refer to others first.
LEFT = (
    "mail_activity",
    "mail_message",
    "mail_followers",
    "mail_activity_schedule",
    "ir_cron_trigger",
    "bus_bus",
    "customer_contact_refusal",
    "customer_followup",
)
MADE = (
    ("customer_followup", "partner_id IN (SELECT id FROM res_partner WHERE ref = %s)"),
    ("customer_followup_enrollment", "partner_id IN (SELECT id FROM res_partner WHERE ref = %s)"),
    ("customer_followup_plan", "name->>'en_US' = %s"),
    ("customer_team", "name->>'en_US' = %s"),
    ("mail_activity_plan", "name = %s"),
    ("res_partner", "ref = %s"),
)
# The planner takes whatever is due: what is not ours waits far in the future meanwhile.
AWAY = "100 years"


class Bench:
    """Customers on a plan, three ways to plan their contacts, and no trace of it afterwards."""

    def __init__(self, env, count):
        self.env = env(context={"lang": "en_US", "mail_notify_force_send": False})
        self.count = count

    def __enter__(self):
        self._remove_all()
        self.last = {table: self._value(f"SELECT max(id) FROM {table}") or 0 for table in LEFT}
        self._query(
            "UPDATE customer_followup_enrollment SET date_next = date_next + interval %s", AWAY
        )
        self._make()
        return self

    def __exit__(self, *_error):
        self.env.cr.rollback()
        self._remove_left()
        self._remove_all()

    def _query(self, statement, *values):
        self.env.cr.execute(statement, values)

    def _value(self, statement, *values):
        self._query(statement, *values)
        return self.env.cr.fetchone()[0]

    def _make(self):
        self.partners = self._make_partners()
        self.plan = self._make_plan()
        self._enroll()
        self.activity_plan = self._make_activity_plan()
        self.env.cr.commit()

    def _make_partners(self):
        countries = [self.env.ref(name).id for name in COUNTRIES]
        partners = self.env["res.partner"].with_context(tracking_disable=True)
        for start in range(0, self.count, BULK):
            partners += partners.create(
                [
                    {
                        "name": f"Customer {number}",
                        "ref": MARK,
                        "phone": f"+3361{number:07}",
                        "email": f"customer.{number}@example.com",
                        "country_id": countries[number % len(countries)],
                    }
                    for number in range(start, min(start + BULK, self.count))
                ]
            )
        return partners

    def _make_plan(self):
        """Make a plan like the one that comes along: two contacts soon, one after two months."""
        steps = (
            (3, "days", "customer_followup.customer_channel_phone"),
            (7, "days", "customer_followup.customer_channel_email"),
            (2, "months", "customer_followup.customer_channel_phone"),
        )
        plan = self.env["customer.followup.plan"].create(
            {
                "name": MARK,
                "purpose_id": self.env.ref("customer_followup.customer_purpose_service").id,
                "lawful_basis": "contract",
                "team_id": self.env["customer.team"].create({"name": MARK}).id,
                "step_ids": [
                    fields.Command.create(
                        {
                            "name": f"After {count} {unit}",
                            "offset_count": count,
                            "offset_unit": unit,
                            "channel_id": self.env.ref(channel).id,
                        }
                    )
                    for count, unit, channel in steps
                ],
            }
        )
        plan.action_run()
        return plan

    def _enroll(self):
        self.now = fields.Datetime.now()
        for start in range(0, self.count, BULK):
            self.env["customer.followup.enrollment"].create(
                [
                    {
                        "plan_id": self.plan.id,
                        "partner_id": partner.id,
                        "user_id": self.env.uid,
                        "team_id": self.plan.team_id.id,
                        "date_anchor": self.now - timedelta(hours=partner.id % ANCHOR_HOURS),
                    }
                    for partner in self.partners[start : start + BULK]
                ]
            )

    def _make_activity_plan(self):
        """Make Odoo's plan with the contacts ours has soon."""
        return self.env["mail.activity.plan"].create(
            {
                "name": MARK,
                "res_model": "res.partner",
                "template_ids": [
                    fields.Command.create(
                        {
                            "summary": step.name,
                            "delay_count": step.offset_count,
                            "delay_unit": step.offset_unit,
                            "delay_from": "after_plan_date",
                            "responsible_type": "on_demand",
                        }
                    )
                    for step in self.plan.step_ids[:2]
                ],
            }
        )

    def tidy(self):
        """Remove what was planned, and have nobody due."""
        self._remove_left()
        self._query(
            "UPDATE customer_followup_enrollment SET date_next = NULL WHERE plan_id = %s",
            self.plan.id,
        )
        self.env.cr.commit()
        _common.vacuum(self.env, *LEFT, "customer_followup_enrollment")

    def due(self, count):
        """Let the first ``count`` customers be due."""
        self._query(
            """UPDATE customer_followup_enrollment SET date_next = %s
                WHERE id IN (SELECT id FROM customer_followup_enrollment
                              WHERE plan_id = %s ORDER BY id LIMIT %s)""",
            *(self.now, self.plan.id, count),
        )
        self.env.cr.commit()

    def planned(self):
        """Return how many contacts there are."""
        return self._value(
            "SELECT count(*) FROM customer_followup WHERE plan_id = %s", self.plan.id
        )

    def by_planner(self):
        """Plan the contacts of whoever is due, as the scheduled action does."""
        self.env["customer.followup.enrollment"]._cron_plan()

    def keep_rows(self):
        """Keep a copy of the contacts there are, for :meth:`by_sql`."""
        self._query(
            "CREATE TABLE customer_followup_bench AS SELECT * FROM customer_followup"
            " WHERE plan_id = %s ORDER BY id",
            self.plan.id,
        )
        self._query("ANALYZE customer_followup_bench")
        self.env.cr.commit()
        self._query(
            """SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
                WHERE attrelid = 'customer_followup_bench'::regclass
                  AND attnum > 0 AND attname <> 'id'"""
        )
        self.columns = self.env.cr.fetchone()[0]

    def by_sql(self):
        """Insert the same contacts."""
        self._query(
            f"INSERT INTO customer_followup ({self.columns})"
            f" SELECT {self.columns} FROM customer_followup_bench"
        )

    def by_activity_plan(self):
        """Schedule as many activities per customer through Odoo's own wizard."""
        # People use the wizard, while planning is the scheduled action's work.
        person = self.env.ref("base.user_admin")
        partners = self.partners[:ACTIVITY_CUSTOMERS]
        self.env["mail.activity.schedule"].with_user(person).create(
            {
                "res_model": "res.partner",
                "res_ids": str(partners.ids),
                "plan_id": self.activity_plan.id,
                "plan_on_demand_user_id": person.id,
            }
        ).action_schedule_plan()

    def scheduled(self):
        """Return how many activities there are."""
        return self._value(
            "SELECT count(*) FROM mail_activity WHERE id > %s", self.last["mail_activity"]
        )

    def _remove_left(self):
        for table in LEFT:
            self._query(f"DELETE FROM {table} WHERE id > %s", self.last[table])
        self.env.cr.commit()

    def _remove_all(self):
        """Remove all a bench makes, even one that was broken off."""
        for table, condition in MADE:
            self._query(f"DELETE FROM {table} WHERE {condition}", MARK)
        self._query("DROP TABLE IF EXISTS customer_followup_bench")
        self._query(
            """UPDATE customer_followup_enrollment SET date_next = date_next - interval %s
                WHERE date_next > now() + interval '50 years'""",
            AWAY,
        )
        self.env.cr.commit()


def measure(bench):
    """Return the counts of records and the medians of each way to plan."""
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
    counts, medians = _common.alternate(bench.env, works, bench.tidy)
    if counts["planner"] != rows or counts["sql"] != rows or rows != 2 * bench.count:
        raise AssertionError(f"Not the same rows: {counts}, {rows} at first.")
    return counts, medians


def profile(bench):
    """Print where the planner spends its time."""
    bench.tidy()
    bench.due(bench.count)
    _common.profile(bench.env, bench.by_planner)


def main(env, customers=CUSTOMERS, *options):
    """Measure, print and exit."""
    with Bench(env, int(customers)) as bench:
        counts, medians = measure(bench)
        if "profile" in options:
            profile(bench)
    titles = {
        "planner": "contacts by our planner",
        "sql": "the same rows by SQL",
        "part": f"contacts, 1/{PART} of the customers",
        "activity": "activities by Odoo's plan",
    }
    _common.report((titles[name], counts[name], medians[name]) for name in titles)
    each = {name: _common.micros(medians[name], counts[name]) for name in titles}
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
