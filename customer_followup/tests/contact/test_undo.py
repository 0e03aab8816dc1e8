from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..common import AGENT, ComplaintCommon, FollowupCommon

STATE = ("state", "outcome_id", "date_planned", "date_deadline", "date_done", "date_due", "user_id")
HOUR = timedelta(hours=1)
PLAN = ("state", "stop_code", "date_next", "is_planned_out")


class UndoCommon(FollowupCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.phone | cls.survey_channel).write({"hour_from": 0, "hour_to": 24})

    def _row(self, contact):
        """Return a contact, its plan and what is planned besides, as values to compare."""
        contact = contact.sudo()
        self.env.invalidate_all()
        plans = self.env["customer.followup.enrollment"].search(
            [("commercial_partner_id", "=", self.customer.id)]
        )
        return (
            [contact[name] for name in STATE],
            [(one.id, one.state, one.close_code) for one in plans.followup_ids],
            [[plan[name] for name in PLAN] for plan in plans],
            len(contact.attempt_ids),
            self.env["customer.contact.block"].search_count([]),
            self.env["customer.contact.refusal"].search_count([]),
            self.env["customer.action"].search_count([]),
        )

    def _enrolled(self, *steps):
        """Return the agent's first contact of a plan with these steps."""
        enrollment = self._make_cadence(*steps)._enroll(self.customer)
        enrollment.user_id = self.agent
        self._run_cron("ir_cron_plan")
        contact = enrollment.followup_ids.sorted("date_planned")[:1]
        contact.user_id = self.agent
        return contact.with_user(self.agent)

    def _choose(self, contact, ending, **answers):
        """End a contact as the form does: by its button, and by the dialog where one opens."""
        outcome = self._ending(ending)
        dialog = contact.action_outcome(outcome.id)
        if dialog:
            wizard = self.env["customer.followup.close"].with_user(contact.env.user)
            form = Form(wizard.with_context(**dialog["context"]))
            for name, value in answers.items():
                setattr(form, name, value)
            form.save().action_close()
        self.env.flush_all()


@tagged("post_install", "-at_install")
class TestUndo(UndoCommon):
    """The user who recorded an outcome by mistake can undo it for some minutes."""

    def test_every_outcome_is_undone_whole(self):
        later = fields.Datetime.now() + timedelta(hours=3)
        answers = {
            "callback": {"date_until": later},
            "colleague": {"colleague_id": self.colleague},
            "refused": {"refused": "all"},
        }
        manual = self.env["customer.followup.outcome"].search([("is_manual", "=", True)])
        names = {one.get_external_id()[one.id].rsplit("outcome_", 1)[1] for one in manual}
        self.assertEqual(len(names), 9)
        for name in sorted(names):
            with self.subTest(outcome=name), self.env.cr.savepoint() as savepoint:
                steps = (
                    {"offset_count": 0},
                    {"offset_count": 9},
                    {"anchor": "previous", "offset_count": 2},
                )
                # On two plans: what a customer wishes counts for both.
                self._enrolled(*steps)
                contact = self._enrolled(*steps)
                before = self._row(contact)
                consents = self.env["customer.consent"]._standing(self.customer)
                self._choose(contact, name, **answers.get(name, {}))
                self.assertNotEqual(self._row(contact), before)
                self._run_cron("ir_cron_plan")
                contact.action_undo()
                self.assertEqual(self._row(contact), before)
                self.assertEqual(self.env["customer.consent"]._standing(self.customer), consents)
                # After the undo the same can be chosen once more.
                self._choose(contact, name, **answers.get(name, {}))
                self.assertNotEqual(self._row(contact), before)
                savepoint.rollback()

    def test_the_third_failed_attempt_and_its_fallback_are_undone(self):
        sms = self.env.ref("customer_followup.customer_channel_sms")
        contact = self._enrolled({"alternative_ids": sms.ids, "late_count": 9})
        self._choose(contact, "no_answer")
        self._choose(contact, "no_answer")
        before = self._row(contact)
        self._choose(contact, "no_answer")
        other = self.env["customer.followup"].search([("fallback_of_id", "=", contact.id)])
        self.assertEqual((contact.state, other.channel_id), ("missed", sms))
        contact.action_undo()
        self.assertEqual(self._row(contact), before)
        self.assertFalse(other.exists())

    def test_the_planner_waits_until_it_cannot_be_undone(self):
        contact = self._enrolled({"offset_count": 0}, {"anchor": "previous", "offset_count": 2})
        before = self._row(contact)
        self._choose(contact, "reached")
        self._run_cron("ir_cron_plan")
        self.assertEqual(len(contact.sudo().enrollment_id.followup_ids), 1)
        contact.action_undo()
        self.assertEqual(self._row(contact), before)
        self._choose(contact, "reached")
        with freeze_time(fields.Datetime.now() + timedelta(minutes=11)):
            self._run_cron("ir_cron_plan")
        self.assertEqual(len(contact.sudo().enrollment_id.followup_ids), 2)

    def test_a_plan_that_ended_with_it_runs_again(self):
        contact = self._enrolled({"offset_count": 0})
        self._run_cron("ir_cron_plan")
        self._choose(contact, "reached")
        self._run_cron("ir_cron_plan")
        enrollment = contact.sudo().enrollment_id
        self.assertEqual(enrollment.state, "done")
        contact.action_undo()
        self.assertEqual((contact.state, enrollment.state), ("planned", "active"))

    def test_no_outcome_is_undone_once_its_number_is_corrected(self):
        contact = self._make_followup().with_user(self.agent)
        contact._record_outcome_by_hand(self._ending("wrong_number"))
        undo = self.env["customer.followup.undo"].with_user(self.agent)
        self.assertEqual(list(undo._available(contact)), contact.ids)
        contact._correct({"phone": "+33 6 99 99 99 99"})
        self.assertEqual(undo._available(contact), {})

    def test_a_wish_recorded_by_mistake_is_corrected_not_deleted(self):
        contact = self._enrolled({"offset_count": 0})
        self._choose(contact, "refused", refused="purpose")
        contact.action_undo()
        rows = self.env["customer.consent"].search([("partner_id", "=", self.customer.id)])
        mistake, correction = rows.sorted("id")
        self.assertEqual((mistake.kind, correction.kind), ("withdrawn", "none"))
        self.assertEqual((correction.corrects_id, correction.user_id), (mistake, self.agent))
        self.assertEqual(self.env["customer.consent"]._standing(self.customer), {})

    def test_a_refusal_of_a_merged_duplicate_stays(self):
        double = self._make_customer("Li Na")
        with freeze_time("2026-01-10 10:00"):
            double._note_consent(self.service, "withdrawn", "written")
        contact = self._enrolled({"offset_count": 0})
        self._choose(contact, "refused", refused="purpose")
        contact.action_undo()
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard._merge((double | self.customer).ids, self.customer)
        standing = self.env["customer.consent"]._standing(self.customer)[self.customer.id]
        self.assertEqual(standing, {(self.service.id, None): "withdrawn"})

    def test_a_block_that_a_second_contact_found_too_stays(self):
        mate = self._make_customer("Zhou Min", phone=self.customer.phone)
        first = self._make_followup().with_user(self.agent)
        second = self._make_followup(partner_id=mate.id).with_user(self.agent)
        self._choose(first, "wrong_number")
        with patch.object(self.env.cr.__class__, "now", lambda _cr: fields.Datetime.now() + HOUR):
            self._choose(second, "wrong_number")
        with self.assertRaisesRegex(UserError, "were edited since"):
            first.action_undo()
        block = self.env["customer.contact.block"].search([])[0]
        self.assertEqual((block.kind, block.active), ("wrong", True))

    def test_an_unsubscription_by_the_customer_is_recorded_as_well(self):
        contact = self._enrolled({"offset_count": 0})
        self._choose(contact, "refused", refused="purpose")
        contact.sudo()._leave("page", contact.purpose_id)
        contact.sudo()._leave("page", contact.purpose_id)
        rows = self.env["customer.consent"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(rows.sorted("id").mapped("how"), ["spoken", "page"])
        with self.assertRaisesRegex(UserError, "were edited since"):
            contact.action_undo()
        standing = self.env["customer.consent"]._standing(self.customer)[self.customer.id]
        self.assertEqual(standing, {(contact.purpose_id.id, None): "withdrawn"})
        self.assertEqual(contact.state, "done")

    def test_a_refusal_recorded_by_a_second_agent_stays(self):
        contacts = []
        for user in self.agent | self.colleague:
            contacts.append(self._make_followup(user).with_user(user))
            self._choose(contacts[-1], "refused", refused="purpose")
        with self.assertRaisesRegex(UserError, "were edited since"):
            contacts[0].action_undo()
        contacts[1].action_undo()
        standing = self.env["customer.consent"]._standing(self.customer)[self.customer.id]
        self.assertEqual(standing, {(self.service.id, None): "withdrawn"})

    def test_work_on_what_followed_is_not_deleted(self):
        sms = self.env.ref("customer_followup.customer_channel_sms")
        contact = self._enrolled({"alternative_ids": sms.ids, "late_count": 9})
        for _try in range(3):
            self._choose(contact, "no_answer")
        other = self.env["customer.followup"].search([("fallback_of_id", "=", contact.id)])
        other.feedback_ids.create({"followup_id": other.id, "kind": "need", "text": "A brochure"})
        with self.assertRaisesRegex(UserError, "were edited since"):
            contact.action_undo()
        self.assertEqual(other.feedback_ids.text, "A brochure")

    def test_not_after_it_was_reassigned(self):
        for change in (
            {"user_id": self.colleague.id},
            {"team_id": False},
        ):
            with self.subTest(change=change):
                contact = self._make_followup().with_user(self.agent)
                self._choose(contact, "reached")
                contact.sudo().write(change)
                with self.assertRaisesRegex(UserError, "were edited since"):
                    contact.action_undo()
                self.assertEqual(contact.sudo().state, "done")

    def test_not_without_the_role(self):
        contact = self._make_followup().with_user(self.agent)
        self._choose(contact, "reached")
        self.team.member_ids -= self.agent
        self.agent.group_ids -= self.env.ref(AGENT)
        with self.assertRaisesRegex(UserError, "no outcome of yours to undo"):
            contact.action_undo()
        self.assertEqual(contact.sudo().state, "done")

    def test_a_consent_that_stood_before_stands_again(self):
        contact = self._enrolled({"offset_count": 0})
        self.customer._note_consent(contact.purpose_id, "given", "written")
        self._choose(contact, "refused", refused="purpose")
        contact.action_undo()
        standing = self.env["customer.consent"]._standing(self.customer)[self.customer.id]
        self.assertEqual(standing, {(contact.purpose_id.id, None): "given"})

    def test_the_chatter_keeps_that_it_was_undone(self):
        contact = self._make_followup().with_user(self.agent)
        self._choose(contact, "reached")
        contact.action_undo()
        note = contact.sudo().message_ids[0]
        self.assertEqual((note.preview, note.author_id), ("Undone: Reached", self.agent.partner_id))

    def test_after_some_minutes_it_is_too_late(self):
        contact = self._make_followup().with_user(self.agent)
        self._choose(contact, "reached")
        self.assertTrue(contact.can_undo)
        with freeze_time(fields.Datetime.now() + timedelta(minutes=11)):
            self.env.invalidate_all()
            self.assertFalse(contact.can_undo)
            with self.assertRaisesRegex(UserError, "no outcome of yours to undo"):
                contact.action_undo()
        self.assertEqual(contact.state, "done")

    def test_only_the_user_who_recorded_it_undoes_it(self):
        contact = self._make_followup().with_user(self.agent)
        self._choose(contact, "reached")
        for user in self.leader | self.manager | self.colleague | self.stranger | self.auditor:
            with self.subTest(user=user.login):
                self.assertFalse(contact.with_user(user).sudo().can_undo)
                with self.assertRaises(UserError):
                    contact.with_user(user).action_undo()
        self.assertEqual(contact.state, "done")

    def test_the_agent_who_passed_it_on_undoes_it_without_access(self):
        contact = self._make_followup(team_id=False).with_user(self.agent)
        self._choose(contact, "colleague", colleague_id=self.colleague)
        self.env.invalidate_all()
        self.assertFalse(contact.has_access("read"))
        contact.action_undo()
        self.assertEqual(contact.user_id, self.agent)

    def test_once_only(self):
        contact = self._make_followup().with_user(self.agent)
        self._choose(contact, "reached")
        contact.action_undo()
        with self.assertRaisesRegex(UserError, "no outcome of yours to undo"):
            contact.action_undo()

    def test_attempts_are_undone_one_after_the_other(self):
        contact = self._make_followup().with_user(self.agent)
        self._choose(contact, "no_answer")
        between = self._row(contact)
        self._choose(contact, "busy")
        contact.action_undo()
        self.assertEqual(self._row(contact), between)
        contact.action_undo()
        self.assertEqual((contact.state, len(contact.attempt_ids)), ("planned", 0))

    def test_not_when_something_that_followed_has_changed(self):
        contact = self._enrolled({"offset_count": 0}, {"offset_count": 9})
        self._choose(contact, "stop")
        enrollment = contact.sudo().enrollment_id
        self.assertEqual(enrollment.state, "stopped")
        enrollment.stop_code = "goal_reached"
        with self.assertRaisesRegex(UserError, "were edited since"):
            contact.action_undo()
        self.assertEqual((contact.state, enrollment.state), ("done", "stopped"))

    def test_not_when_the_plan_went_on_or_was_stopped(self):
        for end in ("_wake", "action_stop"):
            with self.subTest(end=end):
                contact = self._enrolled(
                    {"offset_count": 0}, {"anchor": "previous", "offset_count": 2}
                )
                self._choose(contact, "reached")
                enrollment = contact.sudo().enrollment_id
                getattr(enrollment, end)()
                self._run_cron("ir_cron_plan")
                with self.assertRaisesRegex(UserError, "were edited since"):
                    contact.action_undo()
                self.assertEqual(contact.state, "done")

    def test_an_archived_customer_is_not_contacted_again(self):
        contact = self._make_followup().with_user(self.agent)
        self._choose(contact, "reached")
        self.customer.action_archive()
        self.cr.flush()
        contact.action_undo()
        self.assertEqual((contact.state, contact.close_code), ("withheld", "archived"))

    def test_another_companys_contact_is_not_touched(self):
        self._make_second_company()
        theirs = self._make_followup(
            user=self.other_agent, company_id=self.other_company.id, team_id=self.other_team.id
        )
        contact = self._make_followup().with_user(self.agent)
        self._choose(contact, "block")
        self._choose(theirs.with_user(self.other_agent), "no_answer")
        with self.assertRaisesRegex(UserError, "no outcome of yours to undo"):
            theirs.with_user(self.agent).action_undo()
        contact.action_undo()
        self.assertEqual((contact.state, theirs.state), ("planned", "waiting"))

    def test_what_it_remembers_is_read_by_no_one(self):
        contact = self._make_followup().with_user(self.agent)
        self._choose(contact, "reached")
        undo = self.env["customer.followup.undo"].with_user(self.agent).search([])
        self.assertEqual(len(undo), 1)
        with self.assertRaises(AccessError):
            undo.read(["changes"])
        self.assertFalse(self.env["customer.followup.undo"].with_user(self.colleague).search([]))

    def test_an_outcome_that_stops_contact_asks_first(self):
        contact = self._make_followup().with_user(self.agent)
        for name in ("block", "stop", "refused", "wrong_number"):
            with self.subTest(outcome=name):
                dialog = contact.action_outcome(self._ending(name).id)
                self.assertEqual(dialog["res_model"], "customer.followup.close")
                self.assertEqual(contact.state, "planned")
        wizard = self.env["customer.followup.close"].with_user(self.agent)
        form = Form(
            wizard.with_context(
                default_followup_id=contact.id, default_outcome_id=self._ending("block").id
            )
        )
        self.assertEqual(
            form.consequence,
            "The phone number and the e-mail address are never used again, for any purpose.",
        )
        form.outcome_id = self._ending("refused")
        self.assertFalse(form.consequence)
        form.refused = "purpose"
        self.assertEqual(
            form.consequence,
            "The customer is no longer contacted for: Service. Their plans for it stop.",
        )

    def test_only_a_plan_can_be_stopped(self):
        wizard = self.env["customer.followup.close"].with_user(self.agent)
        stop = self._ending("stop")
        for contact, offered in ((self._make_followup(), False), (self._enrolled({}), True)):
            dialog = wizard.create({"followup_id": contact.id, "outcome_id": stop.id})
            self.assertEqual(stop in dialog.allowed_outcome_ids, offered)


@tagged("post_install", "-at_install")
class TestUndoOfContactsAboutComplaints(UndoCommon, ComplaintCommon):
    def test_a_promise_met_by_the_contact_is_open_again(self):
        complaint = self._complain()
        first = complaint.sudo().promise_ids.filtered(lambda one: one.kind == "first_answer")
        self.assertEqual(first.state, "open")
        contact = self._enrolled({"offset_count": 0})
        contact.sudo().enrollment_id.write(
            {"res_model": "customer.complaint", "res_id": complaint.id}
        )
        self.assertFalse(complaint._excluded_users())
        count = len(complaint.contact_ids)
        self._choose(contact, "reached")
        self.env.invalidate_all()
        self.assertEqual((first.state, len(complaint.contact_ids)), ("met", count + 1))
        contact.action_undo()
        self.env.invalidate_all()
        self.assertEqual((first.state, len(complaint.contact_ids)), ("open", count))
        self.assertFalse(complaint.date_answered)
        note = complaint.sudo().message_ids[0].preview
        self.assertEqual(note, "Undone in the follow-up “Step 1”: Reached")
