from datetime import date, datetime

from freezegun import freeze_time
from psycopg2.errors import UniqueViolation

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import FollowupCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-12-01 10:00")
class TestPeriod(FollowupCommon):
    """Holds, owners and tiers count from their first to their last day."""

    def _hold(self, date_from, date_to=False):
        return self.env["customer.contact.hold"].create(
            {
                "partner_id": self.customer.id,
                "reason": "In mourning",
                "date_from": date_from,
                "date_to": date_to,
            }
        )

    def _own(self, user, date_from, date_to=False, role="owner"):
        row = self.env["customer.ownership"].create(
            {
                "commercial_partner_id": self.customer.id,
                "user_id": user.id,
                "role": role,
                "date_from": date_from,
                "date_to": date_to,
            }
        )
        self.env.flush_all()
        return row

    def _holder(self, role="owner"):
        holders = self.env["customer.ownership"]._holders(self.customer, self.company, (role,))
        return holders.get((self.customer.id, role), self.env["res.users"])

    def test_a_hold_counts_from_its_first_to_its_last_moment(self):
        self._hold("2027-05-01 00:00:00", "2027-05-31 10:00:00")
        call = self._make_followup()
        for moment, state, until in (
            ("2026-12-01 12:00", "allowed", None),
            ("2027-04-30 12:00", "allowed", None),
            ("2027-05-01 12:00", "deferred", datetime(2027, 5, 31, 10)),
            ("2027-05-31 12:00", "allowed", None),
        ):
            with self.subTest(moment=moment), freeze_time(moment):
                found = call._gate()[call.id]
                self.assertEqual((found.state, found.until), (state, until))

    def test_a_contact_planned_into_a_later_hold_moves_behind_it(self):
        self._hold("2026-12-03 00:00:00", "2026-12-05 10:00:00")
        plan = self._make_cadence({"offset_count": 1}, {"offset_count": 3})
        contacts = self._enroll_on(plan, "2026-12-01").followup_ids
        self.assertEqual(self._days(contacts), ["2026-12-02", "2026-12-05"])

    def test_a_later_hold_without_an_end_holds_nothing_before(self):
        self._hold("2026-12-03 00:00:00")
        call = self._make_followup()
        self.assertEqual(call._gate()[call.id].state, "allowed")
        with freeze_time("2026-12-03 12:00"):
            self.assertEqual(call._gate()[call.id].reason, "hold")

    def test_an_owner_holds_to_the_last_day(self):
        self._own(self.agent, "2026-01-01", "2026-12-31")
        self._own(self.colleague, "2027-01-01")
        for day, owner in (
            ("2025-12-31", self.env["res.users"]),
            ("2026-01-01", self.agent),
            ("2026-12-31", self.agent),
            ("2027-01-01", self.colleague),
        ):
            with self.subTest(day=day), freeze_time(f"{day} 12:00"):
                self.env.invalidate_all()
                self.assertEqual(self._holder(), owner)
                self.assertEqual(self.customer.customer_owner_id, owner)
                found = self.env["res.partner"].search(
                    [
                        ("customer_owner_id", "in", (self.agent | self.colleague).ids),
                        ("id", "=", self.customer.id),
                    ]
                )
                self.assertEqual(found, self.customer if owner else found.browse())

    def test_the_day_of_an_owner_is_the_day_of_the_company(self):
        self.company.resource_calendar_id.tz = "Asia/Shanghai"
        self._own(self.agent, "2026-01-01", "2026-12-31")
        self._own(self.colleague, "2027-01-01")
        for moment, owner in (
            ("2026-12-31 15:59", self.agent),
            ("2026-12-31 16:00", self.colleague),
        ):
            with self.subTest(moment=moment), freeze_time(moment):
                self.assertEqual(self._holder(), owner)

    def test_two_owners_never_hold_on_the_same_day(self):
        self._own(self.agent, "2026-01-01", "2026-12-31")
        for first, last in (("2026-12-31", False), ("2025-01-01", "2026-01-01")):
            with (
                self.subTest(first=first),
                self.assertRaisesRegex(ValidationError, "Li Na has two holders of one role"),
                self.env.cr.savepoint(),
            ):
                self._own(self.colleague, first, last)
        self.env["customer.ownership"].search([("user_id", "=", self.agent.id)]).date_to = False
        with (
            self.assertRaises(UniqueViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self._own(self.colleague, "2027-01-01")

    def test_a_backup_of_other_days_may_become_the_owner(self):
        self._own(self.agent, "2026-01-01", "2026-12-31")
        self._own(self.agent, "2027-01-01", role="backup")
        with (
            self.assertRaisesRegex(ValidationError, "cannot be both owner and backup"),
            self.env.cr.savepoint(),
        ):
            self._own(
                self.colleague, "2026-06-01", "2026-12-31", role="backup"
            ).user_id = self.agent

    def test_a_customer_without_a_backup_today_is_without_a_backup(self):
        owner = self._own(self.agent, "2026-01-01")
        backup = self._own(self.colleague, "2026-01-01", "2026-12-31", role="backup")
        self.assertFalse(owner.is_alone)
        with freeze_time("2027-01-01 12:00"):
            self.env.invalidate_all()
            self.assertTrue(owner.is_alone)
            self.assertTrue(self.customer.customer_is_alone)
            found = self.env["res.partner"].search([("customer_is_alone", "=", True)])
            self.assertEqual(found & self.customer, self.customer)
        self.assertFalse(backup.is_alone)

    def test_who_will_be_the_owner_is_not_archived(self):
        self._own(self.agent, "2026-01-01", "2026-12-31")
        planned = self._own(self.colleague, "2027-01-01")
        users = self.agent | self.colleague
        self.assertEqual(users._involved() & users, users)
        self.assertEqual(self.env["customer.ownership"]._current_of(users).user_id, users)
        with freeze_time("2027-01-02 12:00"):
            found = self.env["customer.ownership"]._current_of(users)
        self.assertEqual(found, planned)

    def test_who_takes_over_holds_until_the_next_begins(self):
        self._own(self.agent, "2026-01-01", "2027-05-31")
        self._own(self.colleague, "2027-06-01")
        self.env["customer.ownership"]._hand_over(self.customer, self.company, self.leader)
        rows = self.env["customer.ownership"].search(
            [("commercial_partner_id", "=", self.customer.id)], order="date_from"
        )
        self.assertEqual(
            [(row.user_id, row.date_from, row.date_to) for row in rows],
            [
                (self.agent, date(2026, 1, 1), date(2026, 11, 30)),
                (self.leader, date(2026, 12, 1), date(2027, 5, 31)),
                (self.colleague, date(2027, 6, 1), False),
            ],
        )

    def test_a_tier_counts_from_its_first_day(self):
        tier = self.env["customer.tier"].search([], limit=1)
        self.env["customer.tier.membership"].create(
            {
                "commercial_partner_id": self.customer.id,
                "tier_id": tier.id,
                "date_since": "2030-01-01",
            }
        )
        for day, found in (("2026-12-01", tier.browse()), ("2030-01-01", tier)):
            with self.subTest(day=day), freeze_time(f"{day} 12:00"):
                self.env.invalidate_all()
                self.assertEqual(self.customer.customer_tier_id, found)
                searched = self.env["res.partner"].search(
                    [("customer_tier_id", "=", tier.id), ("id", "=", self.customer.id)]
                )
                self.assertEqual(searched, self.customer if found else searched.browse())
