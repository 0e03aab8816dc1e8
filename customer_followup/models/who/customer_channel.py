from odoo import fields, models


class CustomerChannel(models.Model):
    """A way to contact customers, and the hours of the customer's day for it."""

    _name = "customer.channel"
    _description = "Contact Channel"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [
            ("phone", "Phone"),
            ("visit", "Visit"),
            ("email", "E-mail"),
            ("sms", "SMS"),
            ("other", "Other"),
        ],
        required=True,
        default="phone",
    )
    needs = fields.Selection(
        [("phone", "A phone number"), ("email", "An e-mail address")],
        help="What must be known of the customer.",
    )
    is_automatic = fields.Boolean(
        string="Automatic", help="The scheduled action sends it; no user has to act."
    )
    hour_from = fields.Float(string="From", default=8.0)
    hour_to = fields.Float(string="To", default=21.0)
    is_incoming = fields.Boolean(
        string="Only from customers",
        help="Customers come to us this way; no contact with them is planned by it.",
    )
    icon = fields.Char(default="fa-phone", help="Font Awesome name.")

    _hours_range = models.Constraint(
        "CHECK (hour_from >= 0 AND hour_from < hour_to AND hour_to <= 24)",
        "Contact hours run from an earlier to a later hour of the same day.",
    )

    def _hours_text(self):
        """Return the contact hours as people read them, like 8:00-21:00."""
        hours = [divmod(round(hour * 60), 60) for hour in (self.hour_from, self.hour_to)]
        return "-".join(f"{hour}:{minute:02}" for hour, minute in hours)
