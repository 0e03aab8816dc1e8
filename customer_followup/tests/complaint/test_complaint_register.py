import base64
from datetime import datetime
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger
from odoo.tools.mimetypes import _odoo_guess_mimetype

from ...models.intake import customer_complaint_evidence
from ..common import PHONE, ComplaintCommon

COMPLAINT = "customer.complaint"
PIXEL = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


@tagged("post_install", "-at_install")
@freeze_time("2026-03-01 10:00")
class TestComplaintRegister(ComplaintCommon):
    """Registration of complaints: complainant, subject, receivers and evidence."""

    def test_an_unknown_person_complains(self):
        with Form(self.env["customer.complaint"].with_user(self.agent)) as form:
            form.title = "It rattles"
            form.complainant_name = "A passer-by"
            form.unknown_phone = PHONE
        complaint = form.record
        self.assertEqual(complaint.unknown_phone, "*******5678")
        self.assertEqual(complaint.sudo().complainant_phone, PHONE)
        with self.assertRaises(AccessError):
            complaint.read(["complainant_phone"])
        # Where the name and the number of a contact stand elsewhere.
        self.assertEqual(complaint.customer_name, "A passer-by")
        self.assertEqual(complaint.phone_masked, complaint.unknown_phone)
        found = complaint.search([("customer_name", "ilike", "passer")])
        self.assertEqual(found.filtered(lambda one: not one.partner_id), complaint)
        complaint.unknown_phone = "*******5678"
        self.assertEqual(complaint.sudo().complainant_phone, PHONE)
        with self.assertRaisesRegex(UserError, "“.*5679” hides a part"), self.env.cr.savepoint():
            complaint.unknown_phone = "*******5679"
        self.assertEqual(complaint.sudo().complainant_phone, PHONE)
        complaint.sudo().team_id = self.team
        self.assertEqual(complaint.with_user(self.leader).unknown_phone, PHONE)

    def test_an_unknown_number_cannot_be_searched_or_grouped(self):
        complaints = self.env["customer.complaint"].with_user(self.agent)
        for call in (
            lambda: complaints.search([("complainant_phone", "ilike", "5678")]),
            lambda: complaints._read_group([], ["complainant_phone"]),
            lambda: complaints.search([], order="complainant_email"),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_a_document_is_shown_to_those_who_may_open_it(self):
        document = self._complain(self.colleague).sudo()
        complaint = self._complain().sudo()
        # Any model with rules will do.
        self.patch(type(complaint), "_is_document", lambda _complaint, name: name == COMPLAINT)
        complaint.write({"object_model": document._name, "object_id": document.id})
        self.assertEqual(complaint.object_ref, document)
        self.assertFalse(complaint.with_user(self.agent).object_ref)
        self.assertEqual(complaint.with_user(self.manager).object_ref, document)
        with self.assertRaises(AccessError):
            complaint.with_user(self.agent).object_ref = f"{document._name},{document.id}"
        complaint.object_model = "no.such.model"
        self.assertFalse(complaint.object_ref)

    def test_only_documents_that_customers_know_are_offered(self):
        offered = dict(self.env[COMPLAINT]._selection_object_ref())
        known = {"sale.order", "account.move", "project.task", "repair.order", "crm.lead"}
        installed = {name for name in known if name in self.env}
        self.assertLessEqual(installed, offered.keys())
        for name in (COMPLAINT, "customer.followup", "customer.action", "res.partner"):
            self.assertNotIn(name, offered)
        for name in offered:
            self.assertEqual(self.env[name]._fields["partner_id"].comodel_name, "res.partner")
        readable = dict(self.env[COMPLAINT].with_user(self.agent)._selection_object_ref())
        for name in installed:
            may_read = self.env[name].with_user(self.agent).has_access("read")
            self.assertEqual(name in readable, may_read)

    def test_only_leaders_see_the_employees_concerned(self):
        complaint = self._complain(team_id=self.team.id)
        complaint._accuse(self.colleague)
        for user in (self.leader, self.manager):
            self.assertEqual(complaint.with_user(user).accused_user_ids, self.colleague)
        for call in (
            lambda: complaint.read(["accused_user_ids"]),
            lambda: complaint.search([("accused_user_ids", "in", self.colleague.id)]),
            lambda: complaint.read(["decision"]),
        ):
            with self.assertRaises(AccessError):
                call()
        self.assertEqual(complaint.sudo().copy().accused_user_ids, self.colleague)
        with self.assertRaises(AccessError):
            complaint.with_user(self.colleague)._accuse(self.agent)

    def test_the_accused_leader_is_not_notified(self):
        complaint = self._complain(team_id=self.team.id)
        complaint._accuse(self.leader)
        complaint._escalate("Three rounds")
        notified = complaint.sudo().activity_ids.user_id
        self.assertTrue(notified)
        self.assertNotIn(self.leader, notified)

    def test_the_receiver_with_the_higher_grade_is_accountable(self):
        self.agent.customer_grade, self.colleague.customer_grade = 2, 3
        complaint = self._complain(
            receiver_ids=[Command.set((self.agent | self.colleague).ids)], user_id=self.agent.id
        )
        self.assertEqual(complaint.accountable_user_id, self.colleague)

    def test_the_backup_is_accountable_when_the_accountable_user_leaves(self):
        sun = new_test_user(self.env, "cf_sun", groups="customer_followup.group_followup_user")
        self.env["customer.ownership"].create(
            {"commercial_partner_id": self.customer.id, "user_id": sun.id, "role": "backup"}
        )
        complaint, closed = self._complain(team_id=self.team.id), self._make_closed()
        complaint.sudo().user_id = sun
        self.agent.active = False
        self.assertEqual(complaint.accountable_user_id, sun)
        self.assertEqual(closed.accountable_user_id, self.agent)
        history = complaint.sudo().transfer_ids
        self.assertEqual((history.from_user_id, history.to_user_id), (self.agent, sun))

    def test_files_are_taken_by_content_and_size(self):
        complaint = self._complain()
        evidence = self.env["customer.complaint.evidence"].with_user(self.agent)
        vals = {"complaint_id": complaint.id, "name": "door.gif"}
        evidence.create({**vals, "datas": PIXEL})
        script = base64.b64encode(b"<html><script>alert(1)</script></html>")
        with self.assertRaisesRegex(
            UserError, "“door.gif” has a file type that is not accepted. Accepted: image/"
        ):
            evidence.create({**vals, "datas": script})
        with self.assertRaisesRegex(UserError, "“door.gif” cannot be changed"):
            complaint.evidence_ids.datas = PIXEL
        with self.assertRaisesRegex(UserError, "is not accepted"):
            complaint.evidence_ids.sudo().datas = script
        self.company.customer_evidence_mb = 1
        big = base64.b64encode(base64.b64decode(PIXEL) + b"0" * 1024 * 1024)
        with self.assertRaisesRegex(UserError, "is too large. The limit is 1 MB"):
            evidence.create({**vals, "datas": big})
        # The attachment itself cannot be changed or deleted either.
        files = self.env["ir.attachment"].with_user(self.agent)
        proof = files.search([("res_model", "=", evidence._name), ("res_field", "=", "datas")])
        self.assertTrue(proof)
        for change in (lambda: proof.write({"raw": b"GIF89a"}), proof.unlink):
            with self.assertRaisesRegex(UserError, "cannot be changed"), self.cr.savepoint():
                change()
        # By any other path, too.
        with self.assertRaisesRegex(UserError, "is not accepted"), self.cr.savepoint():
            evidence.with_context(default_datas=script).create(vals)
        with self.assertRaisesRegex(UserError, "is not accepted"), self.cr.savepoint():
            complaint.evidence_ids = [Command.create({"name": "door.gif", "datas": script})]

    def test_media_types_of_phones_are_detected_without_a_library(self):
        self.patch(customer_complaint_evidence, "guess_mimetype", _odoo_guess_mimetype)
        complaint = self._complain()
        for content in (
            b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic",
            b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00isommp42",
            b"ID3\x03\x00\x00\x00\x00\x00\x00",
            b"#!AMR\n\x00",
        ):
            taken, refused = complaint.sudo()._sorted_files([("from the phone", content)])
            self.assertTrue(taken and not refused, content)
        complaint.sudo()._keep_files(taken)
        self.assertEqual(complaint.evidence_ids.kind, "audio")

    def _make_parts(self, complaint):
        about = {"complaint_id": complaint.id}
        complaint._customer_informed("By phone")
        complaint._hand_over("Holiday", team=self.team)
        return [
            complaint.contact_ids,
            complaint.transfer_ids,
            *(
                self.env[f"customer.complaint.{name}"].sudo().create({**about, **vals})
                for name, vals in {
                    "liability": {"party": "producer"},
                    "solution": {"name": "Repair"},
                    "evidence": {"name": "a.png", "datas": PIXEL},
                    "referral": {"body": "Court"},
                }.items()
            ),
        ]

    def test_parts_are_for_those_who_may_read_the_whole(self):
        self._make_second_company()
        mine = self._complain(self.colleague)
        for part in self._make_parts(mine):
            transfers = mine.sudo().transfer_ids.filtered(lambda one: one.state == "offered")
            transfers._decide("declined")
            with self.subTest(model=part._name):
                for user, is_seen in (
                    (self.colleague, True),
                    (self.agent, False),
                    (self.leader, True),
                    (self.manager, True),
                    (self.auditor, True),
                    (self.other_agent, False),
                    (self.other_manager, False),
                ):
                    theirs = part.with_user(user).with_context(
                        allowed_company_ids=user.company_ids.ids
                    )
                    self.assertEqual(theirs.has_access("read"), is_seen, user.login)
                    self.assertEqual(bool(theirs.search([("id", "=", part.id)])), is_seen)
                    self.assertEqual(theirs.search_count([("id", "=", part.id)]), int(is_seen))

    def test_users_cannot_add_parts_to_complaints_of_others(self):
        complaint = self._complain()
        for name, vals in {
            "liability": {"party": "producer"},
            "solution": {"name": "Repair"},
            "evidence": {"name": "a.png", "datas": PIXEL},
            "referral": {"body": "Court"},
        }.items():
            with self.subTest(model=name), self.assertRaises(AccessError):
                self.env[f"customer.complaint.{name}"].with_user(self.colleague).create(
                    {"complaint_id": complaint.id, **vals}
                )

    def test_a_part_stays_with_its_complaint(self):
        complaint, other = self._complain(), self._complain(self.colleague)
        complaint.solution_ids = [Command.create({"name": "Repair"})]
        with self.assertRaises(UserError):
            complaint.solution_ids.complaint_id = other

    def test_departments_of_liability_are_named(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(Exception, "team_named"),
            self.env.cr.savepoint(),
        ):
            self._complain().liability_ids = [Command.create({"party": "department"})]
            self.env.flush_all()


@tagged("post_install", "-at_install")
@freeze_time("2026-03-01 10:00")
class TestComplaintTransfer(ComplaintCommon):
    """Handover of complaints, with an accountable user who stays the same."""

    def setUp(self):
        super().setUp()
        self.company.customer_transfer_hours = 8

    def test_it_is_reassigned_when_the_colleague_accepts(self):
        complaint = self._complain()
        offer = complaint._hand_over("Expert in doors", self.colleague)
        self.assertEqual(complaint.user_id, self.agent)
        theirs = complaint.with_user(self.colleague)
        self.assertTrue(theirs.has_access("read") and theirs.is_offered_to_me)
        with self.assertRaisesRegex(UserError, "offered to someone else"):
            complaint.action_accept()
        theirs.action_accept()
        self.assertEqual(
            (complaint.user_id, complaint.accountable_user_id), (self.colleague, self.agent)
        )
        self.assertTrue(complaint.has_access("write"))
        self.assertEqual(offer.state, "accepted")
        theirs.transfer_ids.action_customer_informed()
        self.assertTrue(offer.date_informed)
        theirs.sudo().write({"verdict": "confirmed", "cause": "A", "solution": "B"})
        theirs._customer_informed("By phone")
        theirs._customer_confirms("By phone")
        self.assertEqual((complaint.state, complaint.accountable_user_id), ("closed", self.agent))

    def test_a_team_takes_it(self):
        complaint = self._complain(self.manager)
        complaint._hand_over("Doors", team=self.team)
        self.assertFalse(complaint.with_user(self.leader).is_offered_to_me)
        complaint.with_user(self.colleague).action_accept()
        self.assertEqual((complaint.user_id, complaint.team_id), (self.colleague, self.team))
        self.assertFalse(complaint.with_user(self.agent).has_access("read"))

    def test_declined_it_stays(self):
        complaint = self._complain()
        complaint._hand_over("Holiday", self.colleague)
        complaint.with_user(self.colleague).action_decline()
        self.assertEqual(complaint.user_id, self.agent)
        self.assertFalse(complaint.with_user(self.colleague).has_access("read"))
        with self.assertRaises(AccessError):
            complaint.with_user(self.colleague).action_accept()

    def test_an_agent_cannot_assign_to_a_colleague(self):
        complaint = self._complain()
        with self.assertRaisesRegex(UserError, "Use “Hand over”"):
            complaint.user_id = self.colleague
        complaint.sudo().team_id = self.team
        complaint.with_user(self.leader).user_id = self.colleague
        self.assertEqual(complaint.user_id, self.colleague)

    def test_one_offer_at_a_time(self):
        complaint = self._complain()
        complaint._hand_over("Holiday", self.colleague)
        with self.assertRaisesRegex(UserError, "already offered to someone"):
            complaint._hand_over("Holiday", self.manager)

    def test_users_cannot_hand_over_complaints_of_others(self):
        dialog = self.env["customer.complaint.handover"].with_user(self.colleague)
        complaint = self._complain()
        with self.assertRaises(AccessError):
            dialog.create(
                {"complaint_id": complaint.id, "user_id": self.colleague.id, "reason": "Mine"}
            ).action_hand_over()

    def _offer(self):
        complaint = self._complain(team_id=self.team.id)
        return complaint, complaint._hand_over("Holiday", self.colleague)

    def test_an_expired_offer_notifies_the_leader(self):
        complaint, offer = self._offer()
        with freeze_time("2026-03-02 16:59"):
            self._run_cron("ir_cron_return")
            self.assertEqual(offer.state, "offered")
        with freeze_time("2026-03-02 17:00"):
            self._run_cron("ir_cron_return")
            self._run_cron("ir_cron_return")
        self.assertEqual((offer.state, complaint.user_id), ("returned", self.agent))
        self.assertFalse(complaint.offered_user_id)
        notified = complaint.sudo().activity_ids.mapped("user_id")
        self.assertEqual((len(notified), notified), (2, self.agent | self.leader))
        with self.assertRaises(UserError):
            offer.sudo(False).with_user(self.agent).action_accept()

    def test_an_offer_that_fails_does_not_stop_others(self):
        poison, good = self._offer()[1], self._offer()[1]
        decide = type(poison)._decide

        def fail(records, state):
            if poison.id in records.ids:
                raise ValueError("Poison")
            return decide(records, state)

        with freeze_time("2026-03-03"):
            self.patch(type(poison), "_decide", fail)
            with self.assertLogs("odoo.addons.customer_followup", "WARNING") as log:
                self._run_cron("ir_cron_return")
        self.assertIn("is set aside: Poison", log.output[0])
        self.assertEqual((poison.state, good.state), ("stuck", "returned"))
        self.assertEqual(poison.note, "Poison")
        # It can be offered again.
        complaint = poison.complaint_id
        self.assertFalse(complaint.offered_user_id)
        self.assertFalse(complaint.is_blocked)
        complaint._hand_over("Holiday", user=self.colleague)

    def test_a_stopped_server_repeats_the_expiry(self):
        complaint, offer = self._offer()
        with freeze_time("2026-03-03"):
            with self._dying_before_commit(1):
                self._run_cron("ir_cron_return")
            self._run_cron("ir_cron_return")
        self.assertEqual(offer.state, "returned")
        self.assertEqual(len(complaint.sudo().activity_ids), 2)


@tagged("post_install", "-at_install")
class TestRepeat(ComplaintCommon):
    """One rectification after three consecutive high weeks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = "Asia/Shanghai"
        cls.category = cls.env["customer.complaint.category"].create(
            {
                "name": "Doors",
                "team_id": cls.team.id,
                "repeat_threshold": 5,
                "repeat_minimum": 3,
                "base_model_id": cls.env["ir.model"]._get_id("customer.workday"),
                "base_field_id": cls.env["ir.model.fields"]
                ._get("customer.workday", "date_from")
                .id,
            }
        )

    def _week(self, monday, complaints, base=100, **vals):
        """Create complaints and base records in a week."""
        day = datetime.fromisoformat(f"{monday} 04:00")
        with freeze_time(day):
            self.env["customer.complaint"].create(
                [
                    {"title": "Hm", "category_id": self.category.id, "date_received": day, **vals}
                    for _number in range(complaints)
                ]
            )
        self._bases = {**getattr(self, "_bases", {}), monday: base}

    def _watch(self, day):
        bases = getattr(self, "_bases", {})

        def count(category, company, start, end):
            return bases.get(str(company._customer_day(start)), 0)

        self.patch(type(self.category), "_base", count)
        with freeze_time(f"{day} 10:00"):
            self._run_cron("ir_cron_watch")
        return self._actions()

    def _actions(self):
        return self.env["customer.action"].search(
            [("res_model", "=", "customer.complaint.category"), ("res_id", "=", self.category.id)]
        )

    def _grades(self):
        weeks = self.env["customer.complaint.week"].search(
            [("category_id", "=", self.category.id), ("complaint_count", ">", 0)],
            order="date_from",
        )
        return weeks.mapped("grade")

    def test_three_high_weeks_open_one_rectification(self):
        for monday, complaints, base in (
            ("2026-03-02", 6, 100),
            ("2026-03-09", 7, 110),
            ("2026-03-16", 8, 120),
        ):
            self._week(monday, complaints, base)
        self.assertFalse(self._watch("2026-03-18"))
        action = self._watch("2026-03-23")
        self.assertEqual(len(action), 1)
        self.assertEqual((action.user_id, action.team_id), (self.leader, self.team))
        self.assertEqual(str(action.date_deadline), "2026-04-06")
        self.assertAlmostEqual(action.before_value, 100 * 8 / 120, places=2)
        self.assertEqual(action.week_ids.mapped("name"), ["2026-W12", "2026-W11", "2026-W10"])
        self.assertIn(self.team.name, action.note)

    def test_further_high_weeks_are_linked_to_it(self):
        for monday in ("2026-03-02", "2026-03-09", "2026-03-16", "2026-03-23", "2026-03-30"):
            self._week(monday, 6)
        first = self._watch("2026-03-23")
        again = self._watch("2026-04-06")
        self.assertEqual(first, again)
        self.assertEqual(len(again.week_ids), 5)
        self.assertEqual(self._watch("2026-04-06"), first)
        self.assertEqual(len(again.week_ids), 5)

    def test_high_weeks_after_its_completion_open_another(self):
        for monday in ("2026-03-02", "2026-03-09", "2026-03-16"):
            self._week(monday, 6)
        self._watch("2026-03-23").action_done()
        for monday in ("2026-03-23", "2026-03-30"):
            self._week(monday, 6)
        self.assertEqual(len(self._watch("2026-04-06")), 1)
        self._week("2026-04-06", 6)
        self.assertEqual(len(self._watch("2026-04-13")), 2)

    def test_the_threshold_counts_and_too_few_do_not(self):
        self._week("2026-03-02", 5, 100)
        self._week("2026-03-09", 2, 20)
        self._week("2026-03-16", 5, 90)
        self.assertFalse(self._watch("2026-03-23"))
        self.assertEqual(self._grades(), ["high", "normal", "high"])

    def test_the_year_has_a_week_53(self):
        for monday in ("2026-12-21", "2026-12-28", "2027-01-04"):
            self._week(monday, 6)
        action = self._watch("2027-01-11")
        self.assertEqual(action.week_ids.mapped("name"), ["2027-W01", "2026-W53", "2026-W52"])

    def test_a_week_without_a_base_neither_counts_nor_resets(self):
        for monday, base in (
            ("2026-03-02", 100),
            ("2026-03-09", 0),
            ("2026-03-16", 100),
            ("2026-03-23", 100),
        ):
            self._week(monday, 6, base)
        self.assertEqual(len(self._watch("2026-03-30")), 1)
        self.assertEqual(self._grades(), ["high", "unknown", "high", "high"])

    def test_weeks_begin_at_midnight_of_the_company(self):
        start, end = self.category._bounds(self.company, datetime(2026, 3, 2).date())
        self.assertEqual((start, end), (datetime(2026, 3, 1, 16), datetime(2026, 3, 8, 16)))

    def test_contacts_that_took_place_are_the_base(self):
        known = self.env["ir.model.fields"]
        for model, name in (
            ("customer.complaint", "date_received"),
            ("customer.followup", "date_done"),
            ("ir.cron", "nextcall"),
        ):
            field = known._get(model, name)
            vals = {"base_model_id": field.model_id.id, "base_field_id": field.id}
            with self.subTest(model=model), self.assertRaisesRegex(ValidationError, "the base"):
                self.category.with_user(self.admin).write(vals)
        self.category.write({"base_model_id": False, "base_field_id": False})
        with freeze_time("2026-03-03 10:00"):
            self._make_followup()._record_outcome(self._ending("reached"))
        bounds = self.category._bounds(self.company, datetime(2026, 3, 2).date())
        self.assertEqual(self.category._base(self.company, *bounds), 1)

    def test_messages_and_contacts_that_reached_no_one_are_no_base(self):
        self.category.write({"base_model_id": False, "base_field_id": False})
        with freeze_time("2026-03-03 10:00"):
            mail = self.env.ref("customer_followup.customer_channel_email")
            outcomes = self.env["customer.followup.outcome"].search([("is_reached", "=", False)])
            unreached = outcomes.filtered(lambda one: one._ends())[0]
            for channel, outcome in ((self.phone, unreached), (mail, self._ending("reached"))):
                self._make_followup(channel_id=channel.id)._record(
                    {
                        "state": "done",
                        "date_done": fields.Datetime.now(),
                        "outcome_id": outcome.id,
                    }
                )
        bounds = self.category._bounds(self.company, datetime(2026, 3, 2).date())
        self.assertEqual(self.category._base(self.company, *bounds), 0)

    def test_a_week_is_counted_anew_while_its_complaints_change(self):
        other = self.category.copy({"name": "Other"})
        self._week("2026-03-02", 6, category_id=other.id)
        self._watch("2026-03-09")
        self.assertEqual(self._grades(), [])
        complaints = self.env["customer.complaint"].search([("category_id", "=", other.id)])
        complaints.category_id = self.category
        self._watch("2026-03-10")
        self.assertEqual(self._grades(), ["high"])
        complaints[1:4]._record({"close_kind": "withdrawn"})
        self._watch("2026-03-11")
        self.assertEqual(self._grades(), ["normal"])
        self.category.repeat_threshold = 3
        self._watch("2026-03-12")
        self.assertEqual(self._grades(), ["high"])

    def test_a_week_with_a_rectification_keeps_its_numbers(self):
        for monday in ("2026-03-02", "2026-03-09", "2026-03-16"):
            self._week(monday, 6)
        action = self._watch("2026-03-23")
        complaints = self.env["customer.complaint"].search([("category_id", "=", self.category.id)])
        complaints._record({"close_kind": "withdrawn"})
        self._watch("2026-03-24")
        self.assertEqual(action.week_ids.mapped("complaint_count"), [6, 6, 6])

    def test_a_week_that_did_not_change_is_not_written(self):
        self._week("2026-03-02", 6)
        self._watch("2026-03-09")
        weeks = type(self.env["customer.complaint.week"])
        with patch.object(weeks, "write", side_effect=AssertionError):
            self._watch("2026-03-10")
        self.assertFalse(self.category.repeat_problem)

    def test_any_model_is_the_base(self):
        # The Sundays before and within it, and its Monday.
        for day in ("2026-03-01", "2026-03-02", "2026-03-08", "2026-03-09"):
            self.env["customer.workday"].create({"name": "Off", "date_from": day, "date_to": day})
        for zone in ("Asia/Shanghai", "UTC", "America/New_York"):
            self.company.resource_calendar_id.tz = zone
            bounds = self.category._bounds(self.company, datetime(2026, 3, 2).date())
            self.assertEqual(self.category._base(self.company, *bounds), 2, zone)

    def test_each_company_has_its_own_weeks(self):
        self._make_second_company()
        for monday in ("2026-03-02", "2026-03-09", "2026-03-16"):
            self._week(monday, 6, company_id=self.other_company.id)
        self.category.company_id = False
        actions = self._watch("2026-03-23")
        self.assertEqual(actions.company_id, self.other_company)

    def test_a_category_that_fails_does_not_stop_others(self):
        for monday in ("2026-03-02", "2026-03-09", "2026-03-16"):
            self._week(monday, 6)
        poison = self.category.copy({"name": "Poison"})
        vals = type(poison)._prepare_week_vals

        def fail(category, *args):
            if category == poison:
                raise ValueError("Poison")
            return vals(category, *args)

        self.patch(type(poison), "_prepare_week_vals", fail)
        self.assertEqual(len(self._watch("2026-03-23")), 1)
        self.assertEqual(poison.repeat_problem, "Poison")

    def test_a_week_that_fails_in_one_company_is_counted_later(self):
        self._make_second_company()
        self.category.company_id = False
        vals = type(self.category)._prepare_week_vals

        def fail(category, company, *args):
            if company == self.company:
                raise ValueError("Poison")
            return vals(category, company, *args)

        with patch.object(type(self.category), "_prepare_week_vals", fail):
            self._watch("2026-03-23")
        self.assertEqual(self.category.repeat_problem, "Poison")
        self._watch("2026-03-23")
        self.assertFalse(self.category.repeat_problem)

    def test_all_departments_see_the_rectification_and_are_notified(self):
        chief = self.leader.copy({"login": "cf_chief", "email": "chief@example.com"})
        parts = self.env["customer.team"].create({"name": "Parts", "leader_id": chief.id})
        self.category.team_ids = parts
        stranger = self.leader.copy({"login": "cf_else"})
        self.env["customer.team"].create({"name": "Elsewhere", "leader_id": stranger.id})
        for monday, complaints, base in (
            ("2026-03-02", 6, 100),
            ("2026-03-09", 7, 110),
            ("2026-03-16", 8, 120),
        ):
            self._week(monday, complaints, base)
        action = self._watch("2026-03-23")
        self.assertEqual(len(action), 1)
        self.assertEqual(action.team_ids, self.team | parts)
        for user, is_seen in ((self.leader, True), (chief, True), (stranger, False)):
            self.assertEqual(action.with_user(user).has_access("read"), is_seen, user.login)
        notified = action.message_ids | self.env["mail.message"].search(
            [("model", "=", action._name), ("res_id", "=", action.id)]
        )
        self.assertEqual(notified.notified_partner_ids, (self.leader | chief).partner_id)

    def test_a_stopped_server_counts_no_week_twice(self):
        for monday in ("2026-03-02", "2026-03-09", "2026-03-16"):
            self._week(monday, 6)
        with self._dying_before_commit(1):
            self._watch("2026-03-23")
        self.assertEqual(len(self._watch("2026-03-23")), 1)
