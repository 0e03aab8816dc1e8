from odoo import fields, models


class CustomerComplaintContactLog(models.TransientModel):
    """Logs a contact with the customer about a complaint."""

    _name = "customer.complaint.contact.log"
    _description = "Log Customer Contact"
    _inherit = ["customer.complaint.dialog.mixin"]

    result = fields.Selection(
        [
            ("informed", "Was informed"),
            ("asked", "Was asked, waiting for answer"),
            ("tried", "Was not reached"),
            ("confirmed", "Confirms the solution"),
            ("rejected", "Is not satisfied"),
            ("silent", "Does not answer"),
            ("withdrawn", "Withdraws the complaint"),
        ],
        string="The customer",
        required=True,
        default="informed",
    )
    how = fields.Char(help="Channel and contact person.")
    note = fields.Text(string="Content")
    satisfaction = fields.Selection(
        [("1", "1"), ("2", "2"), ("3", "3"), ("4", "4"), ("5", "5")],
        help="1: very dissatisfied, 5: very satisfied.",
    )

    def action_note(self):
        """Record the contact and its consequences."""
        self.ensure_one()
        if self._use():
            self._log_contact()
        return {"type": "ir.actions.act_window_close"}

    def _log_contact(self):
        complaint = self.complaint_id
        if self.result == "informed":
            complaint._customer_informed(self.how, self.note)
        elif self.result == "asked":
            complaint._customer_asked(self.how, self.note)
        elif self.result == "tried":
            complaint._customer_not_reached(self.how, self.note)
        elif self.result == "confirmed":
            complaint._customer_confirms(self.how, self.note, self.satisfaction)
        elif self.result == "rejected":
            complaint._customer_rejects(self.how, self.note, self.satisfaction)
        elif self.result == "silent":
            complaint._customer_silent(self.note)
        else:
            complaint._customer_withdraws(self.how, self.note)
