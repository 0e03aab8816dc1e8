import base64
import json
from datetime import datetime
from io import BytesIO
from unittest.mock import patch

from freezegun import freeze_time
from openpyxl import load_workbook

from odoo import Command, http
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from ..common import PHONE, ComplaintCommon

EXPORT = "base.group_allow_export"
EXPORT_MODULE = "odoo.addons.customer_followup.wizards.customer_complaint_export"


@tagged("post_install", "-at_install")
@freeze_time("2026-03-05 10:00")
class TestComplaintExport(ComplaintCommon):
    """Export of registers as spreadsheets, with the right and a logged reason."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        allowed = cls.env.ref(EXPORT)
        (cls.agent | cls.leader | cls.colleague).group_ids = [Command.unlink(allowed.id)]
        (cls.agent | cls.leader).group_ids = [Command.link(allowed.id)]
        categories = cls.env["customer.complaint.category"]
        cls.quality = categories.create({"name": "Paint", "register": "quality"})
        cls.attitude = categories.create({"name": "Manners", "register": "attitude"})

    def _export(self, user, register="tracking", **vals):
        export = (
            self.env["customer.complaint.export"]
            .with_user(user)
            .create({"register": register, "reason": "Monthly meeting", **vals})
        )
        export.action_export()
        sheet = load_workbook(BytesIO(base64.b64decode(export.datas))).active
        return [[cell.value or "" for cell in row] for row in sheet.rows]

    def test_the_file_holds_what_its_reader_may_see(self):
        mine = self._complain(category_id=self.attitude.id, team_id=self.team.id)
        mine._accuse(self.colleague)
        theirs = self._complain(self.manager, category_id=self.attitude.id)
        rows = self._export(self.agent, "attitude")
        self.assertEqual([row[0] for row in rows[1:]], [mine.name])
        self.assertNotIn("Employees concerned", rows[0])
        self.assertNotIn(theirs.name, str(rows))
        self.assertNotIn(PHONE, str(rows))
        self.assertIn("*******5678", rows[1])
        rows = self._export(self.leader, "attitude")
        self.assertIn(self.colleague.name, rows[1])

    def test_each_register_and_period_is_its_own(self):
        quality = self._complain(category_id=self.quality.id)
        old = self._complain(category_id=self.quality.id, date_received="2026-02-28 10:00:00")
        self._complain(category_id=self.attitude.id)
        rows = self._export(self.agent, "quality")
        self.assertEqual([row[0] for row in rows[1:]], [quality.name])
        rows = self._export(self.agent, "quality", date_from="2026-02-01", date_to="2026-02-28")
        self.assertEqual([row[0] for row in rows[1:]], [old.name])
        self.assertEqual(len(self._export(self.agent)), 3)

    def test_text_is_never_a_formula(self):
        self._complain(title='=HYPERLINK("http://bad")')
        export = self.env["customer.complaint.export"].with_user(self.agent)
        export = export.create({"reason": "Meeting"})
        export.action_export()
        sheet = load_workbook(BytesIO(base64.b64decode(export.datas))).active
        cells = {cell.value: cell.data_type for row in sheet.rows for cell in row}
        self.assertEqual(cells['=HYPERLINK("http://bad")'], "s")

    def test_a_text_too_long_for_a_cell_is_cut_and_says_so(self):
        complaint = self._complain(self.leader, category_id=self.attitude.id, solution="x" * 40_000)
        rows = self._export(self.leader, "attitude")
        [cell] = [cell for cell in rows[1] if str(cell).startswith("xxx")]
        self.assertEqual(len(cell), 32_767)
        self.assertTrue(cell.endswith(f"… (too long for a cell, see {complaint.name})"))

    def test_characters_that_count_twice_are_cut_as_spreadsheets_count(self):
        # The last text of each is cut within a character.
        for text in ("🚗" * 16_384, "🚗" * 20_000, "x" + "🚗" * 20_000):
            self._complain(self.leader, category_id=self.attitude.id, solution=text)
        for row in self._export(self.leader, "attitude")[1:]:
            [cell] = [one for one in row if "🚗" in str(one)]
            self.assertLessEqual(len(cell.encode("utf-16-le")) // 2, 32_767)
            self.assertIn("… (too long for a cell", cell)
            self.assertNotIn("\ufffd", cell)

    def test_moments_are_dates_of_the_users_day(self):
        self.agent.tz = "Asia/Shanghai"
        self._complain(category_id=self.quality.id, date_received="2026-03-04 20:30:00")
        titles, row = self._export(self.agent, "quality")
        received = row[titles.index("Received on")]
        self.assertEqual(received, datetime(2026, 3, 5, 4, 30))
        self.assertEqual(row[titles.index("Closed on")], "")

    def test_a_day_before_spreadsheets_have_days_is_a_text(self):
        complaint = self._complain(self.leader, category_id=self.attitude.id)
        # As an import by the system.
        self.env[complaint._name].browse(complaint.id).date_event = "1850-03-04 20:30:00"
        [_titles, row] = self._export(self.leader, "attitude")
        self.assertTrue([one for one in row if str(one).startswith("1850-03-04")])

    def test_an_export_of_many_complaints_does_not_fill_the_memory(self):
        for number in range(7):
            person = self._make_customer(f"Person {number}")
            self._complain(category_id=self.quality.id, partner_id=person.id)
        with patch(f"{EXPORT_MODULE}.BATCH", 2):
            self.assertEqual(len(self._export(self.agent, "quality")), 8)
        for model, name in (("customer.complaint", "title"), ("res.partner", "name")):
            field = self.env[model]._fields[name]
            self.assertLess(len(field._get_cache(self.env)), 5)

    def test_more_rows_than_a_sheet_has_are_refused(self):
        self._complain()
        with (
            patch(f"{EXPORT_MODULE}.MAX_ROWS", 1),
            self.assertRaisesRegex(UserError, "export shorter periods"),
        ):
            self._export(self.agent)

    def test_the_slip_names_the_accountable_user_and_the_requested_remedy(self):
        complaint = self._complain(remedy_asked="refund", amount_asked=123.5).sudo()
        report = self.env["ir.actions.report"].with_user(self.manager)
        slip = "customer_followup.customer_complaint_slip"
        page = report._render_qweb_html(slip, complaint.ids)[0].decode()
        self.assertIn(complaint.currency_id.symbol, page)
        self.assertIn("123.5", page)
        self.assertIn(f"<span>{self.agent.name}</span>", page)

    def test_each_row_is_logged_with_the_reason(self):
        complaint = self._complain()
        self._export(self.agent)
        row = self.env["customer.access.log"].search([("action", "=", "export")], limit=1)
        self.assertEqual(
            (row.user_res_id, row.partner_res_id, row.res_id, row.reason),
            (self.agent.id, self.customer.id, complaint.id, "Monthly meeting"),
        )
        self.assertIn("title", row.subject)

    def test_an_export_needs_the_right_and_a_reason(self):
        self._complain(self.colleague)
        for user in (self.colleague, self.stranger):
            with self.assertRaises(AccessError):
                self._export(user)
        with self.assertRaisesRegex(UserError, "Enter the reason of the export"):
            self._export(self.agent, reason=" ")
        self.assertFalse(self.env["customer.access.log"].search([("action", "=", "export")]))


@tagged("post_install", "-at_install")
class TestListExport(ComplaintCommon, HttpCase):
    """Odoo's own export of a list."""

    def _export_list(self, fields, **params):
        self.authenticate("cf_leader", "cf_leader")
        data = {
            "model": "customer.complaint",
            "fields": [{"name": name, "label": name, "type": "char"} for name in fields],
            "ids": self.complaint.ids,
            "domain": [],
            "import_compat": False,
            "context": {},
            **params,
        }
        answer = self.url_open(
            "/web/export/xlsx",
            data={"data": json.dumps(data), "csrf_token": http.Request.csrf_token(self)},
        )
        self.assertEqual(answer.status_code, 200)
        return load_workbook(BytesIO(answer.content)).active

    def setUp(self):
        super().setUp()
        self.leader.group_ids = [Command.link(self.env.ref(EXPORT).id)]
        self.complaint = self._complain(self.agent, title='=HYPERLINK("http://x","go")').sudo()

    def test_no_text_becomes_a_formula_or_a_link(self):
        for params in ({}, {"groupby": ["title"], "ids": False,
                            "domain": [["id", "=", self.complaint.id]]}):  # fmt: skip
            sheet = self._export_list(["title", "name"], **params)
            cells = [cell for row in sheet.rows for cell in row if cell.value]
            titles = [cell for cell in cells if str(cell.value).startswith("=")]
            self.assertTrue(titles)
            self.assertEqual({cell.data_type for cell in cells}, {"s"})
            self.assertFalse([cell for cell in cells if cell.hyperlink])

    def test_it_is_logged(self):
        logs = self.env["customer.access.log"]
        last = logs.search([], order="id desc", limit=1).id or 0
        self._export_list(["title", "name"])
        [row] = logs.search([("id", ">", last), ("action", "=", "export")])
        self.assertEqual(
            (row.user_login, row.partner_res_id, row.res_model, row.res_id, row.subject),
            (
                "cf_leader",
                self.customer.id,
                "customer.complaint",
                self.complaint.id,
                "title, name",
            ),
        )
