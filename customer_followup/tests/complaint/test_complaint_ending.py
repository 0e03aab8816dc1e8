from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from ..common import ComplaintCommon

NOW = "2026-03-09 10:00"


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestComplaintEnding(ComplaintCommon):
    """Each complaint can be closed truthfully, whatever is still open for it."""

    def _make_busy(self):
        """Return a complaint with open remedies, an action, a referral and half the shares."""
        self.company.customer_agent_limit = 100
        complaint = self._complain(cause="A screw", solution="Tightened", verdict="confirmed")
        remedies = self.env["customer.complaint.solution"].with_user(self.agent)
        for name, state in (("Proposed", 0), ("Approved", 1), ("Accepted", 2), ("Silent", 3)):
            remedy = remedies.create({"complaint_id": complaint.id, "name": name})
            if state:
                remedy.action_approve()
            if state == 2:
                remedy.action_accepted()
            if state == 3:
                remedy.action_silent()
        self.env["customer.complaint.referral"].with_user(self.agent).create(
            {"complaint_id": complaint.id, "body": "Court", "date_deadline": "2026-04-01"}
        )
        self.env["customer.complaint.liability"].with_user(self.agent).create(
            {"complaint_id": complaint.id, "share": 50, "party": "producer"}
        )
        self.action = self.env["customer.action"].create(
            {
                "name": "Order the part",
                "user_id": self.colleague.id,
                "res_model": complaint._name,
                "res_id": complaint.id,
            }
        )
        return complaint

    def _remedy(self, complaint, name="A gift"):
        return (
            self.env["customer.complaint.solution"]
            .with_user(self.agent)
            .create({"complaint_id": complaint.id, "name": name, "kind": "other"})
        )

    def _notices(self):
        return self.env["mail.message"].search(
            [
                ("model", "=", "customer.action"),
                ("res_id", "=", self.action.id),
                ("subject", "=", "Cancelled: Order the part"),
            ]
        )

    def assertDropped(self, complaint, kind, reason):
        self.assertEqual((complaint.state, complaint.close_kind), ("closed", kind))
        self.assertEqual(complaint.solution_ids.mapped("state"), ["cancelled"] * 4)
        self.assertEqual(set(complaint.solution_ids.mapped("cancel_reason")), {reason})
        self.assertEqual((self.action.state, self.action.cancel_reason), ("cancelled", reason))
        notices = self._notices()
        self.assertEqual(notices.notified_partner_ids, self.colleague.partner_id)
        self.assertEqual(complaint.referral_ids.mapped("outcome"), [False])
        self.assertEqual(len(complaint.referral_ids.sudo().activity_id.exists()), 0)

    def test_a_withdrawn_complaint_waits_for_nothing(self):
        complaint = self._make_busy()
        complaint._customer_withdraws("By phone", "The car is sold")
        self.assertDropped(complaint, "withdrawn", f"{complaint.name}: Withdrawn")

    def test_a_duplicate_waits_for_nothing(self):
        complaint, original = self._make_busy(), self._complain()
        complaint.duplicate_of_id = original
        self.assertEqual([one for one in complaint.checklist or () if not one["is_done"]], [])
        complaint.stage_id = self.stages["closed"]
        self.assertDropped(complaint, "duplicate", f"{complaint.name}: Duplicate")

    def test_other_complaints_wait_for_what_is_open(self):
        complaint = self._make_busy()
        open_ends = [one["label"] for one in complaint.checklist if not one["is_done"]]
        complaint._customer_informed("By phone", "We look into it")
        self.assertIn("action “Order the part” of cf_colleague", ", ".join(open_ends))
        self.assertRefuses(complaint, "closed", "remedy “Accepted”")
        self.assertEqual(self.action.state, "open")

    def test_no_action_is_opened_for_a_complaint_that_waits_for_nothing(self):
        complaint = self._make_busy()
        complaint._customer_withdraws("By phone")
        with self.assertRaisesRegex(ValidationError, "Reopen it first"), self.env.cr.savepoint():
            self.action.state = "open"
            self.env.flush_all()
        with self.assertRaisesRegex(ValidationError, "Reopen it first"):
            self.action.copy()

    def test_a_withdrawn_complaint_opened_again_waits_for_its_referral(self):
        complaint = self._make_busy()
        complaint._customer_withdraws("By phone")
        complaint.action_reopen()
        self.assertEqual(complaint.state, "assessing")
        reminder = complaint.referral_ids.sudo().activity_id
        self.assertEqual(reminder.mapped("summary"), ["Answer from Court"])
        self.assertEqual(complaint.solution_ids.mapped("state"), ["cancelled"] * 4)

    def test_a_remedy_in_any_open_state_falls_away_with_a_reason(self):
        complaint = self._make_busy()
        for remedy in complaint.solution_ids:
            with self.subTest(state=remedy.state):
                dialog = remedy.action_cancel()
                self.env[dialog["res_model"]].with_user(self.agent).with_context(
                    **dialog["context"]
                ).create({"reason": "Not available"}).action_cancel()
                self.assertEqual(
                    (remedy.state, remedy.cancel_reason), ("cancelled", "Not available")
                )

    def test_a_remedy_that_is_not_deleted_says_how_to_cancel_it(self):
        remedy = self._remedy(self._complain())
        remedy.action_approve()
        with self.assertRaisesRegex(UserError, "Press “Cancel” and enter the reason"):
            remedy.unlink()

    def test_a_complaint_that_is_not_deleted_says_how_to_close_it(self):
        complaint = self._complain(self.leader)
        with self.assertRaisesRegex(UserError, "Press “Log customer contact”"):
            complaint.sudo().unlink()
        complaint._customer_withdraws("By phone")
        self.assertEqual(complaint.close_kind, "withdrawn")

    def test_a_remedy_that_was_carried_out_stays(self):
        complaint = self._complain()
        remedy = self._remedy(complaint)
        remedy.action_approve()
        remedy.action_accepted()
        remedy.action_done()
        with self.assertRaisesRegex(UserError, "cannot be cancelled"):
            remedy.action_cancel()

    def test_a_cancelled_remedy_is_no_solution_and_costs_nothing(self):
        self.company.customer_agent_limit = 100
        complaint = self._complain(cause="A screw", verdict="confirmed")
        remedy = self._remedy(complaint)
        remedy.amount = 80
        remedy.action_approve()
        remedy._cancel("Not available")
        self.assertEqual(complaint._known()["solution"][1], False)
        other = self._remedy(complaint)
        other.amount = 80
        other.action_approve()
        self.assertEqual(other.state, "approved")

    def test_a_handler_cancels_an_action_that_holds_the_case(self):
        complaint = self._make_settled()
        action = self.env["customer.action"].create(
            {
                "name": "Order the part",
                "user_id": self.agent.id,
                "res_model": complaint._name,
                "res_id": complaint.id,
            }
        )
        complaint._customer_confirms("By phone")
        self.assertEqual(complaint.state, "awaiting")
        action.with_user(self.agent)._cancel("The part was here")
        complaint.stage_id = self.stages["closed"]
        self.assertEqual(complaint.state, "closed")

    def test_an_answer_by_phone_is_logged_before_closing(self):
        complaint = self._complain(verdict="confirmed", cause="A screw", solution="Tightened")
        self.assertRefuses(complaint, "closed", "an answer to the customer")
        dialog = complaint.action_log_contact()
        self.env[dialog["res_model"]].with_user(self.agent).with_context(
            **dialog["context"]
        ).create({"result": "confirmed", "how": "By phone", "note": "All is well"}).action_note()
        self.assertEqual((complaint.state, complaint.close_kind), ("closed", "confirmed"))

    def test_an_excluded_user_is_not_notified_of_a_cancelled_action(self):
        complaint = self._make_busy()
        complaint.sudo().accused_user_ids = [Command.link(self.colleague.id)]
        self.env.flush_all()
        complaint._customer_withdraws("By phone")
        self.assertEqual(complaint.state, "closed")
        notices = self._notices()
        self.assertNotIn(self.colleague.partner_id, notices.notified_partner_ids)
