from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from ..common import PHONE, FollowupCommon

NOW = "2026-03-05 10:00"


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestDesk(FollowupCommon):
    """The column of a contact on the Desk, by the user's day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent.tz = "Asia/Shanghai"
        # In Shanghai it is 18:00 on the 5th: the day began at 16:00 UTC on the 4th.
        cls.cards = {
            "yesterday": cls._card("2026-03-04 01:00", "2026-03-04 15:59:59"),
            "today": cls._card("2026-03-04 16:00", "2026-03-05 15:59:59"),
            "tonight": cls._card("2026-03-05 15:00", "2026-03-05 15:59:59"),
            "tomorrow": cls._card("2026-03-05 16:00", "2026-03-06 15:59:59"),
            "waiting": cls._card("2026-03-05 11:00", "2026-03-05 11:00", state="waiting"),
            "back": cls._card("2026-03-05 09:00", "2026-03-05 09:00", state="waiting"),
        }
        with freeze_time(NOW):
            cls.cards["done"] = cls._card("2026-03-05 09:00", "2026-03-05 09:00")
            cls.cards["done"]._record_outcome(cls._ending("reached"))
            cls.cards["cancelled"] = cls._card("2026-03-05 09:00", "2026-03-05 09:00")
            cls.cards["cancelled"]._cancel("The customer was here")
        with freeze_time("2026-03-04 15:00"):
            cls.cards["done yesterday"] = cls._card("2026-03-04 09:00", "2026-03-04 09:00")
            cls.cards["done yesterday"]._record_outcome(cls._ending("reached"))
        cls.expected = {
            "yesterday": "overdue",
            "today": "today",
            "tonight": "today",
            "tomorrow": "later",
            "waiting": "waiting",
            "back": "today",
            "done": "done",
            "cancelled": False,
            "done yesterday": False,
        }

    @classmethod
    def _card(cls, planned, deadline, **vals):
        return cls._make_followup(date_planned=planned, date_deadline=deadline, **vals)

    def _mine(self):
        return self.env["customer.followup"].with_user(self.agent).with_context(tz="Asia/Shanghai")

    def test_compute_search_and_groups_agree(self):
        mine = self._mine()
        mine.browse([card.id for card in self.cards.values()]).invalidate_recordset()
        ids = {bucket: set() for bucket in self.expected.values()}
        for name, bucket in self.expected.items():
            with self.subTest(name):
                self.assertEqual(mine.browse(self.cards[name].id).bucket, bucket)
            ids[bucket].add(self.cards[name].id)
        for bucket, wanted in ids.items():
            with self.subTest(bucket):
                self.assertEqual(set(mine.search([("bucket", "=", bucket)]).ids), wanted)
        groups = dict(mine._read_group([], ["bucket"], ["__count"]))
        self.assertEqual(groups, {bucket: len(some) for bucket, some in ids.items()})

    def test_all_columns_show_and_later_is_folded(self):
        groups = (
            self._mine()
            .with_context(read_group_expand=True)
            .formatted_read_group([("bucket", "=", "today")], ["bucket"], ["__count"])
        )
        self.assertEqual(
            [(group["bucket"], group["__fold"]) for group in groups],
            [
                ("overdue", False),
                ("today", False),
                ("waiting", False),
                ("later", True),
                ("done", False),
            ],
        )

    def test_the_card_shows_contact_hours_in_the_users_time_zone(self):
        card = self.cards["today"].with_user(self.agent).with_context(tz="Asia/Shanghai")
        self.assertFalse(card.best_hours)
        self.env["customer.contact.window"].create(
            {"partner_id": self.customer.id, "hour_from": 10.5, "hour_to": 11.5}
        )
        card.invalidate_recordset()
        self.assertEqual(card.best_hours, "6:30\u202fPM-7:30\u202fPM")
        self.assertFalse(self.cards["done"].best_hours)

    def test_the_call_form_shows_the_last_contacts_of_all_agents(self):
        before = self._make_followup(self.colleague, name="Delivery")
        before._record_outcome(self._ending("reached"))
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        foreign = self._make_followup(
            name="Foreign", company_id=elsewhere.id, team_id=False, user_id=False
        )
        foreign._record_outcome(self._ending("reached"))
        card = self.cards["today"].with_user(self.agent)
        self.assertIn("Delivery (Phone), Reached", card.history)
        self.assertNotIn("Foreign", card.history)
        self.assertIn("Delivery", card.last_contact)

    def test_a_dropped_card_opens_the_dialog(self):
        card = self.cards["today"].with_user(self.agent)
        action = card.action_desk_drop("done")
        self.assertEqual(action["res_model"], "customer.followup.close")
        with Form(
            self.env["customer.followup.close"]
            .with_user(self.agent)
            .with_context(**action["context"])
        ) as form:
            form.outcome_id = self._ending("reached")
            form.summary = "All well"
        form.record.action_close()
        self.assertEqual((card.state, card.summary), ("done", "All well"))
        for bucket in ("overdue", "today", "later"):
            with self.subTest(bucket), self.assertRaises(UserError):
                self.cards["tonight"].with_user(self.agent).action_desk_drop(bucket)
        with self.assertRaises(UserError):
            card.action_desk_drop("waiting")

    def test_only_calls_and_visits_offer_what_is_recorded_of_a_talk(self):
        by_hand = self.env["customer.channel"].create({"name": "Letter", "kind": "email"})
        expected = {
            "phone": (False, False),
            "visit": (False, False),
            "email": (True, True),
            "sms": (True, True),
            "survey": (True, True),
        }
        for kind in expected:
            with self.subTest(kind):
                channel = self.env.ref(f"customer_followup.customer_channel_{kind}")
                card = self._make_followup(channel_id=channel.id).with_user(self.agent)
                self.assertEqual((card.is_written, card.is_automatic), expected[kind])
        card = self._make_followup(channel_id=by_hand.id).with_user(self.agent)
        self.assertEqual((card.is_written, card.is_automatic), (True, False))

    def test_late_is_a_search(self):
        late = self._mine().search([("is_late", "=", True)])
        self.assertEqual(late.ids, [self.cards["yesterday"].id, self.cards["back"].id])
        self.assertTrue(all(late.mapped("is_late")))
        self.assertNotIn(
            self.cards["yesterday"].id, self._mine().search([("is_late", "=", False)]).ids
        )

    def test_the_desk_takes_a_fixed_number_of_queries(self):
        spec = {
            name: {}
            for name in (
                "display_name",
                "phone_masked",
                "tier_id",
                "last_contact",
                "best_hours",
                "history",
                "last_score",
                "open_complaint_count",
                "is_late",
                "bucket",
            )
        }
        spec["partner_id"] = {"fields": {"display_name": {}}}

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._mine().web_search_read([("bucket", "!=", False)], spec)
            return self.cr.sql_log_count - before

        count()
        few = count()
        for n in range(30):
            self._make_followup(partner_id=self._make_customer(f"C{n}", phone=PHONE).id)
        self.assertLessEqual(count(), few + 2)


@tagged("post_install", "-at_install")
class TestTaking(FollowupCommon):
    def test_an_unassigned_contact_is_taken_once(self):
        free = self._make_followup(user_id=False)
        free.with_user(self.agent).action_take()
        self.assertEqual(free.user_id, self.agent)
        with self.assertRaises(AccessError):
            free.with_user(self.colleague).action_take()
        self.assertEqual(free.user_id, self.agent)

    def test_deadline_follows_a_move_in_the_calendar(self):
        contact = self._make_followup()
        day = fields.Datetime.now() + timedelta(days=3)
        contact.date_planned = day
        self.assertEqual(contact.date_deadline, contact.date_planned)
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            contact.write({"date_deadline": fields.Datetime.now()})
