from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..complaint.customer_complaint import VIOLATION
from .customer_sla_target import PROMISES, SURVEY

RECEIVED, BEFORE, AFTER = "received", "before", "after"
ONE_SECOND = timedelta(seconds=1)


class CustomerSlaEscalation(models.Model):
    """A notification at one escalation level of a policy."""

    _name = "customer.sla.escalation"
    _description = "Escalation"
    _order = "policy_id, level, id"

    policy_id = fields.Many2one(
        "customer.sla.policy", required=True, index=True, ondelete="cascade"
    )
    kind = fields.Selection(PROMISES, string="Promise", help="Empty: all except the survey.")
    level = fields.Integer(required=True, default=1)
    delay_count = fields.Integer(string="Time", required=True, default=0)
    delay_unit = fields.Selection(
        [("minutes", "minutes"), ("hours", "hours"), ("days", "days")],
        required=True,
        default="minutes",
    )
    moment = fields.Selection(
        [
            (RECEIVED, "after receipt"),
            (BEFORE, "before the deadline"),
            (AFTER, "after the deadline"),
        ],
        string="Counted",
        required=True,
        default=AFTER,
    )
    audience = fields.Selection(
        [
            ("handler", "Handler"),
            ("leader", "Team leader"),
            ("above", "Leader of the team above"),
            ("overseers", "All leaders above"),
            ("manager", "General manager"),
            ("compliance", "Compliance officer"),
            ("user", "User"),
            ("group", "Group"),
        ],
        string="Tell",
        required=True,
        default="leader",
    )
    user_id = fields.Many2one("res.users", ondelete="restrict", domain="[('share', '=', False)]")
    group_id = fields.Many2one("res.groups", ondelete="restrict")

    _level_range = models.Constraint(
        "CHECK (level > 0 AND delay_count >= 0)",
        "Escalation levels start at 1, and a delay cannot be negative.",
    )

    @api.constrains("audience", "user_id", "group_id")
    def _check_audience(self):
        for step in self:
            if step.audience in ("user", "group") and not step[f"{step.audience}_id"]:
                raise ValidationError(
                    self.env._(
                        "%(policy)s, level %(level)s: choose who is notified.",
                        policy=step.policy_id.name,
                        level=step.level,
                    )
                )

    def _when(self, start, deadline):
        """Return the moment of this step for a promise from ``start`` to ``deadline``."""
        delay = timedelta(**{self.delay_unit: self.delay_count})
        if self.moment == RECEIVED:
            return start + delay
        if self.moment == BEFORE:
            return max(start, deadline - delay)
        return deadline + max(delay, ONE_SECOND)

    def _escalation_levels(self, kind, start, deadline, level=0):
        """Return the levels above ``level`` in order: ``[(moment, level, steps)]``."""
        kinds = (kind,) if kind == SURVEY else (False, kind)
        steps = self.filtered(lambda step: step.kind in kinds and step.level > level)
        levels, earliest = [], start
        for number, some in steps.grouped("level").items():
            # A higher level is never due before a lower one.
            earliest = max(earliest, min(step._when(start, deadline) for step in some))
            levels.append((earliest, number, some))
        return levels

    def _recipients(self, complaint, away):
        """Return the users to notify of a complaint, without excluded users.

        If all are excluded, the next leader above is notified instead, and finally the managers, so
        that someone always is. For absent users, their stand-ins are notified, too.

        :param away: absent users with their stand-ins, ``{user: user}``
        """
        levels = complaint._levels()
        wanted = self._audience(complaint, levels)
        users = complaint._filter_allowed(wanted) or self._instead(complaint, wanted, levels)
        return users | complaint._acting_for(users, away)

    def _instead(self, complaint, wanted, levels):
        rank = {"handler": 0, "leader": 1, "above": 2}.get(self.audience, len(levels))
        further = self.env["res.users"].union(*levels[rank:])
        managers = self.env.ref("customer_followup.group_followup_manager")
        for others in (further, self._members(managers, complaint.company_id)):
            known = complaint._filter_allowed(others - wanted)
            if known:
                return known[:1] if others == further else known
        return self.env["res.users"]

    def _audience(self, complaint, levels):
        no_users = self.env["res.users"]
        if complaint.kind == VIOLATION and self.audience != "handler":
            # Only compliance is notified of a violation of rules, whatever the policy says.
            return no_users.union(*levels)
        return {
            "handler": complaint.user_id or no_users.union(*levels[:1]),
            "leader": no_users.union(*levels[:1]),
            "above": no_users.union(*(levels[1:2] or levels[-1:])),
            "overseers": no_users.union(*levels),
            "manager": no_users.union(*levels[-1:]),
            "compliance": complaint.company_id.customer_compliance_id,
            "user": self.user_id,
            "group": self._members(self.group_id, complaint.company_id),
        }[self.audience].filtered("active")

    @api.model
    def _members(self, group, company):
        users = group.all_user_ids.filtered(lambda user: user.active and not user.share)
        # The system user does not read messages.
        return users.filtered(lambda user: company in user.company_ids) - self.env.ref(
            "base.user_root"
        )
