from odoo import fields, models


class CustomerComplaintContactLog(models.TransientModel):
    """What the customer was told about a complaint, or said about it, as a user logs it."""

    _name = "customer.complaint.contact.log"
    _description = "Log Customer Contact"
    _inherit = ["customer.complaint.dialog.mixin"]

    result = fields.Selection(
        [
            ("told", "Was told how it stands"),
            ("asked", "Was asked, and we wait"),
            ("tried", "Was not reached"),
            ("confirmed", "Is content"),
            ("rejected", "Is not content"),
            ("silent", "Does not answer"),
            ("withdrawn", "Takes it back"),
        ],
        string="The customer",
        required=True,
        default="told",
    )
    how = fields.Char(help="By phone, in the shop; who it was.")
    note = fields.Text(string="What was said")
    satisfaction = fields.Selection(
        [("1", "1"), ("2", "2"), ("3", "3"), ("4", "4"), ("5", "5")],
        string="How satisfied?",
        help="1: very dissatisfied, 5: very satisfied.",
    )

    def action_note(self):
        """Record it, with what follows from it."""
        self.ensure_one()
        complaint = self.complaint_id
        if self.result == "told":
            complaint._customer_told(self.how, self.note)
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
        return {"type": "ir.actions.act_window_close"}
