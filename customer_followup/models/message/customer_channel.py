from odoo import api, fields, models

# Kinds of channels that send what is written, in this order: the fastest first.
WRITTEN = ("sms", "email")


class CustomerChannel(models.Model):
    """A channel with a text that says how to unsubscribe."""

    _inherit = "customer.channel"

    unsubscribe_text = fields.Char(
        translate=True,
        default="STOP: {link}",
        help="The last line of text messages that the customer did not request. {link} is the page"
        " to unsubscribe. Write “STOP” alone only if your provider passes on the replies.",
    )

    @api.model
    def _automatic_kinds(self):
        return super()._automatic_kinds() | set(WRITTEN)
