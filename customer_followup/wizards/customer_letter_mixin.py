from odoo import fields, models


class CustomerLetterMixin(models.AbstractModel):
    """A dialog to write to the customer of a record, whose address the user may not read."""

    _name = "customer.letter.mixin"
    _description = "Message to a Customer"
    _inherit = ["customer.dialog.mixin"]

    customer = fields.Char(string="To", compute="_compute_customer")
    language = fields.Char(compute="_compute_customer")
    text = fields.Text(string="Message", required=True)
    attachment_ids = fields.Many2many("ir.attachment", string="Files")

    def _compute_customer(self):
        """Show the recipient and their language, but not the address."""
        for letter in self:
            letter.customer, letter.language = letter._receiver()

    def _receiver(self):
        """Return the names of the recipient and of their language."""
        return False, False

    def _language_name(self, code):
        return self.env["res.lang"]._get_data(code=code).name

    def _send_about(self, record, **details):
        """Send the message to the customer of the record, with the files of the dialog."""
        self.ensure_one()
        if self._use():
            record.check_access("write")
            files = self.attachment_ids.filtered(
                # Only files that the user uploaded in this dialog.
                lambda file: file.res_model == self._name and file.create_uid == self.env.user
            )
            files.write({"res_model": record._name, "res_id": record.id})
            record._write_to_customer(self.text, files, **details)
        return {"type": "ir.actions.act_window_close"}
