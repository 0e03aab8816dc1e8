from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..common import PHONE
from ..handover.test_handover import HandoverCommon

OWN_LOG = "odoo.addons.customer_followup.models.ground.customer_absence"


@tagged("post_install", "-at_install")
@freeze_time("2026-03-05 10:00")
class TestAbsence(HandoverCommon):
    """Others do the work of an absent user, who afterwards gets back what is still open."""

    def _away(self, date_from="2026-03-05", date_to="2026-03-10", user=None, **vals):
        return self.env["customer.absence"].create(
            {
                "user_id": (user or self.agent).id,
                "date_from": date_from,
                "date_to": date_to,
                **vals,
            }
        )

    def _keep_up_on(self, day, hour=3):
        with freeze_time(f"{day} {hour}:00"):
            self._run_cron("ir_cron_absence")

    def test_what_is_due_meanwhile_goes_to_the_backup_and_comes_back(self):
        self._own(self.customer, self.colleague, role="backup")
        call = self._make_followup(date_deadline="2026-03-09 10:00:00")
        late = self._make_followup(date_planned="2026-03-01 10:00:00")
        after = self._make_followup(date_deadline="2026-03-11 10:00:00")
        absence = self._away()
        for contact in call | late:
            self.assertEqual(
                (contact.user_id, contact.absent_user_id), (self.colleague, self.agent)
            )
        self.assertEqual((after.user_id, after.absent_user_id.id), (self.agent, False))
        late._record_outcome(self._ending("reached"))
        self._keep_up_on("2026-03-10", 23)
        self.assertFalse(absence.date_ended)
        self._keep_up_on("2026-03-11")
        self.assertTrue(absence.date_ended)
        self.assertEqual((call.user_id, call.absent_user_id.id), (self.agent, False))
        self.assertEqual(late.user_id, self.colleague)

    def test_work_of_every_kind_is_stood_in_for(self):
        self._own(self.customer, self.colleague, role="backup")
        call = self._make_followup()
        about = {"res_model": "customer.followup", "res_id": call.id}
        due, later = self.env["customer.action"].create(
            [
                {"name": "Due", "user_id": self.agent.id, "date_deadline": "2026-03-10", **about},
                {"name": "Later", "user_id": self.agent.id, "date_deadline": "2026-03-11", **about},
            ]
        )
        complaint = self.env["customer.complaint"].create(
            {"title": "It rattles", "partner_id": self.customer.id, "user_id": self.agent.id}
        )
        absence = self._away()
        for record in (call, due, complaint):
            self.assertEqual(record.user_id, self.colleague, record._name)
        self.assertEqual(later.user_id, self.agent)
        self.assertEqual(complaint.accountable_user_id, self.env.user)
        absence.action_back()
        for record in (call, due, complaint):
            self.assertEqual(record.user_id, self.agent, record._name)

    def test_without_a_backup_the_stand_in_takes_it_else_the_team(self):
        call = self._make_followup()
        absence = self._away(stand_in_id=self.renewer.id)
        self.assertEqual(call.user_id, self.renewer)
        absence.action_back()
        self._away()
        self.assertEqual(call.user_id, self.colleague)

    def test_the_backup_comes_before_the_stand_in_and_the_team(self):
        self._own(self.customer, self.renewer, role="backup")
        call = self._make_followup()
        self._away(stand_in_id=self.leader.id)
        self.assertEqual(call.user_id, self.renewer)

    def test_a_user_who_is_away_does_not_stand_in(self):
        self._own(self.customer, self.colleague, role="backup")
        call = self._make_followup()
        self._away(user=self.colleague)
        self._away(stand_in_id=self.renewer.id)
        self.assertEqual(call.user_id, self.renewer)
        # The stand-in falls ill: it still comes back to whose it was.
        second = self._away(user=self.renewer, stand_in_id=self.leader.id)
        self.assertEqual((call.user_id, call.absent_user_id), (self.leader, self.agent))
        second.action_back()
        self.assertEqual(call.user_id, self.leader)
        self.env["customer.absence"].search([("user_id", "=", self.agent.id)]).action_back()
        self.assertEqual(call.user_id, self.agent)

    def test_without_anyone_to_stand_in_nothing_is_lost(self):
        call = self._make_followup()
        for user in self.team.member_ids.union(*self.team._chain()) - self.agent:
            self._away(user=user)
        self._away()
        self.assertEqual((call.user_id, call.state), (self.agent, "planned"))

    def test_what_was_agreed_or_tried_stays_as_it_is(self):
        call = self._make_followup()
        call._record_outcome(self._ending("no_answer"))
        before = call.read(["state", "date_planned", "date_deadline", "attempt_ids", "is_agreed"])
        absence = self._away()
        self.assertEqual(call.user_id, self.colleague)
        absence.action_back()
        self.assertEqual(call.user_id, self.agent)
        after = call.read(["state", "date_planned", "date_deadline", "attempt_ids", "is_agreed"])
        self.assertEqual(after, before)

    def test_what_a_leader_reassigns_meanwhile_stays_reassigned(self):
        call = self._make_followup()
        absence = self._away()
        call.with_user(self.leader).user_id = self.leader
        absence.action_back()
        self.assertEqual(call.user_id, self.leader)

    def test_what_is_planned_meanwhile_goes_to_the_backup(self):
        self._own(self.customer, self.colleague, role="backup")
        self._away(date_to="2026-03-09")
        enrollment = self.plan._enroll(self.customer)
        self._run_cron("ir_cron_plan")
        self.assertEqual(enrollment.user_id, self.agent)
        contact = enrollment.followup_ids
        self.assertEqual(str(contact.date_deadline.date()), "2026-03-08")
        self.assertEqual((contact.user_id, contact.absent_user_id), (self.colleague, self.agent))
        self._keep_up_on("2026-03-10")
        self.assertEqual(contact.user_id, self.agent)

    def test_what_is_planned_for_afterwards_stays(self):
        self._away(date_to="2026-03-07")
        enrollment = self.plan._enroll(self.customer)
        self._run_cron("ir_cron_plan")
        self.assertEqual(enrollment.followup_ids.user_id, self.agent)

    def test_new_customers_go_to_those_who_are_there(self):
        self._away()
        for number in range(3):
            enrollment = self.plan._enroll(self._make_customer(f"New {number}"))
            self.assertEqual(enrollment.user_id, self.colleague)
        self._away(user=self.colleague)
        # Someone must do it.
        self.assertTrue(self.plan._enroll(self._make_customer("One more")).user_id)

    def test_planning_for_many_costs_as_many_queries_as_for_one(self):
        def queries(count):
            customers = self.env["res.partner"].union(
                *(self._make_customer(f"One of {count}", phone=PHONE) for _one in range(count))
            )
            for customer in customers:
                self._own(customer)
                self._own(customer, self.colleague, role="backup")
            rows = self.plan._enroll(customers)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            rows._plan()
            self.env.flush_all()
            self.assertEqual(rows.followup_ids.user_id, self.colleague)
            return self.env.cr.sql_log_count - before

        self._away()
        queries(1)
        self.assertLessEqual(queries(20), queries(2) + 2)

    def test_passing_much_on_costs_as_many_queries_as_little(self):
        def queries(count):
            customers = [self._make_customer(f"One of {count}") for _one in range(count)]
            calls = self.env["customer.followup"]
            for customer in customers:
                calls |= self._make_followup(partner_id=customer.id)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            absence = self._away()
            self.env.flush_all()
            spent = self.env.cr.sql_log_count - before
            self.assertEqual(calls.user_id, self.colleague)
            absence.action_back()
            calls._cancel("Test")
            return spent

        queries(1)
        self.assertLessEqual(queries(20), queries(2) + 2)

    def test_it_begins_on_its_day_in_the_time_zone_of_the_user(self):
        self.agent.tz = "Pacific/Auckland"
        call = self._make_followup(date_deadline="2026-03-07 10:00:00")
        absence = self._away(date_from="2026-03-07", date_to="2026-03-07")
        self.assertFalse(absence.date_begun)
        self._keep_up_on("2026-03-06", 10)
        self.assertEqual(call.user_id, self.agent)
        self._keep_up_on("2026-03-06", 12)
        self.assertEqual(call.user_id, self.colleague)
        self._keep_up_on("2026-03-07", 12)
        self.assertEqual(call.user_id, self.agent)

    def test_a_longer_and_a_postponed_absence(self):
        call = self._make_followup(date_deadline="2026-03-12 10:00:00")
        absence = self._away()
        self.assertEqual(call.user_id, self.agent)
        absence.date_to = "2026-03-15"
        self.assertEqual(call.user_id, self.colleague)
        absence.date_from = "2026-03-09"
        self.assertEqual((call.user_id, absence.date_begun), (self.agent, False))
        self._keep_up_on("2026-03-09")
        self.assertEqual(call.user_id, self.colleague)
        absence.unlink()
        self.assertEqual(call.user_id, self.agent)

    def test_two_absences_that_meet_give_nothing_back_in_between(self):
        call = self._make_followup(date_deadline="2026-03-09 10:00:00")
        first = self._away(date_to="2026-03-07")
        self.assertEqual(call.user_id, self.agent)
        self._away(date_from="2026-03-07", date_to="2026-03-10")
        self._keep_up_on("2026-03-07")
        self._keep_up_on("2026-03-08")
        self.assertTrue(first.date_ended)
        self.assertEqual(call.user_id, self.colleague)

    def test_people_enter_their_own_absence_and_leaders_that_of_their_team(self):
        def enter(by, whose):
            return (
                self.env["customer.absence"]
                .with_user(by)
                .create({"user_id": whose.id, "date_from": "2026-05-01", "date_to": "2026-05-02"})
            )

        enter(self.agent, self.agent)
        mine = enter(self.leader, self.agent)
        enter(self.manager, self.renewer)
        for by, whose in (
            (self.agent, self.colleague),
            (self.leader, self.renewer),
            (self.auditor, self.auditor),
            (self.stranger, self.stranger),
        ):
            with self.subTest(by=by.login), self.assertRaises(AccessError), self.cr.savepoint():
                enter(by, whose)
        absences = self.env["customer.absence"]
        self.assertFalse(absences.with_user(self.colleague).search([]))
        self.assertIn(mine, absences.with_user(self.auditor).search([]))
        self._make_second_company()
        self.assertFalse(absences.with_user(self.other_manager).search([]))

    def test_entering_an_absence_as_agent_passes_work_on(self):
        call = self._make_followup()
        absence = (
            self.env["customer.absence"].with_user(self.agent).create({"date_to": "2026-03-06"})
        )
        self.assertEqual(call.user_id, self.colleague)
        absence.action_back()
        self.assertEqual(call.user_id, self.agent)

    def test_what_took_place_stays_on_record(self):
        absence = self._away(date_to="2026-03-06")
        absence.action_back()
        with self.assertRaisesRegex(UserError, "stays on record"):
            absence.with_user(self.manager).unlink()
        self._away(date_from="2026-04-01", date_to="2026-04-02").unlink()

    def test_what_became_of_it_is_not_written_by_hand(self):
        absence = self._away(date_from="2026-04-01", date_to="2026-04-02")
        for vals in (
            {"date_begun": "2026-03-05 10:00:00"},
            {"date_ended": "2026-03-05 10:00:00"},
            {"user_id": self.colleague.id},
        ):
            with self.assertRaises(UserError):
                absence.with_user(self.manager).write(vals)
        call = self._make_followup()
        with self.assertRaises(UserError):
            call.with_user(self.agent).absent_user_id = self.colleague
        with self.assertRaises(ValidationError):
            absence.stand_in_id = self.agent

    def test_two_runs_at_once_pass_on_once(self):
        call = self._make_followup(date_deadline="2026-03-09 10:00:00")
        absence = self._away(date_from="2026-03-07", date_to="2026-03-10")
        self._keep_up_on("2026-03-07")
        begun = absence.date_begun
        self._keep_up_on("2026-03-07")
        self.assertEqual(absence.date_begun, begun)
        self.assertEqual((call.user_id, call.absent_user_id), (self.colleague, self.agent))

    def test_one_that_fails_holds_up_no_other(self):
        good = self._make_followup(user=self.colleague, date_deadline="2026-03-09 10:00:00")
        bad = self._make_followup(date_deadline="2026-03-09 10:00:00", team_id=False)
        poison = self._away("2026-03-07", stand_in_id=self.renewer.id)
        fine = self._away("2026-03-07", user=self.colleague)
        give = type(bad)._give

        def fail(records, *args, **kwargs):
            if bad in records:
                raise ValueError("There is no stand-in")
            return give(records, *args, **kwargs)

        self.patch(type(bad), "_give", fail)
        with mute_logger(OWN_LOG):
            self._keep_up_on("2026-03-07")
        self.assertEqual(poison.error, "There is no stand-in")
        self.assertFalse(poison.date_begun)
        self.assertTrue(fine.date_begun)
        self.assertNotEqual(good.user_id, self.colleague)
        self.assertIn(poison, self.env["customer.absence"].search([("error", "!=", False)]))

    def test_what_failed_is_tried_again_and_its_leader_is_notified_once(self):
        call = self._make_followup(date_deadline="2026-03-09 10:00:00")
        absence = self._away("2026-03-07")
        with patch.object(type(call), "_give", side_effect=ValueError("No")), mute_logger(OWN_LOG):
            self._keep_up_on("2026-03-07")
            self._keep_up_on("2026-03-08")
        notices = self.env["mail.message"].search(
            [("subject", "=", f"The work of {self.agent.name} could not be passed on")]
        )
        self.assertEqual(len(notices), 1)
        self.assertEqual(notices.notified_partner_ids, self.leader.partner_id)
        self._keep_up_on("2026-03-09")
        self.assertEqual((call.user_id, absence.error), (self.colleague, False))

    def test_new_work_for_a_user_who_is_away_reaches_who_is_there(self):
        self._away("2026-03-05", date_to="2026-03-10")
        call = self._make_followup(date_deadline="2026-03-09 10:00:00")
        action = self.env["customer.action"].create(
            {
                "name": "Correct the number",
                "user_id": self.agent.id,
                "team_id": self.team.id,
                "date_deadline": "2026-03-09",
            }
        )
        later = self._make_followup(date_deadline="2026-03-11 10:00:00")
        given = self._make_followup(user=self.renewer, date_deadline="2026-03-09 10:00:00")
        given.user_id = self.agent
        self._keep_up_on("2026-03-06")
        works = (call, action, later, given)
        self.assertEqual(
            [work.user_id for work in works],
            [self.colleague, self.colleague, self.agent, self.colleague],
        )
        self._keep_up_on("2026-03-11")
        self.assertEqual([work.user_id for work in works], [self.agent] * 4)

    def test_new_work_for_a_user_who_is_away_is_passed_on_soon(self):
        self._away("2026-03-05", date_to="2026-03-10")
        cron = self.env.ref("customer_followup.ir_cron_absence")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self._make_followup(user=self.renewer)
        found = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self.assertEqual(found, triggers)
        self._make_followup()
        found = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self.assertEqual(len(found - triggers), 1)

    def test_while_the_whole_team_is_away_its_leader_takes_over(self):
        call = self._make_followup(date_deadline="2026-03-09 10:00:00")
        away = self.team.member_ids - self.agent
        for user in away:
            self._away("2026-03-05", date_to="2026-03-10", user=user)
        self._away("2026-03-05", date_to="2026-03-10")
        self.assertEqual((call.user_id, call.absent_user_id), (self.leader, self.agent))

    def test_a_crash_half_way_passes_the_rest_on_next_time(self):
        call = self._make_followup(date_deadline="2026-03-09 10:00:00")
        self._away("2026-03-07")
        self._away("2026-03-07", user=self.renewer)
        with freeze_time("2026-03-07 03:00"), self._dying_before_commit(2):
            self._run_cron("ir_cron_absence")
        self._keep_up_on("2026-03-07")
        self.assertEqual((call.user_id, call.absent_user_id), (self.colleague, self.agent))
        self.assertEqual(date(2026, 3, 10), self._open().mapped("date_to")[0])

    def _open(self):
        return self.env["customer.absence"].search([("date_begun", "!=", False)])

    def test_no_work_is_given_to_a_user_outside_the_company(self):
        self._make_second_company()
        call = self._make_followup()
        about = {"res_model": call._name, "res_id": call.id}
        with self.assertRaisesRegex(ValidationError, "does not work for"), self.cr.savepoint():
            call.with_user(self.leader).user_id = self.other_agent
        given = {"user_id": self.other_agent.id, "company_id": self.company.id}
        for model, vals in (
            ("customer.action", {"name": "Call", "date_deadline": "2026-03-10", **about}),
            ("customer.complaint", {"title": "It rattles", "partner_id": self.customer.id}),
        ):
            with self.subTest(model=model), self.assertRaisesRegex(ValidationError, "work for"):
                self.env[model].with_user(self.leader).create({**vals, **given})

    def test_no_user_from_outside_stands_in(self):
        self._make_second_company()
        visitor = new_test_user(self.env, "cf_visitor", groups="base.group_portal")
        for outsider in (self.other_agent, visitor):
            with (
                self.subTest(outsider=outsider.login),
                self.assertRaisesRegex(ValidationError, "cannot stand in"),
            ):
                self._away(stand_in_id=outsider.id)

    def test_a_stand_in_gets_only_work_of_their_companies(self):
        self._make_second_company()
        self.agent.company_ids += self.other_company
        own = self._make_followup(user_id=self.agent.id)
        self._away(stand_in_id=self.other_agent.id)
        self.assertNotEqual(own.user_id, self.other_agent)

    def test_the_team_of_a_second_company_does_not_help_out(self):
        self._make_second_company()
        self.other_team.member_ids = [Command.set(self.other_agent.ids)]
        call = self._make_followup()
        self._away()
        self.assertNotEqual(call.user_id, self.other_agent)
