from odoo import api, fields, models

from ...tools import schedule


class CustomerFollowupStep(models.Model):
    """One contact of a plan, so long after its start."""

    _name = "customer.followup.step"
    _description = "Step of a Follow-up Plan"
    _order = "plan_id, sequence, id"

    plan_id = fields.Many2one(
        "customer.followup.plan", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    name = fields.Char(required=True, translate=True)
    offset_count = fields.Integer(string="After", required=True, default=3)
    offset_unit = fields.Selection(
        [("days", "days"), ("weeks", "weeks"), ("months", "months")],
        required=True,
        default="days",
        string="Unit",
    )
    hour = fields.Float(
        string="At", default=9.0, help="Hour of the customer's day from which he is contacted."
    )
    window_days = fields.Integer(
        string="Days left to do it", help="0: it is late after the day itself."
    )
    channel_id = fields.Many2one(
        "customer.channel", required=True, ondelete="restrict", string="By"
    )
    text = fields.Html(
        string="What to say", translate=True, help="Shown to the agent, or sent to the customer."
    )

    _range = models.Constraint(
        "CHECK (offset_count >= 0 AND window_days >= 0 AND hour >= 0 AND hour < 24)",
        "A step comes zero or more days after the start, at an hour of the day.",
    )
    _reachable = models.Constraint(
        "CHECK (offset_count <= 36500 AND window_days <= 36500)",
        "A step cannot lie more than 36,500 days, weeks or months ahead.",
    )

    @api.depends("name", "offset_count", "offset_unit")
    def _compute_display_name(self):
        units = dict(self._fields["offset_unit"]._description_selection(self.env))
        for step in self:
            step.display_name = self.env._(
                "%(name)s (%(count)s %(unit)s)",
                name=step.name or "",
                count=step.offset_count,
                unit=units.get(step.offset_unit, ""),
            )

    def _due(self, anchor, zone):
        """Return from when to when the contact is due, both naive UTC.

        :param anchor: the customer's local day the plan started
        :param zone: name of the customer's time zone
        """
        day = schedule.due_day(anchor, self.offset_count, self.offset_unit)
        last = schedule.due_day(day, self.window_days, "days")
        return schedule.at_local(day, self.hour, zone), schedule.end_of_local_day(last, zone)
