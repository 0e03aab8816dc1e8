import logging

from odoo import fields, models

from ...tools import masking

_logger = logging.getLogger(__name__)
QUEUED, SENT, FAILED = "queued", "sent", "failed"
# The result of a letter that confirms the receipt of the complaint.
ACKNOWLEDGED = "acknowledged"


class CustomerComplaintContact(models.Model):
    """A contact with the customer about the handling of a complaint."""

    _name = "customer.complaint.contact"
    _description = "Contact Log Entry"
    _inherit = ["customer.complaint.part.mixin", "customer.batch.mixin"]
    _order = "date desc, id desc"

    date = fields.Datetime(required=True, default=fields.Datetime.now)
    user_id = fields.Many2one(
        "res.users", required=True, ondelete="restrict", default=lambda self: self.env.user
    )
    result = fields.Selection(
        [
            ("informed", "Informed"),
            ("asked", "Asked, waiting for answer"),
            ("agreed", "Agreed to another date"),
            ("tried", "Not reached"),
            ("confirmed", "Confirms"),
            ("rejected", "Not satisfied"),
            ("silent", "No answer"),
            ("withdrawn", "Withdraws"),
            ("replied", "Replied"),
            (ACKNOWLEDGED, "Receipt confirmed"),
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
    delivery = fields.Selection(
        [(QUEUED, "In the queue"), (SENT, "Sent"), (FAILED, "Not delivered")],
        readonly=True,
        help="What became of the message. The customer was informed once it is sent.",
    )
    round = fields.Integer(help="Number of solutions the customer had rejected before.")

    def _park(self, error):
        """Leave an entry as it is that cannot be updated: it is tried again each day."""
        _logger.warning("Contact log entry %s: %s", self.id, masking.error(error))

    def _record_sent(self):
        """Record that messages have left: their customers are informed from now on."""
        for entry in self.filtered(lambda one: one.delivery == QUEUED):
            entry.write({"delivery": SENT, "date": fields.Datetime.now()})
            entry.complaint_id._message_left(entry)

    def _record_failed(self):
        """Record that messages did not reach their customers, once each."""
        for entry in self.filtered(lambda one: one.delivery in (QUEUED, SENT)):
            was_sent = entry.delivery == SENT
            entry.delivery = FAILED
            entry.complaint_id._message_failed(entry, was_sent)

    def _has_reached(self):
        """Return the entries of contacts that reached the customer, as far as is known."""
        return self.filtered(lambda one: one.delivery not in (QUEUED, FAILED))
