from odoo import api, fields, models

from ...tools import sla

FIRST_ANSWER, SOLUTION, ARRANGEMENT, ON_SITE = "first_answer", "solution", "arrangement", "on_site"
PROGRESS, CLOSURE, SURVEY = "progress", "closure", "survey"
PROMISES = [
    (FIRST_ANSWER, "First answer"),
    (SOLUTION, "Solution or commitment"),
    (ARRANGEMENT, "Arrangement"),
    (ON_SITE, "On site"),
    (PROGRESS, "Progress update"),
    (CLOSURE, "Closing"),
    (SURVEY, "Survey after closing"),
]
BY_CATEGORY = "category"
# Not paused while waiting for the customer or an outside body.
NEVER_STOPPED = (FIRST_ANSWER, SURVEY)
MAX_COUNT = 87600


class CustomerSlaTarget(models.Model):
    """A target of a policy: the promised time for one kind of promise."""

    _name = "customer.sla.target"
    _description = "SLA Target"
    _inherit = ["customer.shared.mixin"]
    _order = "policy_id, sequence, id"
    _shared_with = "policy_id"

    policy_id = fields.Many2one(
        "customer.sla.policy", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    kind = fields.Selection(PROMISES, string="Promise", required=True, default=FIRST_ANSWER)
    count = fields.Integer(string="Within", required=True, default=1)
    unit = fields.Selection(
        [
            ("minutes", "minutes"),
            ("hours", "calendar hours"),
            ("business_hours", "working hours"),
            ("calendar_days", "calendar days"),
            ("working_days", "working days"),
            (BY_CATEGORY, "resolution time of the category"),
        ],
        required=True,
        default="hours",
        help="Days end at midnight, working days at closing time. The first day is not counted.",
    )
    stops_awaiting = fields.Boolean(
        string="Paused while waiting for the customer",
        compute="_compute_stops",
        store=True,
        readonly=False,
        precompute=True,
    )
    stops_external = fields.Boolean(
        string="Paused while with an outside body",
        compute="_compute_stops",
        store=True,
        readonly=False,
        precompute=True,
    )
    warn_count = fields.Integer(string="Warning at", default=80, help="0: no warning.")
    warn_unit = fields.Selection(
        [("percent", "% of the time"), ("minutes", "minutes before"), ("hours", "hours before")],
        required=True,
        default="percent",
    )

    _count_range = models.Constraint(
        f"CHECK (count >= 0 AND count <= {MAX_COUNT})",
        "The time of a target must be between zero and ten years.",
    )
    _warn_range = models.Constraint(
        "CHECK (warn_count >= 0 AND (warn_unit != 'percent' OR warn_count <= 100))",
        "The warning must be at 0 to 100 % of the time, or before the deadline.",
    )
    _kind_uniq = models.UniqueIndex(
        "(policy_id, kind)",
        "A policy can have only one target of each kind. Change the existing line.",
    )

    @api.depends("kind")
    def _compute_stops(self):
        for target in self:
            is_stopped = target.kind not in NEVER_STOPPED
            target.stops_awaiting = target.stops_external = is_stopped

    @api.depends("kind", "count", "unit")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for target in self:
            target.display_name = self.env._(
                "%(promise)s: %(time)s",
                promise=kinds.get(target.kind),
                time=self._time_text(target.count, target.unit),
            )

    @api.model
    def _time_text(self, count, unit):
        """Return the promised time in words."""
        units = dict(self._fields["unit"]._description_selection(self.env))
        return units[unit] if unit == BY_CATEGORY else f"{count} {units[unit]}"

    def _time(self, complaint):
        """Return the :class:`sla.Target` for a complaint."""
        if self.unit == BY_CATEGORY:
            return sla.Target(complaint.category_id.deadline_hours, "hours")
        return sla.Target(self.count, self.unit)

    def _calendar(self, complaint):
        """Return the working hours of the policy, else of the team, else of the company."""
        # The user who records a complaint may not have access to calendars and companies.
        one = complaint.sudo()
        team = one.team_id.calendar_id or one.company_id.resource_calendar_id
        return self.policy_id.sudo().calendar_id or team

    def _promise_vals(self, complaint):
        """Return the values that a promise copies from this target."""
        time = self._time(complaint)
        return {
            "policy_id": self.policy_id.id,
            "escalation_policy_id": self.policy_id.id,
            "count": time.count,
            "unit": time.unit,
            "calendar_id": self._calendar(complaint).id,
            "stops_awaiting": self.stops_awaiting,
            "stops_external": self.stops_external,
            "warn_count": self.warn_count,
            "warn_unit": self.warn_unit,
        }
