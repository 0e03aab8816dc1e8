from datetime import datetime

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from ..common import PHONE, FollowupCommon

NOW = "2026-03-05 10:00"


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
            (None, "Enter a date and time in the future"),
            (datetime(2026, 3, 5, 9), "Enter a date and time in the future"),
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

    def test_a_wrong_number_requests_a_correction(self):
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

    def test_an_ended_contact_does_not_end_again(self):
        self._end("reached")
        with self.assertRaisesRegex(UserError, "has ended already"):
            self._end("reached")
        with self.assertRaisesRegex(UserError, "has ended. Plan a new contact"):
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

    def test_a_list_edit_or_import_with_an_outcome_records_an_attempt(self):
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
        self.assertIn("choose an outcome", result["messages"][0]["message"])

    def test_attempts_cannot_be_edited(self):
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

    def test_the_due_date_and_the_agreement_depend_on_who_sets_a_date(self):
        due, later = self.contact.date_due, datetime(2026, 3, 20, 9)
        for is_agreed in (False, True):
            for by, expected in {
                "plan": (later, False),
                "plan_hours": (later, is_agreed),
                "gate": (due, is_agreed),
                "customer": (later, True),
                "attempt": (due, False),
                "manager": (due, is_agreed),
                "agent": (due, True),
            }.items():
                with self.subTest(by=by, is_agreed=is_agreed):
                    self.contact._record({"date_due": due, "is_agreed": is_agreed})
                    self.contact._schedule(later, by=by)
                    self.assertEqual((self.contact.date_due, self.contact.is_agreed), expected)
                    self.assertEqual(self.contact.date_deadline, later)

    def test_a_date_set_in_a_form_is_agreed(self):
        due = self.contact.date_due
        self.contact.with_user(self.agent).date_planned = datetime(2026, 3, 20, 9)
        self.assertTrue(self.contact.is_agreed)
        self.assertEqual(self.contact.date_deadline, datetime(2026, 3, 20, 9))
        self.assertEqual(self.contact.date_due, due)

    def test_the_first_planned_date_cannot_be_changed(self):
        self.contact.date_planned = "2026-03-20 10:00"
        self.assertEqual(self.contact.date_original, datetime(2026, 3, 5, 10))
        self.assertEqual(self.contact.date_deadline, datetime(2026, 3, 20, 10))
        with self.assertRaises(UserError):
            self.contact.date_original = "2026-03-20 10:00"

    def _make_station(self):
        chief = self.leader.copy({"login": "cf_station", "customer_team_ids": False})
        mechanic = self.agent.copy({"login": "cf_mechanic", "customer_team_ids": False})
        station = self.env["customer.team"].create(
            {"name": "Station", "leader_id": chief.id, "member_ids": mechanic.ids}
        )
        return station, chief, mechanic

    def test_what_a_leader_gives_to_another_team_its_leader_sees(self):
        station, chief, mechanic = self._make_station()
        enrollment = self.plan._enroll(self.customer)
        for record in (self.contact, enrollment):
            self.assertEqual(record.team_id, self.team)
            # As in a list: the user alone, for one or several records.
            record.with_user(self.leader).write({"user_id": mechanic.id})
            self.assertEqual(record.sudo().team_id, station)
            self.assertTrue(record.with_user(chief).has_access("read"))
            self.assertTrue(record.with_user(mechanic).has_access("read"))

    def test_what_is_given_within_the_team_or_with_a_team_stays_there(self):
        station, chief, mechanic = self._make_station()
        for user in (self.colleague, self.leader):
            self.contact.with_user(self.leader).user_id = user
            self.assertEqual(self.contact.team_id, self.team)
        given = {"user_id": mechanic.id, "team_id": self.team.id}
        self.contact.with_user(self.manager).write(given)
        self.assertEqual(self.contact.team_id, self.team)
        self.contact.with_user(self.manager).user_id = self.manager
        self.assertEqual(self.contact.team_id, self.team, "A manager who is in no team")

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
        self.assertEqual(action["params"]["message"], "There are no more customers to contact now.")
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
