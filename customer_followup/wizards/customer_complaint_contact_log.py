from odoo import fields, models
from odoo.exceptions import UserError

from ..tools.folding import has_words


class CustomerComplaintContactLog(models.TransientModel):
    """Logs a contact with the customer about a complaint."""

    _name = "customer.complaint.contact.log"
    _description = "Log Customer Contact"
    _inherit = ["customer.complaint.dialog.mixin"]

    result = fields.Selection(
        [
            ("informed", "Was informed"),
            ("asked", "Was asked, waiting for answer"),
            ("replied", "Replied"),
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
        if self.result == "informed" and not (has_words(self.how) or has_words(self.note)):
            raise UserError(self.env._("Enter how the customer was informed, or what was said."))
        close = {"type": "ir.actions.act_window_close"}
        if not self._use():
            return close
        complaint, how, note = self.complaint_id, self.how, self.note
        verbs = {
            "informed": lambda: complaint._customer_informed(how, note),
            "asked": lambda: complaint._customer_asked(how, note),
            "replied": lambda: complaint._customer_replies(note, how),
            "tried": lambda: complaint._customer_not_reached(how, note),
            "confirmed": lambda: complaint._customer_confirms(how, note, self.satisfaction),
            "rejected": lambda: complaint._customer_rejects(how, note, self.satisfaction),
            "silent": lambda: complaint._customer_silent(note),
            "withdrawn": lambda: complaint._customer_withdraws(how, note),
        }
        continued = verbs[self.result]()
        if self.result != "replied" or continued == complaint:
            return close
        # It was closed too long ago: a new complaint continues it.
        return {
            "type": "ir.actions.act_window",
            "res_model": continued._name,
            "res_id": continued.id,
            "view_mode": "form",
        }
