from odoo import fields, models


class CustomerComplaintContact(models.Model):
    """A contact with the customer about the handling of a complaint."""

    _name = "customer.complaint.contact"
    _description = "Contact Log Entry"
    _inherit = ["customer.complaint.part.mixin"]
    _order = "date desc, id desc"

    date = fields.Datetime(required=True, default=fields.Datetime.now)
    user_id = fields.Many2one(
        "res.users", required=True, ondelete="restrict", default=lambda self: self.env.user
    )
    result = fields.Selection(
        [
            ("told", "Informed"),
            ("asked", "Asked, waiting for answer"),
            ("agreed", "Agreed to another date"),
            ("tried", "Not reached"),
            ("confirmed", "Confirms"),
            ("rejected", "Not satisfied"),
            ("silent", "No answer"),
            ("withdrawn", "Withdraws"),
            ("replied", "Replied"),
        ],
        required=True,
    )
    how = fields.Char(help="Channel and contact person.")
    note = fields.Text(string="Content")
    satisfaction = fields.Selection(
        [("1", "1"), ("2", "2"), ("3", "3"), ("4", "4"), ("5", "5")],
        help="1: very dissatisfied, 5: very satisfied.",
    )
    message_id = fields.Many2one(
        "mail.message",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The message that was sent to the customer.",
    )
    round = fields.Integer(help="Number of solutions the customer had rejected before.")
