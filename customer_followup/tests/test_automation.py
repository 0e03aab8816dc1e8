from contextlib import contextmanager
from datetime import datetime

from freezegun import freeze_time

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ComplaintCommon

MODELS = "odoo.addons.customer_followup.models"


@tagged("post_install", "-at_install")
@freeze_time("2026-02-01 10:00")
class TestAutomation(ComplaintCommon):
    """Automation rules and other add-ons see what scheduled actions write by one statement."""

    @contextmanager
    def _seen(self, records):
        """Collect the names of the fields that are written to these records meanwhile."""
        model, seen = type(records), set()
        write = model.write

        def write_and_run_rules(some, vals):
            if some & records:
                seen.update(vals)
            return write(some, vals)

        # As base_automation does it: on the class of the registry itself.
        model.write = write_and_run_rules
        try:
            yield seen
        finally:
            del model.write

    def _enroll(self):
        rule = self.env["customer.followup.rule"].create(
            {
                "name": "Contacts",
                "plan_id": self.plan.id,
                "model_name": "res.partner",
                "domain": f"[('id', '=', {self.customer.id})]",
                "active": True,
                "scope": "all",
                "partner_path": "commercial_partner_id",
                "anchor_path": "create_date",
            }
        )
        rule.action_run()
        rows = self.env["customer.followup.enrollment"].search([("rule_id", "=", rule.id)])
        return rule, rows

    def test_marks_of_enrollments(self):
        rows = self.plan._enroll(self.customer, datetime(2026, 2, 1))
        rows._plan_safely()
        with self._seen(rows) as seen:
            rows._place_again([("id", "in", rows.ids)])
        self.assertEqual(seen, {"is_stale", "date_next"})
        self.assertTrue(rows.is_stale)
        before = rows.date_next
        with self._seen(rows) as seen:
            rows._shift_horizon(2)
        self.assertEqual(seen, {"date_next"})
        self.assertEqual((before - rows.date_next).days, 2)

    def test_marks_of_records_that_match_no_more(self):
        rule, rows = self._enroll()
        self.assertTrue(rows)
        rule.domain = "[('id', '=', 0)]"
        rows.is_unmatched = False
        with self._seen(rows) as seen:
            rule._note_unmatched()
        self.assertEqual(seen, {"is_unmatched"})
        self.assertTrue(rows.is_unmatched)

    def test_marks_of_promises_and_complaints(self):
        complaint = self._complain().sudo()
        promises = complaint.promise_ids
        self.assertTrue(promises)
        with self._seen(promises) as seen:
            promises._mark_stale()
        self.assertEqual(seen, {"date_stale", "date_check"})
        self.assertEqual(set(promises.mapped("date_stale")), {datetime(2026, 2, 1, 10)})
        with self._seen(complaint) as seen:
            complaint._record_plainly({"is_match_due": True})
        self.assertEqual(seen, {"is_match_due"})
        complaint.is_match_due = False
        with self._seen(complaint) as seen, mute_logger(f"{MODELS}.sla.customer_complaint_waiting"):
            complaint._park(ValueError("No"))
        self.assertEqual(seen, {"date_reminded"})

    def test_notices_that_are_set_aside(self):
        complaint = self._complain().sudo()
        notices = self.env["customer.complaint.notice"].sudo()
        notices._notify_users([(self.leader, complaint.promise_ids[0], "warning", 1)])
        notice = notices.search([("complaint_id", "=", complaint.id)], limit=1)
        self.assertTrue(notice)
        with self._seen(notice) as seen, mute_logger(f"{MODELS}.sla.customer_complaint_notice"):
            notice._park(ValueError("No"))
        self.assertEqual(seen, {"state", "error"})
        self.assertEqual((notice.state, notice.error), ("stuck", "No"))
