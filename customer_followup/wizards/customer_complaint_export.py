import base64
from tempfile import NamedTemporaryFile

import pytz
import xlsxwriter

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..models.ground.base import FIRST_YEAR
from ..tools.folding import has_letters

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
# The limit of a cell, in units of UTF-16; longer text would be lost completely.
MAX_UNITS = 32_767
# The limit of a sheet, with the row of titles.
MAX_ROWS = 1_048_576
# These numbers of formats show a day, and a day with its time, as the reader's program writes them.
DATE_FORMATS = {"date": 14, "datetime": 22}
DATE_WIDTH = 18


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
        if not has_letters(self.reason):
            raise UserError(self.env._("Enter the reason of the export."))
        complaints = self.env["customer.complaint"].search(self._domain(), order="id")
        if len(complaints) >= MAX_ROWS:
            raise UserError(
                self.env._(
                    "The register of this period has %s complaints, more than a sheet can hold:"
                    " export shorter periods.",
                    len(complaints),
                )
            )
        columns = self._columns()
        with NamedTemporaryFile(suffix=".xlsx") as file:
            self._write_book(file.name, complaints, columns)
            datas = base64.b64encode(file.read())
        self.env["customer.access.log"]._log(
            "export",
            self._people(complaints),
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

    @api.model
    def _people(self, complaints):
        """Yield the customer of each complaint; what was read does not stay in memory."""
        for start in range(0, len(complaints), BATCH):
            some = complaints[start : start + BATCH]
            some.fetch(["partner_id", "company_id"])
            yield from [complaint.partner_id for complaint in some]
            self.env.invalidate_all()

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
        # Written row by row to save memory, and text as text, so that none becomes a formula.
        book = xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_formulas": False})
        sheet = book.add_worksheet()
        formats = {
            kind: book.add_format({"num_format": number}) for kind, number in DATE_FORMATS.items()
        }
        for place, name in enumerate(columns):
            field = complaints._fields[name]
            if field.type in formats:
                sheet.set_column(place, place, DATE_WIDTH)
            sheet.write_string(0, place, field._description_string(self.env))
        for start in range(0, len(complaints), BATCH):
            for row, complaint in enumerate(complaints[start : start + BATCH], start + 1):
                for place, name in enumerate(columns):
                    self._write_cell(sheet, (row, place), complaint, name, formats)
            self.env.invalidate_all()
        book.close()

    @api.model
    def _write_cell(self, sheet, place, complaint, name, formats):
        # Spreadsheets have no days before the first year, which imports may hold.
        field, value = complaint._fields[name], complaint[name]
        if field.type in formats and value and value.year >= FIRST_YEAR:
            if field.type == "datetime":
                value = fields.Datetime.context_timestamp(self, value).replace(tzinfo=None)
            sheet.write_datetime(*place, value, formats[field.type])
        elif field.type in ("integer", "float", "monetary"):
            sheet.write_number(*place, value)
        else:
            sheet.write_string(*place, self._text(complaint, name))

    @api.model
    def _text(self, complaint, name):
        text = self._whole_text(complaint, name)
        if _units(text) <= MAX_UNITS:
            return text
        note = self.env._("… (too long for a cell, see %s)", complaint.name)
        return _cut(text, MAX_UNITS - _units(note)) + note

    @api.model
    def _whole_text(self, complaint, name):
        field, value = complaint._fields[name], complaint[name]
        if field.relational:
            return ", ".join(value.mapped("display_name"))
        return str(field.convert_to_export(value, complaint) or "")


def _units(text):
    """Return the length of a text as spreadsheets count it: rare characters count twice."""
    return len(text.encode("utf-16-le")) // 2


def _cut(text, units):
    """Return the start of a text, of at most so many units and without a half character."""
    return text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore")
