import base64
from tempfile import NamedTemporaryFile

import pytz
import xlsxwriter

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_datetime

COLUMNS = {
    "quality": (
        "name",
        "date_received",
        "customer_name",
        "phone_masked",
        "object_name",
        "title",
        "accountable_user_id",
        "team_id",
        "date_reply_due",
        "last_reply",
        "date_answered",
        "confirmation",
        "date_closed",
    ),
    "attitude": (
        "name",
        "date_received",
        "customer_name",
        "phone_masked",
        "date_event",
        "place",
        "accused_user_ids",
        "team_id",
        "title",
        "accountable_user_id",
        "decision",
        "solution",
        "date_answered",
    ),
    "tracking": (
        "name",
        "customer_name",
        "title",
        "date_received",
        "priority",
        "user_id",
        "progress",
        "date_deadline",
        "date_closed",
        "satisfaction",
        "last_feedback",
    ),
}
BATCH = 1000
# The limit of a cell; longer text would be lost completely.
MAX_LETTERS = 32_767


class CustomerComplaintExport(models.TransientModel):
    """Exports a register of complaints as a spreadsheet and logs the reason."""

    _name = "customer.complaint.export"
    _description = "Export of a Register"

    register = fields.Selection(
        [("quality", "Product quality"), ("attitude", "Attitude"), ("tracking", "Tracking")],
        required=True,
        default="tracking",
    )
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: fields.Date.start_of(fields.Date.context_today(self), "month"),
    )
    date_to = fields.Date(string="To", required=True, default=fields.Date.context_today)
    reason = fields.Char(help="Recorded in the access log.")
    datas = fields.Binary(readonly=True, attachment=True)
    file_name = fields.Char(readonly=True)

    def action_export(self):
        """Log the export and create the file."""
        self.ensure_one()
        if not self.env.user.has_group("base.group_allow_export"):
            raise AccessError(
                self.env._("You are not allowed to export. Ask an administrator for the right.")
            )
        if not (self.reason or "").strip():
            raise UserError(self.env._("Enter the reason of the export."))
        complaints = self.env["customer.complaint"].search(self._domain(), order="id")
        columns = self._columns()
        with NamedTemporaryFile(suffix=".xlsx") as file:
            self._write_book(file.name, complaints, columns)
            datas = base64.b64encode(file.read())
        self.env["customer.access.log"]._log(
            "export",
            [complaint.partner_id for complaint in complaints],
            complaints,
            reason=self.reason,
            subject=", ".join(columns),
        )
        self.write({"datas": datas, "file_name": f"{self.register}-{self.date_to}.xlsx"})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Export register"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _domain(self):
        """Return the domain of the register and period, by days in the user's time zone."""
        domain = Domain("date_received", ">=", self._start(self.date_from)) & Domain(
            "date_received", "<", self._start(fields.Date.add(self.date_to, days=1))
        )
        if self.register == "tracking":
            return domain
        return domain & Domain("in_register", "=", self.register)

    @api.model
    def _start(self, day):
        """Return the start of a day in the user's time zone, as naive UTC."""
        zone = self.env.tz
        local = zone.localize(fields.Datetime.to_datetime(day))
        return local.astimezone(pytz.utc).replace(tzinfo=None)

    def _columns(self):
        """Return the fields of the register that the user may read."""
        complaints = self.env["customer.complaint"]
        return [
            name
            for name in COLUMNS[self.register]
            if complaints._has_field_access(complaints._fields[name], "read")
        ]

    def _write_book(self, path, complaints, columns):
        # Written row by row to save memory, and as text, so that no value becomes a formula.
        book = xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_formulas": False})
        sheet = book.add_worksheet()
        for place, name in enumerate(columns):
            sheet.write_string(0, place, complaints._fields[name]._description_string(self.env))
        for start in range(0, len(complaints), BATCH):
            for row, complaint in enumerate(complaints[start : start + BATCH], start + 1):
                for place, name in enumerate(columns):
                    sheet.write_string(row, place, self._text(complaint, name))
            complaints.invalidate_recordset()
        book.close()

    @api.model
    def _text(self, complaint, name):
        text = self._whole_text(complaint, name)
        if len(text) <= MAX_LETTERS:
            return text
        note = self.env._("… (too long for a cell, see %s)", complaint.name)
        return text[: MAX_LETTERS - len(note)] + note

    @api.model
    def _whole_text(self, complaint, name):
        field, value = complaint._fields[name], complaint[name]
        if field.type == "datetime":
            return format_datetime(self.env, value) if value else ""
        if field.relational:
            return ", ".join(value.mapped("display_name"))
        return str(field.convert_to_export(value, complaint) or "")
