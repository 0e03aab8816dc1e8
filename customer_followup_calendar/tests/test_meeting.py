from datetime import datetime

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.customer_followup.tests.common import EMAIL, FollowupCommon

SHORT_EMAIL, SHORT_PHONE = "l***@example.com", "*******5678"


@tagged("post_install", "-at_install")
class TestMeeting(FollowupCommon):
    """What a meeting discloses of a customer who takes part."""

    def _make_meeting(self, user):
        people = self.customer | self.agent.partner_id
        # Masked users may not invite a customer themselves.
        return (
            self.env["calendar.event"]
            .with_user(user)
            .sudo()
            .create(
                {
                    "name": "Visit",
                    "start": datetime(2027, 1, 2, 10),
                    "stop": datetime(2027, 1, 2, 11),
                    "partner_ids": [Command.set(people.ids)],
                }
            )
            .sudo(False)
        )

    def test_its_description_holds_no_contact_details_of_the_customer(self):
        for user in (self.agent, self.leader):
            with self.subTest(user=user.login):
                meeting = self._make_meeting(user)
                self.assertEqual(meeting.partner_ids, self.customer | self.agent.partner_id)
                self.assertNotIn(EMAIL, meeting.description or "")

    def test_attendees_show_details_in_short_form(self):
        event = self._make_meeting(self.agent)
        attendees = self.env["calendar.attendee"].with_user(self.agent)
        theirs, own = (
            attendees.search([("event_id", "=", event.id), ("partner_id", "=", partner.id)])
            for partner in (self.customer, self.agent.partner_id)
        )
        [values] = theirs.read(["email", "phone"])
        self.assertEqual((values["email"], values["phone"]), (SHORT_EMAIL, SHORT_PHONE))
        [values] = own.read(["email"])
        self.assertEqual(values["email"], self.agent.email)
        for domain in ([("email", "=", EMAIL)], [("phone", "like", "612")]):
            with self.assertRaises(AccessError):
                attendees.search(domain)
        with self.assertRaises(AccessError):
            attendees._read_group([], ["email"], ["__count"])
        with self.assertRaises(AccessError):
            self.env["calendar.event"].with_user(self.agent).search(
                [("attendee_ids.email", "=", EMAIL)]
            )

    def test_a_form_shows_them_in_short_form(self):
        spec = {"attendee_ids": {"fields": {"email": {}, "phone": {}}}, "partner_ids": {}}
        meetings = self.env["calendar.event"].with_user(self.agent)
        values = {"partner_ids": [Command.link(self.customer.id)]}
        found = meetings.onchange(values, ["partner_ids"], spec)
        self.assertNotIn(EMAIL, str(found))

    def test_a_meeting_about_a_hidden_case_is_hidden_with_it(self):
        case = self.env["customer.complaint"].create(
            {"title": "x", "partner_id": self.customer.id, "user_id": self.agent.id}
        )
        meetings = self._make_meeting(self.manager) | self._make_meeting(self.manager)
        about, other = meetings
        about.sudo().write(
            {
                "res_model_id": self.env["ir.model"]._get_id("customer.complaint"),
                "res_id": case.id,
            }
        )
        self.assertEqual(about.sudo().res_model, "customer.complaint")
        case.sudo()._accuse(self.colleague)
        for user, found in (
            (self.colleague, other),
            (self.leader, meetings),
            (self.agent, meetings),
        ):
            with self.subTest(user=user.login):
                self.env.invalidate_all()
                seen = self.env["calendar.event"].with_user(user)
                self.assertEqual(seen.search([("id", "in", meetings.ids)]), found)
                self.assertEqual(seen.browse(meetings.ids)._filtered_access("read"), found)
                self.assertEqual(
                    seen._read_group([("id", "in", meetings.ids)], [], ["__count"]),
                    [(len(found),)],
                )
