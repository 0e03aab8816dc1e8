from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from ..common import ComplaintCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-01 10:00")
class TestComplaintLife(ComplaintCommon):
    """Assessment, solution, confirmation, closing, reopening and links of complaints."""

    def _reload(self, complaint):
        self.env.flush_all()
        complaint.invalidate_recordset()
        return complaint

    # Closing rules

    def test_the_form_keeps_the_closing_rules(self):
        complaint = self._complain(cause="A loose screw", verdict="confirmed")
        with self.assertRaisesRegex(ValidationError, "the solution"):
            Form(complaint).record.web_save({"stage_id": self.stages["closed"].id}, {})

    def test_a_drag_and_a_list_edit_keep_the_closing_rules(self):
        complaints = self._make_settled() | self._make_settled()
        with self.assertRaisesRegex(ValidationError, "the customer's confirmation"):
            complaints.web_save_multi([{"stage_id": self.stages["closed"].id}] * 2, {})

    def test_an_import_keeps_the_closing_rules(self):
        rows = [["Hm", "confirmed", "A screw", "Tightened", "Closed"]]
        result = (
            self.env["customer.complaint"]
            .with_user(self.agent)
            .load(["title", "verdict", "cause", "solution", "stage_id"], rows)
        )
        self.assertFalse(result["ids"])
        self.assertIn("an answer to the customer", result["messages"][0]["message"])

    def test_facts_are_not_written_by_rpc(self):
        complaint = self._make_settled()
        now = datetime(2026, 3, 1, 10)
        for vals in (
            {"confirmation": "confirmed"},
            {"date_answered": now},
            {"close_kind": "confirmed"},
            {"date_closed": now},
            {"verdict_second_user_id": self.leader.id},
            {"accountable_user_id": self.colleague.id},
            {"round_count": 0},
            {"offered_user_id": self.agent.id},
            # Odoo accepts values for computed fields.
            {"state": "closed"},
            {"is_blocked": True},
            {"next_state": "met"},
            {"date_next": now},
        ):
            [name] = vals
            with self.subTest(field=name):
                with self.assertRaisesRegex(UserError, "recorded by the system"):
                    complaint.write(vals)
                with self.assertRaisesRegex(UserError, "recorded by the system"):
                    self._complain(**vals)
                with self.assertRaisesRegex(UserError, "recorded by the system"):
                    self.env["customer.complaint"].with_user(self.agent).with_context(
                        **{f"default_{name}": vals[name]}
                    ).create({"title": "Hm"})
        for name in ("contact", "transfer"):
            with self.assertRaises(AccessError):
                self.env[f"customer.complaint.{name}"].with_user(self.agent).create(
                    {"complaint_id": complaint.id, "result": "confirmed", "reason": "Hm"}
                )

    def test_a_part_stays_with_its_complaint_and_company(self):
        self._make_second_company()
        self.agent.company_ids += self.other_company
        complaint, other = self._complain(), self._complain()
        complaint.solution_ids = [Command.create({"name": "Repair"})]
        remedy, away = complaint.solution_ids, {"company_id": self.other_company.id}
        for vals in (away, {"complaint_id": other.id}):
            with self.assertRaisesRegex(UserError, "cannot be moved|recorded by the system"):
                remedy.write(vals)
        given = {"complaint_id": complaint.id, "name": "Refund"}
        with self.assertRaisesRegex(UserError, "recorded by the system"):
            remedy.create({**given, **away})
        contacts = {"complaint_id": complaint.id, "body": "Court", **away}
        with self.assertRaisesRegex(UserError, "cannot be moved"):
            complaint.referral_ids.create(contacts)
        proposed = remedy.with_context(default_company_id=self.other_company.id).create(given)
        self.assertEqual(proposed.company_id, self.company)

    def test_a_confirmation_by_phone_counts_as_an_answer(self):
        complaint = self._complain(cause="A screw", solution="Tightened", verdict="confirmed")
        complaint._customer_confirms("By phone")
        self.assertEqual(complaint.date_answered, datetime(2026, 3, 1, 10))
        self.assertEqual(
            (complaint.close_kind, complaint.date_closed), ("confirmed", datetime(2026, 3, 1, 10))
        )

    def test_what_is_missing_is_a_list_to_tick_off(self):
        complaint = self._make_settled()
        found = {row["label"]: row["is_done"] for row in complaint.checklist}
        self.assertEqual(
            found,
            {
                "verdict": True,
                "the cause": True,
                "the solution": True,
                "an answer to the customer": True,
                "the customer's confirmation": False,
            },
        )
        complaint.solution_ids = [Command.create({"name": "A voucher", "amount": 0})]
        self.assertEqual(
            complaint.checklist[-1],
            {"label": "remedy “A voucher” carried out or rejected", "is_done": False},
        )

    def test_a_stage_in_use_keeps_its_meaning(self):
        self._complain()
        with self.assertRaisesRegex(UserError, "“New” contains complaints"):
            self.stages["new"].with_user(self.admin).meaning = "closed"

    def test_a_complaint_can_always_begin_and_end(self):
        for meaning in ("new", "closed"):
            stage = self.stages[meaning]
            for call in (
                lambda stage=stage: stage.write({"active": False}),
                lambda stage=stage: stage.write({"meaning": "solving"}),
                stage.unlink,
            ):
                # A stage with complaints keeps its meaning anyway.
                why = "one stage must have the meaning|contains complaints"
                with self.assertRaisesRegex(UserError, why), self.cr.savepoint():
                    call()
        other = self.stages["closed"].copy({"name": "Archive"})
        self.stages["closed"].active = False
        self.assertEqual(other._with_meaning("closed"), other)

    def test_the_board_takes_as_many_queries_for_many_as_for_few(self):
        shown = "name", "title", "tier_id", "is_blocked", "date_next", "date_escalated", "severity"
        spec = dict.fromkeys(shown, {})
        model = self.env["customer.complaint"].with_user(self.agent)
        counts = []
        for number in (3, 3, 30):
            for _turn in range(number):
                complaint = self._complain()
                complaint.solution_ids = [Command.create({"name": "Repair"})]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            model.web_search_read([("create_uid", "=", self.agent.id)], spec)
            counts.append(self.cr.sql_log_count - before)
        # The first run fills the caches of Odoo.
        self.assertEqual(*counts[1:])

    # Assessment

    def test_a_complaint_is_not_offered_to_users_of_other_companies(self):
        complaint = self._complain()
        for user in (self.stranger, self.auditor):
            with (
                self.subTest(user=user.login),
                self.assertRaisesRegex(UserError, "cannot handle"),
            ):
                complaint._hand_over("Too much to do", user)
        self.assertFalse(complaint.sudo().offered_user_id)

    def test_the_source_score_is_not_written_by_users(self):
        for vals in ({"low_score_id": 1}, {"date_answered": "2026-03-05 10:00"}):
            with (
                self.subTest(vals=vals),
                self.assertRaisesRegex(UserError, "recorded by the system"),
            ):
                self._complain(**vals)

    def test_an_action_opened_again_is_not_done(self):
        action = self.env["customer.action"].create({"name": "Send the part"})
        action.action_done()
        self.assertTrue(action.date_done)
        action.state = "open"
        self.assertFalse(action.date_done)

    def test_the_customer_card_shows_the_last_complaints_and_their_verdicts(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        foreign = self._complain(
            self.env.user, company_id=elsewhere.id, team_id=False, user_id=False
        )
        cases = [self._complain(cause="A screw", verdict="confirmed") for _turn in range(4)]
        card = self.customer.with_user(self.manager).customer_last_complaints
        self.assertIn(f"{cases[3].name} · {cases[3].category_id.name} · New · Confirmed", card)
        self.assertEqual(card.count("<li>"), 3)
        self.assertNotIn(foreign.name, card)
        self.assertNotIn(cases[0].name, card)

    def test_a_verdict_against_the_customer_needs_a_second_person(self):
        complaint = self._complain()
        for verdict in ("unfounded", "malicious", "not_verifiable"):
            with self.subTest(verdict=verdict):
                complaint.write({"verdict": verdict, "verdict_evidence": "The camera"})
                complaint._customer_informed("By phone")
                self.assertRefuses(complaint, "closed", "verdict")
                with self.assertRaisesRegex(UserError, "Ask a colleague"):
                    complaint.action_confirm_verdict()
        complaint.sudo().team_id = self.team
        complaint.with_user(self.leader).action_confirm_verdict()
        complaint.stage_id = self.stages["closed"]
        self.assertEqual(complaint.close_kind, "unfounded")
        self.assertEqual(complaint.verdict_second_user_id, self.leader)

    def test_a_verdict_from_the_context_has_an_author(self):
        complaint = (
            self.env["customer.complaint"]
            .with_user(self.agent)
            .with_context(default_verdict="unfounded", default_verdict_evidence="The camera")
            .create({"title": "It rattles", "partner_id": self.customer.id})
        )
        self.assertEqual(complaint.verdict_user_id, self.agent)
        with self.assertRaisesRegex(UserError, "Ask a colleague"):
            complaint.action_confirm_verdict()

    def test_another_verdict_needs_another_agreement(self):
        complaint = self._complain(verdict="unfounded", team_id=self.team.id)
        with self.assertRaisesRegex(UserError, "enter the evidence"):
            complaint.with_user(self.leader).action_confirm_verdict()
        complaint.verdict_evidence = "The camera"
        complaint.with_user(self.leader).action_confirm_verdict()
        complaint.verdict_evidence = "Hearsay"
        self.assertFalse(complaint.verdict_second_user_id)
        complaint.with_user(self.leader).action_confirm_verdict()
        complaint.verdict = "malicious"
        self.assertTrue(complaint.is_second_needed)
        complaint.verdict = "partly"
        with self.assertRaisesRegex(UserError, "does not need a second user"):
            complaint.with_user(self.leader).action_confirm_verdict()

    def test_neither_the_verdict_nor_the_accused_is_tracked(self):
        for name in ("verdict", "verdict_evidence", "accused_user_ids", "decision"):
            field = self.env["customer.complaint"]._fields[name]
            self.assertFalse(getattr(field, "tracking", None), name)

    def test_shares_of_responsibility_total_100_percent(self):
        complaint = self._complain(cause="A screw", verdict="confirmed")
        complaint.liability_ids = [
            Command.create({"party": "producer", "share": 60}),
            Command.create({"party": "carrier", "share": 30}),
        ]
        self.assertRefuses(complaint, "solving", "shares with a total of 100 %")
        complaint.write(
            {
                "stage_id": self.stages["solving"].id,
                "liability_ids": [Command.update(complaint.liability_ids[1].id, {"share": 40})],
            }
        )
        first, second = complaint.liability_ids
        complaint.liability_ids = [
            Command.update(first.id, {"share": 50}),
            Command.update(second.id, {"share": 50}),
        ]
        for change in (lambda: first.write({"share": 20}), lambda: first.unlink()):
            with (
                self.assertRaisesRegex(ValidationError, "shares with a total of 100"),
                self.env.cr.savepoint(),
            ):
                change()
        forged = first.with_context(customer_complaint_parts={})
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            forged.share = 20

    # Solutions

    def test_remedies_are_approved_within_limits(self):
        general = self.manager
        top = self.env["customer.team"].create({"name": "Company", "leader_id": general.id})
        self.team.parent_id = top
        other = self.manager.copy({"login": "cf_other"})
        self.company.write({"customer_leader_limit": 500, "customer_manager_limit": 5000})
        for amount, user, is_allowed in (
            (0, self.agent, True),
            (1, self.agent, False),
            (500, self.leader, True),
            (500.01, self.leader, False),
            (5000, other, True),
            (5001, other, False),
            (5001, general, True),
        ):
            with self.subTest(amount=amount, user=user.login):
                complaint = self._complain(team_id=self.team.id)
                complaint.solution_ids = [Command.create({"name": "Refund", "amount": amount})]
                remedy = complaint.solution_ids.with_user(user)
                if not is_allowed:
                    with self.assertRaisesRegex(UserError, "exceeds your approval limit"):
                        remedy.action_approve()
                    continue
                remedy.action_approve()
                self.assertEqual((remedy.state, remedy.approver_id), ("approved", user))

    def test_remedies_of_one_complaint_count_together(self):
        self.company.customer_leader_limit = 500
        complaint = self._complain(team_id=self.team.id)
        complaint.solution_ids = [
            Command.create({"name": name, "amount": 300}) for name in ("Refund", "Voucher")
        ]
        first, second = complaint.solution_ids.with_user(self.leader)
        with self.assertRaisesRegex(UserError, "the total of .*600"):
            (first | second).action_approve()
        first.action_approve()
        with self.assertRaisesRegex(UserError, "the total of .*600"):
            second.action_approve()
        first.action_rejected()
        second.action_approve()
        with self.assertRaisesRegex(UserError, "cannot be changed because its state is “approved”"):
            second.name = "A new car"

    def test_money_is_not_approved_without_an_amount(self):
        complaint = self._complain()
        complaint.solution_ids = [Command.create({"name": "Money back", "kind": "refund"})]
        with self.assertRaisesRegex(UserError, "enter the amount"):
            complaint.solution_ids.action_approve()

    def test_a_leader_does_not_approve_their_own_above_their_limit(self):
        complaint = self._complain(self.leader, team_id=self.team.id)
        complaint.solution_ids = [Command.create({"name": "Refund", "amount": 501})]
        with self.assertRaises(UserError):
            complaint.solution_ids.action_approve()
        complaint.solution_ids.amount = 500
        complaint.solution_ids.action_approve()
        with self.assertRaisesRegex(UserError, "cannot be changed because its state is “approved”"):
            complaint.solution_ids.amount = 9000

    def test_a_remedy_follows_its_states(self):
        complaint = self._complain()
        complaint.solution_ids = [Command.create({"name": "Repair"})]
        remedy = complaint.solution_ids
        with self.assertRaisesRegex(UserError, "recorded by the system"):
            remedy.state = "done"
        with self.assertRaisesRegex(
            UserError, "cannot be carried out because its state is “proposed”"
        ):
            remedy.action_done()
        remedy.action_approve()
        remedy.action_accepted()
        remedy.action_done()
        self.assertEqual((remedy.state, remedy.date_done), ("done", datetime(2026, 3, 1, 10)))
        with self.assertRaisesRegex(UserError, "cannot be rejected"):
            remedy.action_rejected()

    # Confirmation

    def test_a_rejection_reopens_the_solution_and_the_third_escalates(self):
        complaint = self._make_settled(team_id=self.team.id)
        self.team.parent_id = self.env["customer.team"].create(
            {"name": "Company", "leader_id": self.manager.id}
        )
        for number in (1, 2, 3):
            self.assertFalse(complaint.sudo().activity_ids)
            complaint._customer_rejects("By phone", "It still rattles")
            self.assertEqual((complaint.state, complaint.round_count), ("solving", number))
            self.assertRefuses(complaint, "closed", "the customer's confirmation")
            complaint.stage_id = self.stages["awaiting"]
        self.assertEqual(complaint.sudo().activity_ids.user_id, self.leader | self.manager)
        self.assertTrue(complaint.date_escalated)
        complaint._customer_confirms("By phone", satisfaction="3")
        self.assertEqual((complaint.close_kind, complaint.satisfaction), ("confirmed", "3"))
        complaint.invalidate_recordset(["contact_ids"])
        self.assertEqual(
            self._talks(complaint).mapped("result"),
            ["confirmed", "rejected", "rejected", "rejected", "informed"],
        )

    def test_a_rejected_unfounded_verdict_is_assessed_again(self):
        complaint = self._complain(verdict="unfounded", team_id=self.team.id)
        complaint.verdict_evidence = "The camera"
        complaint.with_user(self.leader).action_confirm_verdict()
        complaint.stage_id = self.stages["awaiting"]
        complaint._customer_rejects("By phone", "I was there")
        self.assertEqual(complaint.state, "assessing")
        complaint._customer_informed("By phone", "You may turn to the consumers' association.")
        self.assertRefuses(complaint, "closed", "the cause")

    def test_no_answer_requires_three_attempts_and_seven_days(self):
        complaint = self._make_settled()
        for day in ("2026-03-01", "2026-03-04", "2026-03-08"):
            with freeze_time(f"{day} 11:00"):
                with self.assertRaisesRegex(UserError, "on 3 different days"):
                    complaint._customer_silent()
                complaint._customer_not_reached("By phone")
        with freeze_time("2026-03-08 11:30"):
            complaint._customer_silent()
        self.assertEqual(
            (complaint.state, complaint.close_kind, complaint.satisfaction),
            ("closed", "silent", False),
        )

    def test_attempts_of_one_day_count_once(self):
        complaint = self._make_settled()
        for _turn in range(3):
            complaint._customer_not_reached("By phone")
        with freeze_time("2026-03-20"), self.assertRaises(UserError):
            complaint._customer_silent()

    def test_the_handler_may_state_that_no_answer_will_come(self):
        complaint = self._make_settled()
        with self.assertRaises(UserError):
            complaint._customer_silent("  ")
        complaint._customer_silent("Moved abroad")
        self.assertEqual(complaint.close_kind, "silent")

    def test_that_the_customer_was_informed_says_how_or_what(self):
        complaint = self._make_settled()
        dialogs = self.env["customer.complaint.contact.log"].with_user(self.agent)
        empty = dialogs.create({"complaint_id": complaint.id, "how": "."})
        count = len(complaint.contact_ids)
        with self.assertRaisesRegex(UserError, "Enter how the customer was informed"):
            empty.action_note()
        self.assertEqual(len(complaint.contact_ids), count)
        empty.how = "By phone"
        empty.action_note()
        self.assertEqual(len(complaint.contact_ids), count + 1)

    def test_the_dialog_calls_the_same_methods(self):
        complaint = self._make_settled()
        dialog = self.env["customer.complaint.contact.log"].with_user(self.agent)
        for result, state in (
            ("tried", "awaiting"),
            ("rejected", "solving"),
            ("informed", "solving"),
            ("confirmed", "closed"),
        ):
            dialog.create(
                {"complaint_id": complaint.id, "result": result, "how": "Phone", "note": "Hm"}
            ).action_note()
            self.assertEqual(complaint.state, state, result)
        for result in ("silent", "withdrawn"):
            complaint = self._make_settled()
            dialog.create(
                {"complaint_id": complaint.id, "result": result, "note": "Hm"}
            ).action_note()
            self.assertEqual(complaint.close_kind, result)

    def test_the_last_feedback_is_what_the_customer_said(self):
        complaint = self._make_settled()
        complaint._customer_rejects("By phone", "It still rattles")
        complaint._customer_informed("By phone")
        complaint._customer_silent("Moved away")
        self.assertEqual(complaint.last_feedback, "It still rattles")
        self.assertEqual(complaint.last_reply, "We tightened it.")

    def test_without_a_logged_reply_the_solution_is_the_reply(self):
        complaint = self._complain(solution="Tightened")
        self.assertEqual(complaint.last_reply, "Tightened")
        complaint.solution = "Replaced"
        self.assertEqual(complaint.last_reply, "Replaced")

    def test_a_confirmation_needs_a_solution(self):
        complaint = self._complain(team_id=self.team.id)
        with self.assertRaisesRegex(UserError, f"{complaint.name}: enter the solution first"):
            complaint._customer_confirms("By phone")
        complaint.write({"verdict": "unfounded", "verdict_evidence": "The log"})
        complaint.with_user(self.leader).action_confirm_verdict()
        complaint._customer_confirms("By phone")
        self.assertEqual(complaint.confirmation, "confirmed")

    def test_a_changed_solution_needs_a_new_confirmation(self):
        for name, value in (("solution", "Replaced"), ("verdict", "partly")):
            for method in ("_customer_confirms", "_customer_silent"):
                with self.subTest(name=name, method=method):
                    complaint = self._make_settled()
                    self._add_open_action(complaint)
                    getattr(complaint, method)("Said so")
                    complaint.write({name: complaint[name], "affected_count": 2})
                    self.assertTrue(complaint.confirmation)
                    complaint[name] = value
                    self.assertFalse(complaint.confirmation or complaint.date_confirmation)
                    self.assertIn(
                        "Ask the customer for confirmation again", complaint.message_ids[0].body
                    )
                    self.assertRefuses(complaint, "closed", "the customer's confirmation")

    def test_a_rejection_and_a_closing_survive_a_changed_solution(self):
        complaint = self._make_settled()
        complaint._customer_rejects("By phone", "No")
        complaint.solution = "Replaced"
        self.assertEqual(complaint.confirmation, "rejected")
        closed = self._make_closed()
        closed.sudo().solution = "Tightened again"
        self.assertEqual((closed.state, closed.confirmation), ("closed", "confirmed"))

    def _try(self, complaint, *days):
        for day in days:
            with freeze_time(f"2026-03-{day:02} 10:00"):
                complaint._customer_not_reached("By phone")

    def test_attempts_before_the_last_contact_do_not_count(self):
        for name, hear in (
            ("written", lambda complaint: complaint.sudo()._visitor_writes("I am here")),
            ("informed", lambda complaint: complaint._customer_informed("By phone")),
            ("rejected", lambda complaint: complaint._customer_rejects("By phone", "No")),
        ):
            with self.subTest(name):
                complaint = self._make_settled()
                self._try(complaint, 2, 6)
                with freeze_time("2026-03-07 10:00"):
                    hear(complaint)
                    complaint.stage_id = self.stages["awaiting"]
                self._try(complaint, 10)
                with freeze_time("2026-03-20 10:00"), self.assertRaises(UserError):
                    complaint._customer_silent()
                self._try(complaint, 12, 14)
                with freeze_time("2026-03-20 10:00"):
                    complaint._customer_silent()
                self.assertEqual(complaint.confirmation, "silent")

    def test_attempts_count_only_while_waiting_for_the_customer(self):
        complaint = self._make_settled()
        complaint._customer_rejects("By phone", "No")
        self._try(complaint, 2, 4, 6)
        with freeze_time("2026-03-20 10:00"), self.assertRaises(UserError):
            complaint._customer_silent()
        with freeze_time("2026-03-07 10:00"):
            complaint.stage_id = self.stages["awaiting"]
        with freeze_time("2026-03-20 10:00"), self.assertRaises(UserError):
            complaint._customer_silent()

    def test_a_letter_to_the_customer_does_not_reset_attempts(self):
        self.customer.email = "li.na@life.example.com"
        complaint = self._make_settled()
        self._try(complaint, 2, 6)
        with freeze_time("2026-03-07 10:00"):
            complaint._write_to_customer("Please call us.")
        self._try(complaint, 8)
        with freeze_time("2026-03-20 10:00"):
            complaint._customer_silent()
        self.assertEqual(complaint.close_kind, "silent")

    def _add_open_action(self, complaint):
        vals = {"res_model": complaint._name, "res_id": complaint.id, "name": "Look again"}
        return self.env["customer.action"].with_user(self.agent).create(vals)

    def test_a_user_without_access_cannot_answer_for_the_customer(self):
        complaint = self._make_settled().with_user(self.colleague)
        for verb in ("_customer_confirms", "_customer_informed", "_customer_not_reached"):
            with self.subTest(verb=verb), self.assertRaises(AccessError):
                getattr(complaint, verb)("By phone")

    def test_the_first_message_to_the_customer_is_an_answer(self):
        complaint = self._complain()
        complaint.message_post(
            body="Among us", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        self.assertFalse(complaint.date_answered)
        complaint.sudo().message_subscribe(self.customer.ids)
        complaint.message_post(body="A note", subtype_xmlid="mail.mt_note")
        self.assertFalse(complaint.date_answered)
        complaint.sudo().message_post(
            body="Well?",
            author_id=self.customer.id,
            message_type="email",
            subtype_xmlid="mail.mt_comment",
        )
        self.assertFalse(complaint.date_answered)
        with freeze_time("2026-03-01 10:06"):
            complaint.message_post(
                body="We look into it.", message_type="comment", subtype_xmlid="mail.mt_comment"
            )
        with freeze_time("2026-03-01 12:00"):
            complaint._customer_informed("By phone")
        self.assertEqual(complaint.date_answered, datetime(2026, 3, 1, 10, 6))

    # After closing

    def test_a_reply_reopens_it_within_thirty_days_and_later_opens_a_new_one(self):
        for day, is_same in (("2026-03-31", True), ("2026-04-01", False)):
            with self.subTest(day=day):
                complaint = self._make_closed()
                with freeze_time(f"{day} 23:00"):
                    going_on = complaint._customer_replies("It rattles again")
                self.assertEqual(going_on == complaint, is_same)
                self.assertEqual(complaint.reopen_count, int(is_same))
                self.assertEqual(bool(complaint.date_closed), not is_same)
                if not is_same:
                    self.assertEqual(going_on.previous_id, complaint)
                    self.assertEqual(going_on.state, "new")
                    self.assertIn("rattles again", going_on.description)
                    self.assertFalse(going_on.confirmation)

    def test_an_old_complaint_is_not_opened_by_a_drag(self):
        complaint = self._make_closed()
        with freeze_time("2026-04-01 10:00"):
            with self.assertRaisesRegex(UserError, "closed more than 30 days ago"):
                complaint.stage_id = self.stages["solving"]
            action = complaint.action_reopen()
        self.assertNotEqual(action["res_id"], complaint.id)

    def test_opening_again_asks_for_a_new_confirmation(self):
        complaint = self._make_closed()
        complaint.stage_id = self.stages["solving"]
        self.assertFalse(complaint.date_closed or complaint.close_kind or complaint.confirmation)
        self.assertEqual(complaint.reopen_count, 1)
        self.assertRefuses(complaint, "closed", "the customer's confirmation")

    def test_a_duplicate_closes_as_such(self):
        original = self._complain()
        double = self._complain(duplicate_of_id=original.id)
        double.stage_id = self.stages["closed"]
        self.assertEqual(double.close_kind, "duplicate")
        original._customer_withdraws("By phone")
        self.assertIn("is closed", "".join(double.message_ids.mapped("body")))

    def test_a_duplicate_names_the_one_that_is_worked_on(self):
        original, other = self._complain(), self._complain()
        double = self._complain(duplicate_of_id=original.id)
        stranger = self._make_customer("Wang Wei")
        elsewhere = self._complain(partner_id=stranger.id)
        for complaint, named in ((original, original), (other, double), (original, other)):
            with (
                self.assertRaisesRegex(ValidationError, "original complaint"),
                self.env.cr.savepoint(),
            ):
                complaint.duplicate_of_id = named
        with (
            self.assertRaisesRegex(ValidationError, "different customers"),
            self.env.cr.savepoint(),
        ):
            elsewhere.duplicate_of_id = original

    def test_without_an_accountable_user_no_transfer_is_recorded(self):
        complaint = self._make_closed().sudo()
        complaint.accountable_user_id = False
        complaint._reopen()
        self.assertEqual(complaint.state, "assessing")
        self.assertFalse(complaint.transfer_ids)

    def test_a_complaint_closed_long_ago_cannot_be_the_original(self):
        original = self._make_closed()
        double = self._complain(duplicate_of_id=original.id)
        double.duplicate_of_id = False
        with (
            freeze_time("2026-05-01"),
            self.assertRaisesRegex(ValidationError, "closed too long ago"),
            self.env.cr.savepoint(),
        ):
            double.duplicate_of_id = original

    def test_a_body_that_refuses_the_case_decides_nothing(self):
        complaint = self._complain(verdict="confirmed", cause="A screw")
        complaint._customer_informed("By letter")
        refusal = {"body": "Court", "outcome": "refused", "date_outcome": "2026-03-09"}
        complaint.referral_ids = [Command.create(refusal)]
        self.assertRefuses(complaint, "closed", "the solution")
        settled = {"body": "Mediation", "outcome": "settlement", "date_outcome": "2026-03-09"}
        complaint.referral_ids = [Command.create(settled)]
        complaint.stage_id = self.stages["closed"]
        self.assertEqual(complaint.close_kind, "external")

    def test_removing_a_cause_closes_no_complaint(self):
        cause = self.env["customer.complaint.cause"].with_user(self.agent).create({"name": "Screw"})
        complaints = self._complain(cause_id=cause.id) | self._complain(cause_id=cause.id)
        self.assertEqual(cause.complaint_count, 2)
        cause.action_remove()
        self.assertEqual(set(complaints.mapped("state")), {"new"})

    def test_an_outside_body_decides(self):
        complaint = self._complain(verdict="confirmed", cause="A screw")
        complaint.referral_ids = [Command.create({"body": "Consumers' association"})]
        complaint.stage_id = self.stages["external"]
        self.assertEqual(complaint.state, "external")
        complaint._customer_informed("By letter")
        self.assertRefuses(complaint, "closed", "decision of Consumers' association")
        complaint.referral_ids.write({"outcome": "settlement", "date_outcome": "2026-03-09"})
        complaint.stage_id = self.stages["closed"]
        self.assertEqual(complaint.close_kind, "external")

    def test_a_reopened_complaint_is_not_assigned_to_users_who_left(self):
        for days, is_same in ((1, True), (400, False)):
            with self.subTest(days=days):
                complaint = self._make_closed(team_id=self.team.id)
                complaint.sudo().date_closed -= timedelta(days=days)
                self.agent.active = False
                following = complaint.sudo()._reopen("It rattles again")
                self.assertEqual(following == complaint, is_same)
                self.assertEqual(following.user_id, self.leader)
                self.assertEqual(following.accountable_user_id, self.leader)
                self.agent.active = True

    def test_the_number_and_the_consent_are_not_written_by_users(self):
        complaint = self._complain()
        facts = {"name": "W1", "consent_text": "All", "date_acknowledged": "2026-01-01"}
        for name, value in facts.items():
            with self.subTest(name=name), self.assertRaises(UserError):
                complaint[name] = value
