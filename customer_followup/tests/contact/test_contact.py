from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from ..common import EMAIL, PHONE, FollowupCommon

NOW = "2026-03-05 10:00"


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestGate(FollowupCommon):
    """May we contact this person, by this channel, now?"""

    def _verdict(self, partner=None, purpose=None, channel=None, moment=NOW):
        partner = partner or self.customer
        verdicts = partner._contact_verdicts(
            purpose or self.service, channel or self.phone, self._utc(moment)
        )
        return verdicts[partner.id]

    def test_an_ordinary_contact_is_allowed(self):
        self.assertEqual(self._verdict().state, "allowed")

    def test_what_is_needed_must_be_known(self):
        self.customer.write({"phone": False, "email": False})
        visit = self.env.ref("customer_followup.customer_channel_visit")
        self.assertEqual(self._verdict().reason, "no_phone")
        self.assertEqual(self._verdict(channel=self.survey_channel).reason, "no_email")
        self.assertEqual(self._verdict(channel=visit).state, "allowed")

    def test_archived_people_are_left_alone(self):
        self.customer.active = False
        self.assertEqual(self._verdict()[::2], ("blocked", "archived"))

    def test_a_wish_survives_deletion_and_new_import(self):
        self.customer._block_contact("He asked")
        self.assertEqual(self._verdict().reason, "blocked")
        again = self._make_customer("Imported", phone="0033612345678", email="LI.NA@example.com ")
        self.assertEqual(self._verdict(again).reason, "blocked")
        self.assertEqual(self._verdict(again, channel=self.survey_channel).reason, "blocked")
        rows = self.env["customer.contact.block"].search([])
        self.assertFalse([hint for hint in rows.mapped("hint") if hint in (PHONE, EMAIL)])
        rows.active = False
        self.assertEqual(self._verdict(again).state, "allowed")
        again._block_contact("Again")
        self.assertEqual(self._verdict(again).reason, "blocked")

    def test_a_wish_holds_in_a_copy_of_the_database(self):
        self.customer._block_contact("He asked")
        # What Odoo does to the copy.
        self.env["ir.config_parameter"].init(force=True)
        self.assertEqual(self._verdict().reason, "blocked")

    def test_odoos_own_blacklists_count(self):
        self.env["phone.blacklist"]._add([self.customer.phone_sanitized])
        self.env["mail.blacklist"]._add(EMAIL)
        self.assertEqual(self._verdict().reason, "blacklisted")
        self.assertEqual(self._verdict(channel=self.survey_channel).reason, "blacklisted")

    def test_what_he_asked_for_reaches_him_all_the_same(self):
        self.customer._block_contact("He asked")
        asked = self.env["customer.purpose"].create({"name": "Reply", "is_requested": True})
        self.assertEqual(self._verdict(purpose=asked).state, "allowed")
        self.customer.active = False
        self.assertEqual(self._verdict(purpose=asked).reason, "archived")

    def test_hours_are_those_of_the_customers_day(self):
        self.customer.customer_tz = "Asia/Shanghai"
        for moment, state, until in (
            ("2026-03-05 00:00", "allowed", None),
            ("2026-03-05 12:59", "allowed", None),
            ("2026-03-05 13:00", "deferred", "2026-03-06 00:00"),
            ("2026-03-05 23:59", "deferred", "2026-03-06 00:00"),
        ):
            with self.subTest(moment=moment):
                verdict = self._verdict(moment=moment)
                self.assertEqual(verdict.state, state)
                self.assertEqual(verdict.until, until and self._utc(until))

    def test_questions_do_not_grow_with_people(self):
        people = self.env["res.partner"].create(
            [{"name": f"P{n}", "phone": PHONE, "email": f"p{n}@example.com"} for n in range(50)]
        )
        self.env.flush_all()

        def count(some):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            some._contact_verdicts(self.service, self.phone, self._utc(NOW))
            return self.cr.sql_log_count - before

        count(people)
        self.assertEqual(count(people[:1]), count(people))

    def test_the_planner_withholds_and_tells_why(self):
        self.customer.phone = False
        enrollment = self.plan._enroll(self.customer, datetime(2026, 3, 1))
        self._run_cron("ir_cron_plan")
        contact = enrollment.followup_ids
        self.assertEqual((contact.state, contact.close_code), ("withheld", "no_phone"))
        refusal = self.env["customer.contact.refusal"].search([("followup_id", "=", contact.id)])
        self.assertEqual((refusal.reason, refusal.partner_id), ("no_phone", self.customer))
        with self.assertRaisesRegex(UserError, "stays withheld: There is no phone number"):
            contact.action_plan_again()
        self.customer.phone = PHONE
        contact.action_plan_again()
        self.assertEqual((contact.state, contact.close_code), ("planned", False))
        self.assertFalse(contact.date_done)

    def test_the_planner_puts_off_until_the_hours_open(self):
        self.plan.step_ids[0].hour = 6
        enrollment = self.plan._enroll(self.customer, datetime(2026, 3, 4))
        self._run_cron("ir_cron_plan")
        self.assertEqual(enrollment.followup_ids.date_planned, datetime(2026, 3, 7, 8))

    def test_nobody_is_called_outside_the_hours(self):
        contact = self._make_followup().with_user(self.agent)
        with (
            freeze_time("2026-03-05 22:00"),
            self.assertRaisesRegex(UserError, r"Li Na: Call: not now.*8:00-21:00"),
        ):
            contact.action_call()
        self.customer._block_contact("He asked")
        with self.assertRaisesRegex(UserError, "do not contact"):
            contact.action_call()


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestContact(FollowupCommon):
    """How a contact ends, and what happens next."""

    def setUp(self):
        super().setUp()
        self.contact = self._make_followup().with_user(self.agent)

    def _end(self, name, **kwargs):
        return self.contact._record_outcome(self._ending(name), **kwargs)

    def test_reached_is_done(self):
        self._end("reached", summary="Happy with the car")
        self.assertEqual(self.contact.state, "done")
        self.assertEqual(self.contact.date_done, fields.Datetime.now())
        self.assertEqual(self.contact.summary, "Happy with the car")
        attempt = self.contact.attempt_ids
        self.assertEqual((attempt.user_id, attempt.channel_id), (self.agent, self.phone))

    def test_no_answer_is_tried_again_within_the_hours(self):
        self._end("no_answer")
        self.assertEqual(self.contact.state, "waiting")
        self.assertEqual(self.contact.date_planned, datetime(2026, 3, 5, 14))
        with freeze_time("2026-03-05 19:00"):
            self._end("no_answer")
            self.assertEqual(self.contact.date_planned, datetime(2026, 3, 6, 8))
        with freeze_time("2026-03-06 09:00"):
            self._end("no_answer")
        self.assertEqual((self.contact.state, self.contact.close_code), ("missed", "unreachable"))
        self.assertEqual(self.contact.attempt_count, 3)

    def test_a_call_back_needs_a_moment_to_come_within_the_hours(self):
        for moment, sentence in (
            (None, "Say until when"),
            (datetime(2026, 3, 5, 9), "Say until when"),
            (datetime(2026, 3, 6, 22), "8:00-21:00"),
        ):
            with (
                self.subTest(moment=moment),
                self.assertRaisesRegex(UserError, sentence),
                self.env.cr.savepoint(),
            ):
                self._end("callback", until=moment)
        self._end("callback", until=datetime(2026, 3, 9, 19, 30))
        self.assertEqual(self.contact.state, "waiting")
        self.assertEqual(self.contact.date_planned, datetime(2026, 3, 9, 19, 30))
        self.assertEqual(self.contact.date_deadline, datetime(2026, 3, 9, 19, 30))

    def test_a_wrong_number_asks_for_the_right_one(self):
        self._end("wrong_number")
        self.assertEqual(
            (self.contact.state, self.contact.close_code), ("withheld", "wrong_number")
        )
        action = self.env["customer.action"].search([("res_id", "=", self.contact.id)])
        self.assertEqual((action.name, action.user_id), ("Correct the number of Li Na", self.agent))

    def test_never_again_blocks_number_and_address(self):
        self._end("block")
        self.assertEqual(self.contact.state, "done")
        verdict = self.customer._contact_verdicts(self.service, self.phone, fields.Datetime.now())
        self.assertEqual(verdict[self.customer.id].reason, "blocked")

    def test_what_has_ended_does_not_end_again(self):
        self._end("reached")
        with self.assertRaisesRegex(UserError, "has ended already"):
            self._end("reached")
        with self.assertRaisesRegex(UserError, "has ended; plan a new one"):
            self.contact.write({"state": "planned", "date_done": False})
        with self.assertRaises(UserError):
            self.contact.action_cancel()

    def test_nothing_closes_silently(self):
        for vals in (
            {"state": "done"},
            {"state": "missed"},
            {"state": "cancelled"},
            {"bucket": "done"},
        ):
            with (
                self.subTest(vals=vals),
                self.assertRaises(ValidationError if "state" in vals else UserError),
                self.env.cr.savepoint(),
            ):
                self.contact.write(vals)
                self.env.flush_all()
        self.assertEqual(self.contact.state, "planned")

    def test_a_list_edit_or_import_with_an_outcome_shows_a_try(self):
        self.contact.write({"state": "done", "outcome_id": self._ending("reached").id})
        self.assertEqual(self.contact.attempt_ids.outcome_id, self._ending("reached"))
        result = self.env["customer.followup"].load(
            [
                "name",
                "partner_id/.id",
                "purpose_id/.id",
                "channel_id/.id",
                "state",
                "outcome_id/id",
            ],
            [
                [
                    *("Old call", str(self.customer.id), str(self.service.id), str(self.phone.id)),
                    *("Done", "customer_followup.customer_followup_outcome_reached"),
                ]
            ],
        )
        self.assertFalse(result["messages"])
        imported = self.env["customer.followup"].browse(result["ids"])
        self.assertEqual(len(imported.attempt_ids), 1)
        result = self.env["customer.followup"].load(
            ["name", "partner_id/.id", "purpose_id/.id", "channel_id/.id", "state"],
            [
                [
                    *("Old call", str(self.customer.id), str(self.service.id), str(self.phone.id)),
                    "Done",
                ]
            ],
        )
        self.assertIn("say how the contact ended", result["messages"][0]["message"])

    def test_tries_are_facts(self):
        with self.assertRaises(AccessError):
            self.env["customer.followup.attempt"].with_user(self.manager).create(
                {"followup_id": self.contact.id, "outcome_id": self._ending("reached").id}
            )

    def test_a_contact_is_never_deleted(self):
        for user in (self.leader, self.manager, self.admin):
            with self.subTest(user=user.login), self.assertRaises(UserError):
                self.contact.with_user(user).unlink()

    def test_a_problem_needs_an_answer(self):
        problem = self.env["customer.followup.feedback"].create(
            {"followup_id": self.contact.id, "kind": "problem", "text": "It rattles"}
        )
        with (
            self.assertRaisesRegex(ValidationError, "“It rattles” needs an action or a complaint"),
            self.env.cr.savepoint(),
        ):
            self._end("reached")
        self.env.invalidate_all()
        self.assertIn("“It rattles”", self.contact.blocked_text)
        action = problem.with_user(self.agent).action_add_action()
        with Form(
            self.env["customer.action"].with_user(self.agent).with_context(**action["context"])
        ):
            pass
        self.assertEqual(problem.action_ids.name, "It rattles")
        self.assertFalse(self.contact.blocked_text)
        self._end("reached")
        with self.assertRaises(UserError):
            problem.unlink()
        with (
            self.assertRaises(ValidationError),
            self.env.cr.savepoint(),
        ):
            self.env["customer.followup.feedback"].with_user(self.agent).create(
                {"followup_id": self.contact.id, "kind": "problem", "text": "And it smells"}
            )

    def test_the_first_due_date_is_history(self):
        self.contact.date_planned = "2026-03-20 10:00"
        self.assertEqual(self.contact.date_original, datetime(2026, 3, 5, 10))
        self.assertEqual(self.contact.date_deadline, datetime(2026, 3, 20, 10))
        with self.assertRaises(UserError):
            self.contact.date_original = "2026-03-20 10:00"

    def test_the_next_contact_is_the_most_pressing(self):
        begun = {"date_planned": "2026-03-05 09:00", "date_deadline": "2026-03-05 20:00"}
        plain = self._make_followup(name="Plain", **begun)
        starred = self._make_followup(name="Starred", priority="2", **begun)
        late = self._make_followup(name="Late", date_planned="2026-03-04 09:00")
        self._make_followup(name="Not yet", date_planned="2026-03-05 12:00")
        self._make_followup(name="Tomorrow", date_planned="2026-03-06 12:00")
        self._make_followup(name="Mail", channel_id=self.survey_channel.id)
        self._make_followup(self.colleague, name="Foreign", **begun)
        contact = self.contact
        for following in (late, starred, plain):
            contact._record_outcome(self._ending("reached"))
            action = contact.action_next()
            self.assertEqual((action["res_id"], action["views"]), (following.id, [(False, "form")]))
            contact = following.with_user(self.agent)
        contact._record_outcome(self._ending("reached"))
        action = contact.action_next()
        self.assertEqual(action["params"]["message"], "Nobody is left to contact now.")
        self.assertEqual(
            action["params"]["next"], "customer_followup.customer_followup_action_desk"
        )

    def test_the_next_contact_is_one_that_may_be_made_now(self):
        far = self._make_customer("Far", phone=PHONE, customer_tz="Asia/Tokyo")
        night = self._make_followup(partner_id=far.id, date_planned="2026-03-04 09:00")
        near = self._make_followup(name="Near", date_planned="2026-03-05 09:00")
        with freeze_time("2026-03-05 15:00"):
            self.assertEqual(self.contact.action_next()["res_id"], near.id, "In Tokyo it is night")
            near._record_outcome(self._ending("reached"))
            message = self.contact.action_next()["params"]["message"]
        self.assertIn("1 customers are due", message)
        with freeze_time("2026-03-06 02:00"):
            self.assertEqual(self.contact.action_next()["res_id"], night.id)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestDesk(FollowupCommon):
    """Where a contact lies on the Desk, by the reader's day."""

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
            cls.cards["cancelled"].action_cancel()
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

    def test_the_card_tells_the_best_hours_in_the_readers_time(self):
        card = self.cards["today"].with_user(self.agent).with_context(tz="Asia/Shanghai")
        self.assertFalse(card.best_hours)
        self.env["customer.contact.window"].create(
            {"partner_id": self.customer.id, "hour_from": 10.5, "hour_to": 11.5}
        )
        card.invalidate_recordset()
        self.assertEqual(card.best_hours, "6:30\u202fPM-7:30\u202fPM")
        self.assertFalse(self.cards["done"].best_hours)

    def test_the_call_form_tells_what_came_before_whoever_did_it(self):
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

    def test_a_drop_asks_before_it_does(self):
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
    def test_nobodys_contact_is_taken_once(self):
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
