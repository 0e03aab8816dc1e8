"""Customers on a plan, made for a measurement and removed after it."""

import sys

from odoo import fields

from devtools.bench import _common

# An activity plan takes so long that few customers tell enough.
ACTIVITY_CUSTOMERS = 500
MARK = "customer_followup bench"
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
    ("customer_followup_rule", "name->>'en_US' = %s"),
    ("customer_followup_plan", "name->>'en_US' = %s"),
    ("customer_team", "name->>'en_US' = %s"),
    ("mail_activity_plan", "name = %s"),
    ("res_partner", "ref = %s"),
)
# A look at each reference to each of their rows would take longer than all else.
LARGE = ("customer_followup", "customer_followup_enrollment", "res_partner")
# As in real life, one of ten customers has no number and one of ten no address: what cannot be
# made is withheld, with the reason.
PHONE = "CASE WHEN number %% 10 <> 0 THEN '+3361' || lpad(number::text, 7, '0') END"
EMAIL = "CASE WHEN number %% 10 <> 1 THEN 'customer.' || number || '@example.com' END"
# The planner takes whatever is due: what is not ours waits far in the future meanwhile.
AWAY = "100 years"


class Bench:
    """Customers on a plan, three ways to plan their contacts, and no trace of it afterwards."""

    # Whose rows are made.
    table = "customer_followup"

    def __init__(self, env, count):
        self.env = env(context={"lang": "en_US", "mail_notify_force_send": False})
        self.count = count
        self.may_trust = self._value("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")

    def __enter__(self):
        # Held until this process ends: each would remove what the other made.
        if not self._value("SELECT pg_try_advisory_lock(hashtext(%s))", MARK):
            sys.exit("Another measurement runs in this database: wait until it has ended.")
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
        tables = {*LEFT, *(table for table, _condition in MADE)}
        _common.vacuum(self.env, *tables, how="FULL, ANALYZE")

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
        """Make the first customer as Odoo does, and the others as copies."""
        first = self.env["res.partner"].create({"name": MARK, "ref": MARK, "tz": False})
        self.env.flush_all()
        countries = [self.env.ref(name).id for name in COUNTRIES]
        self._multiply(
            "res_partner",
            first.id,
            "generate_series(2, %s) AS number",
            {
                "name": "'Customer ' || number",
                "complete_name": "'Customer ' || number",
                "phone": PHONE,
                "phone_sanitized": PHONE,
                "email": EMAIL,
                "email_normalized": EMAIL,
                "country_id": "(%s::int[])[1 + number %% 3]",
                "commercial_partner_id": "NULL",
            },
            (countries, self.count),
        )
        first.write(
            {"phone": "+33610000001", "email": "one@example.com", "country_id": countries[0]}
        )
        self.env.flush_all()
        self._query(
            "UPDATE res_partner SET commercial_partner_id = id WHERE ref = %s AND id <> %s",
            *(MARK, first.id),
        )
        self._query("ANALYZE res_partner")
        return self.env["res.partner"].search([("ref", "=", MARK)], order="id")

    def _multiply(self, table, id_, source, others, values):
        """Copy a row once for each row of ``source``, with the columns ``others`` by SQL."""
        self._query(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
            " AND NOT attisdropped AND attname <> 'id'",
            table,
        )
        names = [name for (name,) in self.env.cr.fetchall()]
        # Nothing here comes from anybody but this file.
        chosen = ", ".join(others.get(name, f'one."{name}"') for name in names)
        columns = ", ".join(f'"{name}"' for name in names)
        self._query(
            f"INSERT INTO {table} ({columns}) SELECT {chosen} FROM {table} AS one, {source}"
            f" WHERE one.id = {id_}",
            *values,
        )
        self.env.invalidate_all()

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
                            "message": "<p>How are you?</p>",
                        }
                    )
                    for count, unit, channel in steps
                ],
            }
        )
        plan.action_run()
        return plan

    def _enroll(self):
        """Enroll the first customer as people do, and the others alike."""
        self.now = fields.Datetime.now()
        first = self.env["customer.followup.enrollment"].create(
            {
                "plan_id": self.plan.id,
                "partner_id": self.partners[:1].id,
                "user_id": self.env.uid,
                "team_id": self.plan.team_id.id,
                "date_anchor": self.now,
            }
        )
        self.env.flush_all()
        self._multiply(
            "customer_followup_enrollment",
            first.id,
            "(SELECT id FROM res_partner WHERE ref = %s AND id <> %s ORDER BY id) AS partner",
            {
                "partner_id": "partner.id",
                "commercial_partner_id": "partner.id",
                "date_anchor": "one.date_anchor"
                f" - partner.id %% {ANCHOR_HOURS} * interval '1 hour'",
            },
            (MARK, self.partners[:1].id),
        )
        self._query("ANALYZE customer_followup_enrollment")

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
        """Remove what was planned; no customer is due."""
        self._remove_left()
        self._query(
            "UPDATE customer_followup_enrollment"
            " SET date_next = NULL, state = 'active', date_resume = NULL WHERE plan_id = %s",
            self.plan.id,
        )
        self.env.cr.commit()
        _common.vacuum(self.env, *LEFT, "customer_followup_enrollment")

    def due(self, count):
        """Make the first ``count`` customers due."""
        self._query(
            """UPDATE customer_followup_enrollment SET date_next = %s
                WHERE id IN (SELECT id FROM customer_followup_enrollment
                              WHERE plan_id = %s ORDER BY id LIMIT %s)""",
            *(self.now, self.plan.id, count),
        )
        self.env.cr.commit()

    def planned(self):
        """Return how many rows there are."""
        return self._value(f"SELECT count(*) FROM {self.table} WHERE plan_id = %s", self.plan.id)

    def by_planner(self):
        """Plan the contacts that are due, as the scheduled action does."""
        self.env["customer.followup.enrollment"]._cron_plan()

    def keep_rows(self):
        """Keep a copy of the rows there are, for :meth:`by_sql`."""
        self._query(
            f"CREATE TABLE customer_followup_bench AS SELECT * FROM {self.table}"
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
        """Insert the same rows."""
        self._query(
            f"INSERT INTO {self.table} ({self.columns})"
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
            self._delete(table, "id > %s", self.last[table])
        self.env.cr.commit()

    def _delete(self, table, condition, *values):
        """Delete rows, of large tables without a look at each reference where that is allowed."""
        if self.may_trust:
            role = "replica" if table in LARGE else "origin"
            self._query(f"SET LOCAL session_replication_role = {role}")
        self._query(f"DELETE FROM {table} WHERE {condition}", *values)

    def _remove_all(self):
        """Remove all a bench makes, even one that was broken off."""
        for table, condition in MADE:
            self._delete(table, condition, MARK)
        self._query("DROP TABLE IF EXISTS customer_followup_bench")
        self._query(
            """UPDATE customer_followup_enrollment SET date_next = date_next - interval %s
                WHERE date_next > now() + interval '50 years'""",
            AWAY,
        )
        self.env.cr.commit()
