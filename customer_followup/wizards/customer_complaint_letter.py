from odoo import api, fields, models


class CustomerComplaintLetter(models.TransientModel):
    """Writes a message to the customer about a complaint."""

    _name = "customer.complaint.letter"
    _description = "Write to the Customer"
    _inherit = ["customer.complaint.dialog.mixin"]

    customer = fields.Char(string="To", compute="_compute_customer")
    language = fields.Char(compute="_compute_customer")
    text = fields.Text(string="Message", required=True)
    attachment_ids = fields.Many2many(
        "ir.attachment",
        relation="customer_complaint_letter_attachment_rel",
        column1="letter_id",
        column2="attachment_id",
        string="Files",
    )

    @api.depends("complaint_id")
    def _compute_customer(self):
        """Show the recipient and their language, but not the address."""
        for letter in self:
            # The name is shown on the complaint, and the language is not masked.
            complaint = letter.complaint_id._filtered_access("read").sudo()
            if not complaint:
                letter.customer = letter.language = False
                continue
            person = complaint._letter_person()
            letter.customer = person._shown_name() or complaint.complainant_name
            lang = self.env["res.lang"]._get_data(code=complaint._letter_lang())
            letter.language = lang.name

    def action_send(self):
        """Send the message to the customer."""
        self.ensure_one()
        if not self._use():
            return {"type": "ir.actions.act_window_close"}
        files = self.attachment_ids.filtered(
            # Only files that the user uploaded in this dialog.
            lambda file: file.res_model == self._name and file.create_uid == self.env.user
        )
        self.complaint_id.check_access("write")
        files.write({"res_model": "customer.complaint", "res_id": self.complaint_id.id})
        self.complaint_id._write_to_customer(self.text, files)
        return {"type": "ir.actions.act_window_close"}
