from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import Form

from ..common import FollowupCommon


class TestHistory(FollowupCommon):
    """What a user may write to contacts, actions, enrollments and holds, by any way."""

    def setUp(self):
        super().setUp()
        self.other = self._make_customer("Another", phone="+33 6 98 76 54 32")
        self.marketing = self.env.ref("customer_followup.customer_purpose_marketing")
        self.email = self.env.ref("customer_followup.customer_channel_email")

    def test_what_follows_from_an_outcome_is_not_had_by_a_plain_write(self):
        contact = self._make_followup().with_user(self.agent)
        self.assertUnchangeable(
            contact,
            {
                "outcome_id": self._ending("block").id,
                "state": "done",
                "close_code": "unreachable",
                "date_done": "2026-01-01",
                "is_agreed": True,
                "commercial_partner_id": self.other.id,
                "user_id": self.colleague.id,
                "team_id": False,
                "date_original": "2026-01-01",
            },
        )

    def test_an_outcome_in_a_list_or_an_import_has_the_effects_of_its_button(self):
        ended = {"state": "done", "outcome_id": self._ending("block").id}
        person = self.other
        contact = self._make_followup(partner_id=person.id).with_user(self.agent)
        contact.write(ended)
        self.assertEqual((contact.state, contact.outcome_id), ("done", self._ending("block")))
        self.assertEqual(contact.attempt_ids.outcome_id, self._ending("block"))
        verdict = self._make_followup(partner_id=person.id)._gate()
        self.assertEqual([one.reason for one in verdict.values()], ["blocked"])
        third = self._make_customer("Third", phone="+33 6 11 22 33 44")
        vals = {
            "name": "Call",
            "partner_id": third.id,
            "purpose_id": self.service.id,
            "channel_id": self.phone.id,
        }
        self.env["customer.followup"].with_user(self.agent).create({**vals, **ended})
        verdict = self._make_followup(partner_id=third.id)._gate()
        self.assertEqual([one.reason for one in verdict.values()], ["blocked"])
        with self.assertRaises(UserError):
            # What the customer does not want must be asked.
            self._make_followup().with_user(self.agent).write(
                {"state": "done", "outcome_id": self._ending("refused").id}
            )

    def test_no_contact_is_created_with_an_outcome(self):
        vals = {
            "name": "Call",
            "partner_id": self.customer.id,
            "purpose_id": self.service.id,
            "channel_id": self.phone.id,
        }
        for given in (
            {"state": "done"},
            {"state": "withheld", "close_code": "withdrawn"},
            {"outcome_id": self._ending("reached").id},
        ):
            for user in (self.agent, self.admin):
                followups = self.env["customer.followup"].with_user(user)
                with self.subTest(given=given, user=user.login):
                    with self.assertRaises(UserError):
                        followups.create({**vals, **given})
                    context = {f"default_{name}": value for name, value in given.items()}
                    with self.assertRaises(UserError):
                        followups.with_context(**context).create(vals)
        own = (
            self.env["customer.followup"].with_user(self.agent).create({**vals, "state": "planned"})
        )
        self.assertEqual(own.state, "planned")

    def test_an_ended_state_from_the_context_gives_an_end(self):
        followups = self.env["customer.followup"].with_context(
            default_state="done", default_outcome_id=self._ending("reached").id
        )
        with freeze_time("2026-03-02 10:00"):
            contact = followups.create(
                {
                    "name": "Call",
                    "partner_id": self.customer.id,
                    "purpose_id": self.service.id,
                    "channel_id": self.phone.id,
                }
            )
        self.assertEqual(contact.date_done, self._utc("2026-03-02 10:00:00"))

    def test_the_plan_gives_customer_purpose_channel_and_stars(self):
        self._enroll_on(self.plan, "2026-03-02")
        contact = self.plan.enrollment_ids.followup_ids[:1]
        contact.user_id = self.agent
        self.assertUnchangeable(
            contact.with_user(self.agent),
            {
                "partner_id": self.other.id,
                "purpose_id": self.marketing.id,
                "channel_id": self.email.id,
                "priority": "3",
                "name": "Anything",
                "company_id": self.company.id,
            },
        )

    def test_the_customer_of_a_contact_changes_only_before_work_begins(self):
        contact = self._make_followup()
        own = contact.with_user(self.agent)
        own.partner_id = self.other
        self.assertEqual(contact.commercial_partner_id, self.other)
        self.assertEqual(len(contact.message_ids.filtered(lambda one: "Li Na" in one.body)), 1)
        own._record_outcome(self._ending("no_answer"))
        self.assertUnchangeable(own, {"partner_id": self.customer.id})

    def test_a_drop_on_another_customer_is_refused(self):
        contact = self._make_followup().with_user(self.agent)
        with self.assertRaises(UserError):
            contact.web_save({"commercial_partner_id": self.other.id}, {})

    def test_a_customer_by_default_is_that_of_the_person(self):
        holds = self.env["customer.contact.hold"].with_user(self.leader)
        hold = holds.with_context(default_commercial_partner_id=self.other.id).create(
            {"partner_id": self.customer.id, "reason": "In mourning"}
        )
        self.assertEqual(hold.commercial_partner_id, self.customer)
        self.assertUnchangeable(hold, {"commercial_partner_id": self.other.id})

    def test_an_ended_contact_stays_as_it_is(self):
        contact = self._make_followup()
        own = contact.with_user(self.agent)
        with freeze_time("2026-03-02 10:00"):
            own._record_outcome(self._ending("reached"), summary="Content")
        for user in (self.agent, self.leader, self.manager, self.admin):
            self.assertUnchangeable(
                contact.with_user(user),
                {
                    "summary": "Furious",
                    "name": "Another occasion",
                    "outcome_id": self._ending("refused").id,
                    "channel_id": self.email.id,
                    "purpose_id": self.marketing.id,
                    "date_planned": "2020-01-01",
                    "date_deadline": "2030-01-01",
                    "partner_id": self.other.id,
                    "team_id": False,
                    "user_id": user.id,
                    "priority": "3",
                    "state": "planned",
                },
            )
        with self.assertRaises(UserError):
            own.feedback_ids = [fields.Command.create({"text": "Praise", "kind": "need"})]

    def test_a_withheld_contact_is_only_reopened(self):
        contact = self._make_followup()
        contact._withhold("withdrawn")
        self.assertUnchangeable(
            contact.with_user(self.leader), {"summary": "Called", "name": "Other", "state": "done"}
        )
        contact.with_user(self.leader).action_plan_again()
        self.assertEqual(contact.state, "planned")

    def test_feedback_of_an_ended_contact_stays(self):
        contact = self._make_followup()
        line = self.env["customer.followup.feedback"].create(
            {"followup_id": contact.id, "kind": "need", "text": "A new car"}
        )
        still_open = self._make_followup()
        later = line.copy({"followup_id": still_open.id})
        contact.with_user(self.agent)._record_outcome(self._ending("reached"))
        self.assertUnchangeable(line.with_user(self.agent), {"text": "Nothing", "kind": "question"})
        self.assertUnchangeable(later.with_user(self.agent), {"followup_id": contact.id})

    def test_an_agent_takes_contacts_and_gives_none(self):
        contact = self._make_followup()
        contact.user_id = False
        own = contact.with_user(self.agent)
        self.assertUnchangeable(own, {"user_id": self.colleague.id})
        own.user_id = self.agent
        self.assertUnchangeable(own, {"user_id": False, "team_id": False})
        contact.with_user(self.leader).user_id = self.colleague
        self.assertEqual(contact.user_id, self.colleague)
        last = contact.message_ids.sorted("id")[-1]
        self.assertEqual(
            str(last.body),
            f"<span>Agent: {self.colleague.name}, previously {self.agent.name}</span>",
        )

    def test_an_ended_contact_is_not_taken(self):
        contact = self._make_followup()
        contact.user_id = False
        contact._end("cancelled", "hand")
        contact.with_user(self.agent).action_take()
        self.assertFalse(contact.user_id)

    def test_a_done_action_is_only_opened_again(self):
        action = self.env["customer.action"].create(
            {"name": "Send papers", "user_id": self.agent.id, "team_id": self.team.id}
        )
        own = action.with_user(self.agent)
        own.action_done()
        self.assertUnchangeable(
            own,
            {
                "name": "Do nothing",
                "note": "Never asked for",
                "user_id": self.agent.id,
                "date_deadline": "2030-01-01",
                "date_done": "2020-01-01",
                "res_id": 1,
            },
        )
        own.write({"state": "open", "note": "Not all was sent"})
        self.assertEqual((action.state, action.date_done), ("open", False))

    def test_a_stopped_enrollment_stays_as_it_is(self):
        row = self._enroll_on(self.plan, "2026-03-02")
        row.action_stop(code="hand")
        self.assertUnchangeable(
            row.with_user(self.leader),
            {"user_id": self.leader.id, "team_id": False, "date_target": "2027-01-01"},
        )

    def test_a_hold_keeps_its_customer_and_ends_by_its_verb(self):
        hold = self.env["customer.contact.hold"].create(
            {"partner_id": self.customer.id, "reason": "In mourning"}
        )
        lead = hold.with_user(self.leader)
        self.assertUnchangeable(
            lead, {"partner_id": self.other.id, "date_lifted": "2026-01-01", "res_id": 1}
        )
        lead.action_lift()
        self.assertUnchangeable(lead, {"reason": "None", "date_to": "2030-01-01"})

    def test_the_form_saves_a_new_contact(self):
        followups = self.env["customer.followup"].with_user(self.leader)
        with Form(followups) as form:
            form.name = "Call"
            form.partner_id = self.customer
            form.purpose_id = self.service
            form.channel_id = self.phone
        self.assertEqual(form.record.state, "planned")
