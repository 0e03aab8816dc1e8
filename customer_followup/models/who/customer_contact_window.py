from odoo import fields, models

WEEKDAYS = [
    ("every", "Every day"),
    ("0", "Monday"),
    ("1", "Tuesday"),
    ("2", "Wednesday"),
    ("3", "Thursday"),
    ("4", "Friday"),
    ("5", "Saturday"),
    ("6", "Sunday"),
]


class CustomerContactWindow(models.Model):
    """Hours of a weekday at which a person may be contacted."""

    _name = "customer.contact.window"
    _description = "Contact Hours"
    _order = "weekday, hour_from, id"

    partner_id = fields.Many2one(
        "res.partner", string="Person", index="btree_not_null", ondelete="cascade"
    )
    weekday = fields.Selection(WEEKDAYS, required=True, default="every")
    hour_from = fields.Float(string="From", required=True, default=9.0)
    hour_to = fields.Float(string="To", required=True, default=18.0)

    _hours_range = models.Constraint(
        "CHECK (hour_from >= 0 AND hour_from < hour_to AND hour_to <= 24)",
        "Contact hours run from an earlier to a later hour of the same day.",
    )

    def _spans(self):
        """Return the hours as plain ``(weekday or None, from, to)``, 0 for Monday."""
        return tuple(
            (
                None if window.weekday == "every" else int(window.weekday),
                window.hour_from,
                window.hour_to,
            )
            for window in self
        )
