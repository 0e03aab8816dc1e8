from odoo.addons.web.controllers import export


class _AsText:
    """A writer of a sheet in which no text becomes a formula or a link.

    Customers wrote some of the texts.
    """

    def write(self, row, column, cell_value, style=None):
        if isinstance(cell_value, str):
            return self.worksheet.write_string(row, column, cell_value, style)
        return super().write(row, column, cell_value, style)


class ExportWriter(_AsText, export.ExportXlsxWriter):
    pass


class GroupExportWriter(_AsText, export.GroupExportXlsxWriter):
    pass


class ExcelExport(export.ExcelExport):
    """Odoo's export of lists as sheets, with texts as texts."""

    def from_group_data(self, fields, columns_headers, groups):
        with GroupExportWriter(fields, columns_headers, groups.count) as writer:
            place = 1, 0
            for name, group in groups.children.items():
                place = writer.write_group(*place, name, group)
        return writer.value

    def from_data(self, fields, columns_headers, rows):
        with ExportWriter(fields, columns_headers, len(rows)) as writer:
            for number, row in enumerate(rows, 1):
                for column, value in enumerate(row):
                    writer.write_cell(number, column, value)
        return writer.value
