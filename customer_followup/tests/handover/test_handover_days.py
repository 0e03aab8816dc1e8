from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from ..common import ComplaintCommon

ZONE = "America/Los_Angeles"


@tagged("post_install", "-at_install")
class TestDays(ComplaintCommon):
    """A moment becomes a day where the person concerned, or else the company, is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = ZONE

    @freeze_time("2026-12-01 18:00")
    def test_an_offer_is_due_on_the_day_of_each_receiver(self):
        for zone, day in ((ZONE, date(2026, 12, 7)), ("Asia/Shanghai", date(2026, 12, 8))):
            with self.subTest(zone=zone):
                self.colleague.tz = zone
                complaint = self._complain()
                self.env["customer.complaint.transfer"].sudo().create(
                    {
                        "complaint_id": complaint.id,
                        "from_user_id": self.agent.id,
                        "to_user_id": self.colleague.id,
                        "reason": "Away",
                        "date_limit": "2026-12-08 00:30:00",
                    }
                )._ask()
                asked = complaint.sudo().activity_ids.filtered(
                    lambda activity: activity.user_id == self.colleague
                )
                self.assertEqual(asked.mapped("date_deadline"), [day])

    def test_an_absence_passes_on_what_is_due_on_its_days(self):
        for zone in (ZONE, False):
            with self.subTest(zone=zone), freeze_time("2027-03-03 20:00"):
                self.agent.tz = zone
                actions = self.env["customer.action"].create(
                    [
                        {
                            "name": day,
                            "user_id": self.agent.id,
                            "team_id": self.team.id,
                            "date_deadline": day,
                        }
                        for day in ("2027-03-05", "2027-03-06")
                    ]
                )
                absence = self.env["customer.absence"].create(
                    {
                        "user_id": self.agent.id,
                        "date_from": "2027-03-03",
                        "date_to": "2027-03-05",
                        "stand_in_id": self.colleague.id,
                    }
                )
                self.assertEqual(
                    [action.user_id for action in actions], [self.colleague, self.agent]
                )
                absence.action_back()

    def test_a_handover_is_late_after_its_last_day_at_the_company(self):
        with freeze_time("2026-12-01 18:00"):
            self.env["customer.ownership"].create(
                {"commercial_partner_id": self.customer.id, "user_id": self.agent.id}
            )
            handover = (
                self.env["customer.handover"]
                .with_user(self.agent)
                .create(
                    {
                        "user_from_id": self.agent.id,
                        "user_to_id": self.colleague.id,
                        "date_due": "2026-12-07",
                        "line_ids": [Command.create({"partner_id": self.customer.id})],
                    }
                )
                .sudo()
            )
        for moment, is_late, warned in (
            ("2026-12-08 00:30", False, False),
            ("2026-12-08 08:30", True, date(2026, 12, 8)),
        ):
            with self.subTest(moment=moment), freeze_time(moment):
                self._run_cron("ir_cron_handover")
                self.assertEqual((handover.is_late, handover.date_warned), (is_late, warned))
                found = handover.search([("is_late", "=", True), ("id", "=", handover.id)])
                self.assertEqual(found, handover if is_late else handover.browse())
