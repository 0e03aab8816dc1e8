from odoo import fields, models


class CustomerComplaintContact(models.Model):
    """What a customer was told, or said, about how his complaint is handled."""

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
            ("told", "Answer given"),
            ("asked", "Asked, we wait"),
            ("agreed", "Agrees to another date"),
            ("tried", "Not reached"),
            ("confirmed", "Confirms"),
            ("rejected", "Not content"),
            ("silent", "Does not answer"),
            ("withdrawn", "Withdraws"),
            ("replied", "Writes again"),
        ],
        required=True,
    )
    how = fields.Char(help="By which means, and who it was.")
    note = fields.Text(string="What was said")
    satisfaction = fields.Selection(
        [("1", "1"), ("2", "2"), ("3", "3"), ("4", "4"), ("5", "5")],
        help="1: very dissatisfied, 5: very satisfied.",
    )
    message_id = fields.Many2one(
        "mail.message",
        string="Written in",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The message that was sent to the customer.",
    )
    round = fields.Integer(help="How often the customer had refused a solution before.")
