from odoo import api, fields, models

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

    @api.model
    def _merged_into(self, sources, destination):
        """Keep the hours that suit all records of a person, else those of the one that stays."""
        rows = self.search([("partner_id", "in", (sources | destination).ids)])
        by_person = rows.grouped("partner_id")
        if len({tuple(sorted(some._spans(), key=str)) for some in by_person.values()}) > 1:
            first, *others = sorted(by_person, key=lambda person: person != destination)
            spans = [*by_person[first]._spans()]
            for person in others:
                spans = [
                    _common_span(one, other)
                    for one in spans
                    for other in by_person[person]._spans()
                ]
                spans = [span for span in spans if span]
            spans = spans or by_person[first]._spans()
            rows.unlink()
            self.create(
                [
                    {
                        "partner_id": destination.id,
                        "weekday": "every" if day is None else str(day),
                        "hour_from": hour_from,
                        "hour_to": hour_to,
                    }
                    for day, hour_from, hour_to in dict.fromkeys(spans)
                ]
            )
        return super()._merged_into(sources, destination)


def _common_span(one, other):
    """Return the hours that two spans have in common, or ``None``."""
    if one[0] is not None and other[0] is not None and one[0] != other[0]:
        return None
    day = one[0] if one[0] is not None else other[0]
    hour_from, hour_to = max(one[1], other[1]), min(one[2], other[2])
    return (day, hour_from, hour_to) if hour_from < hour_to else None
