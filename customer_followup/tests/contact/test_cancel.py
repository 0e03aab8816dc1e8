from freezegun import freeze_time
from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..common import FollowupCommon

WHY = "The customer was here"


@tagged("post_install", "-at_install")
@freeze_time("2026-03-05 10:35")
class TestCancel(FollowupCommon):
    """Contacts and actions are cancelled with a reason by the users who work on them."""

    def _ask(self, records, reason=WHY):
        """Open the dialog that the button opens, and press its button."""
        dialog = records.action_cancel()
        form = Form(self.env[dialog["res_model"]].with_user(records.env.user).with_context(
            **dialog["context"]
        ))  # fmt: skip
        form.reason = reason
        dialog = form.save()
        dialog.action_cancel()
        return dialog

    def _action(self, user=None, **vals):
        return self.env["customer.action"].create(
            {"name": "Send the list", "user_id": (user or self.agent).id, "team_id": self.team.id}
            | vals
        )

    def _notices(self, action):
        return self.env["mail.message"].search(
            [("model", "=", action._name), ("res_id", "=", action.id), ("subject", "!=", False)]
        )

    def test_who_may_not_delete_a_contact_can_cancel_it(self):
        for user in (self.agent, self.leader):
            contact = self._make_followup().with_user(user)
            with self.subTest(user=user.login):
                with self.assertRaises(UserError), self.env.cr.savepoint():
                    contact.unlink()
                self._ask(contact)
                self.assertEqual(
                    (contact.state, contact.close_code, contact.cancel_reason),
                    ("cancelled", "hand", WHY),
                )

    def test_the_button_is_on_the_form_and_in_the_list(self):
        for model in ("customer.followup", "customer.action"):
            for view in ("form", "list"):
                arch = self.env[model].with_user(self.agent).get_view(view_type=view)["arch"]
                names = etree.fromstring(arch).xpath("//button/@name")
                with self.subTest(model=model, view=view):
                    self.assertEqual(names.count("action_cancel") > 0, True)

    def test_a_call_without_a_reason_cancels_nothing(self):
        for record in (self._make_followup(), self._action()):
            mine = record.with_user(self.agent)
            with self.subTest(model=record._name):
                mine.action_cancel()
                for reason in (False, "", "  "):
                    with self.assertRaises(UserError):
                        mine._cancel(reason)
                with self.assertRaises(UserError):
                    mine.state = "cancelled"
                    self.env.flush_all()
                self.env.invalidate_all(flush=False)
                self.assertIn(record.state, ("planned", "open"))

    def test_a_reason_is_not_written_by_hand(self):
        for record in (self._make_followup(), self._action()):
            self.assertUnchangeable(record.with_user(self.agent), {"cancel_reason": "Other"})

    def test_a_dialog_cancels_once_and_ended_work_is_not_cancelled(self):
        contact = self._make_followup().with_user(self.agent)
        dialog = self._ask(contact)
        dialog.action_cancel()
        for record in (contact, self._action(state="done").with_user(self.agent)):
            with self.subTest(model=record._name), self.assertRaises(UserError):
                record.action_cancel()
        self.assertEqual(len(contact.attempt_ids), 0)

    def test_others_and_other_models_cannot_be_cancelled(self):
        foreign = self._make_followup(self.colleague)
        dialogs = self.env["customer.cancel"].with_user(self.agent)
        for model, res_id in ((foreign._name, foreign.id), ("res.partner", self.customer.id)):
            dialog = dialogs.create({"res_model": model, "res_ids": [res_id], "reason": WHY})
            with self.subTest(model=model), self.assertRaises(UserError):
                dialog.action_cancel()
        with self.assertRaises(AccessError):
            self._make_followup().with_user(self.auditor).action_cancel()
        self.assertEqual(foreign.state, "planned")

    def test_many_are_cancelled_at_once(self):
        contacts = (self._make_followup() | self._make_followup()).with_user(self.leader)
        self._ask(contacts)
        self.assertEqual(contacts.mapped("cancel_reason"), [WHY] * 2)

    def test_the_user_of_an_action_is_notified_of_its_end(self):
        theirs, own = self._action(self.colleague), self._action()
        self._ask(theirs.with_user(self.leader))
        self._ask(own.with_user(self.agent))
        self.assertEqual((theirs.state, theirs.cancel_reason), ("cancelled", WHY))
        [notice] = self._notices(theirs)
        self.assertEqual(notice.notified_partner_ids, self.colleague.partner_id)
        self.assertEqual(notice.subject, "Cancelled: Send the list")
        self.assertEqual(len(self._notices(own)), 0)

    def test_an_action_opened_again_has_no_reason(self):
        action = self._action().with_user(self.agent)
        self._ask(action)
        action.state = "open"
        self.assertEqual((action.cancel_reason, action.date_done), (False, False))

    # Requests to correct a number or an address

    def _request(self, channel="phone"):
        """Return the action of a contact whose number or address is wrong."""
        contact = self._make_followup(
            channel_id=self.env.ref(f"customer_followup.customer_channel_{channel}").id
        ).with_user(self.agent)
        contact._record_outcome(self._ending("wrong_number"))
        action = self.env["customer.action"].search(
            [("res_model", "=", contact._name), ("res_id", "=", contact.id)]
        )
        self.assertEqual((len(action), action.user_id), (1, self.agent))
        return contact, action.with_user(self.agent)

    def test_a_correction_is_not_ticked_as_done_before_it_is_made(self):
        for channel, vals in (
            ("phone", {"phone": "+33 6 99 99 99 99"}),
            ("email", {"email": "other@example.com"}),
            ("visit", {"street": "2 Main Street"}),
        ):
            with self.subTest(channel=channel):
                contact, action = self._request(channel)
                self.assertEqual(action.is_correction, True)
                with self.assertRaisesRegex(UserError, "still wrong"), self.env.cr.savepoint():
                    action.action_done()
                with self.assertRaisesRegex(UserError, "still wrong"), self.env.cr.savepoint():
                    action.state = "done"
                self.env.invalidate_all(flush=False)
                dialog = action.action_correct()
                self.env[dialog["res_model"]].with_user(self.agent).with_context(
                    **dialog["context"]
                ).create(vals).action_correct()
                self.assertEqual(action.state, "done")

    def test_a_correction_made_elsewhere_is_ticked(self):
        _contact, action = self._request()
        self.customer.phone = "+33 6 99 99 99 99"
        action.action_done()
        self.assertEqual(action.state, "done")

    def test_the_same_number_in_other_signs_is_no_correction(self):
        _contact, action = self._request()
        self.customer.phone = "+33 (0)6.12.34.56.78"
        with self.assertRaisesRegex(UserError, "still wrong"):
            action.action_done()

    def test_a_correction_that_no_one_can_make_is_cancelled(self):
        _contact, action = self._request()
        self._ask(action, "The customer has moved away")
        self.assertEqual(action.state, "cancelled")

    def test_a_correction_ends_its_request_under_any_name(self):
        contact, action = self._request()
        self.customer.name = "Li Na-Wang"
        contact._correct({"phone": "+33 6 99 99 99 99"})
        self.assertEqual(action.state, "done")

    # A second press

    def test_a_second_press_counts_once(self):
        for name in ("no_answer", "reached"):
            contact = self._make_followup().with_user(self.agent)
            outcome = self._ending(name)
            with self.subTest(outcome=name):
                for _press in range(2):
                    self.assertEqual(contact.action_outcome(outcome.id, 0), False)
                self.assertEqual(contact.attempt_count, 1)

    def test_a_later_press_of_the_same_outcome_counts(self):
        contact = self._make_followup().with_user(self.agent)
        outcome = self._ending("no_answer")
        contact.action_outcome(outcome.id, 0)
        contact.action_outcome(outcome.id, contact.attempt_count)
        self.assertEqual(contact.attempt_count, 2)

    def test_an_outcome_of_another_user_is_not_taken_for_the_same(self):
        contact = self._make_followup().with_user(self.agent)
        outcome = self._ending("no_answer")
        contact.with_user(self.leader).action_outcome(outcome.id, 0)
        for name in ("no_answer", "busy"):
            with self.subTest(outcome=name), self.assertRaisesRegex(UserError, "Reload the page"):
                contact.action_outcome(self._ending(name).id, 0)
        self.assertEqual(contact.attempt_count, 1)

    # After a refusal of all contacts

    def test_a_customer_who_refused_everything_comes_back_by_the_dialog(self):
        contact = self._make_followup().with_user(self.agent)
        self.customer._note_consent(None, "withdrawn", "page")
        dialog = contact.action_note_consent()
        self.env[dialog["res_model"]].with_user(self.agent).with_context(
            **dialog["context"]
        ).create(
            {"kind": "given", "how": "written", "notice": "Call me again", "purpose_id": False}
        ).action_note()
        verdicts = self.customer._contact_verdicts(
            self.service, self.phone, self._utc("2026-03-05 10:35")
        )
        self.assertEqual(verdicts[self.customer.id].reason, None)

    def test_a_contact_of_an_inactive_agent_asks_a_user_who_works(self):
        contact = self._make_followup()
        contact.user_id = False
        contact.team_id.member_ids = [Command.set(self.agent.ids)]
        contact._request_action("Look", "look")
        action = self.env["customer.action"].search(
            [("res_model", "=", contact._name), ("res_id", "=", contact.id)]
        )
        self.assertEqual(action.user_id, self.leader)
