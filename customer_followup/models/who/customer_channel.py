from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class CustomerChannel(models.Model):
    """A way to contact customers, and the hours of the customer's day for it."""

    _name = "customer.channel"
    _description = "Contact Channel"
    _inherit = ["customer.needed.mixin"]
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
        help="What must be known of the customer, besides what this kind of channel uses.",
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

    @api.constrains("is_automatic", "kind")
    def _check_automatic(self):
        for channel in self:
            if channel.is_automatic and channel.kind not in channel._automatic_kinds():
                raise ValidationError(
                    self.env._(
                        "%s: no messages can be sent by this kind of channel. Untick “Automatic”.",
                        channel.name,
                    )
                )

    @api.model
    def _automatic_kinds(self):
        """Return the kinds by which the system sends; later chapters add theirs."""
        return frozenset()

    @api.model
    def _needs_by_kind(self):
        """Return what each kind of channel uses of a person, whatever a channel asks for."""
        return {"phone": "phone", "sms": "phone", "email": "email"}

    def _needed(self):
        """Return what the channel uses of a person: ``"phone"``, ``"email"`` or ``None``."""
        return self._needs_by_kind().get(self.kind) or self.needs or None

    @api.model
    def _using(self, needed):
        """Return the channels that use numbers, addresses or, for ``None``, neither."""
        by_kind = self._needs_by_kind()
        kinds = [kind for kind, uses in by_kind.items() if uses == needed]
        others = Domain("kind", "not in", list(by_kind)) & Domain("needs", "=", needed or False)
        # Which channel uses what may be known to all.
        channels = self.sudo().with_context(active_test=False)
        return channels.search(Domain("kind", "in", kinds) | others)

    def _hours_text(self):
        """Return the contact hours as people read them, like 8:00-21:00."""
        hours = [divmod(round(hour * 60), 60) for hour in (self.hour_from, self.hour_to)]
        return "-".join(f"{hour}:{minute:02}" for hour, minute in hours)
