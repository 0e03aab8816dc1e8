from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..complaint.customer_complaint import VIOLATION
from .customer_sla_target import PROMISES, SURVEY

RECEIVED, BEFORE, AFTER = "received", "before", "after"
ONE_SECOND = timedelta(seconds=1)


class CustomerSlaEscalation(models.Model):
    """Who is told, at which step of the ladder, that a promise is or will be broken."""

    _name = "customer.sla.escalation"
    _description = "Escalation"
    _order = "policy_id, level, id"

    policy_id = fields.Many2one(
        "customer.sla.policy", required=True, index=True, ondelete="cascade"
    )
    kind = fields.Selection(PROMISES, string="Promise", help="Empty: each promise but the survey.")
    level = fields.Integer(required=True, default=1)
    delay_count = fields.Integer(string="Time", required=True, default=0)
    delay_unit = fields.Selection(
        [("minutes", "minutes"), ("hours", "hours"), ("days", "days")],
        required=True,
        default="minutes",
    )
    moment = fields.Selection(
        [
            (RECEIVED, "after it was received"),
            (BEFORE, "before the time is over"),
            (AFTER, "after it was broken"),
        ],
        string="Counted",
        required=True,
        default=AFTER,
    )
    audience = fields.Selection(
        [
            ("handler", "The handler"),
            ("leader", "The team's leader"),
            ("above", "The leader above"),
            ("overseers", "All leaders up to the top"),
            ("manager", "The general manager"),
            ("compliance", "Who looks after compliance"),
            ("user", "One person"),
            ("group", "A group"),
        ],
        string="Tell",
        required=True,
        default="leader",
    )
    user_id = fields.Many2one("res.users", ondelete="restrict", domain="[('share', '=', False)]")
    group_id = fields.Many2one("res.groups", ondelete="restrict")

    _level_range = models.Constraint(
        "CHECK (level > 0 AND delay_count >= 0)",
        "Steps are numbered from 1, and a delay is not negative.",
    )

    @api.constrains("audience", "user_id", "group_id")
    def _check_audience(self):
        for step in self:
            if step.audience in ("user", "group") and not step[f"{step.audience}_id"]:
                raise ValidationError(
                    self.env._(
                        "%(policy)s, step %(level)s: choose who is told.",
                        policy=step.policy_id.name,
                        level=step.level,
                    )
                )

    def _when(self, start, deadline):
        """Return the moment of this step for a promise made at ``start``, kept by ``deadline``."""
        delay = timedelta(**{self.delay_unit: self.delay_count})
        if self.moment == RECEIVED:
            return start + delay
        if self.moment == BEFORE:
            return max(start, deadline - delay)
        return deadline + max(delay, ONE_SECOND)

    def _ladder(self, kind, start, deadline, level=0):
        """Return the steps above ``level`` for a promise: ``[(moment, level, steps)]`` in order."""
        kinds = (kind,) if kind == SURVEY else (False, kind)
        steps = self.filtered(lambda step: step.kind in kinds and step.level > level)
        ladder, earliest = [], start
        for number, some in steps.grouped("level").items():
            # A later step never overtakes an earlier one.
            earliest = max(earliest, min(step._when(start, deadline) for step in some))
            ladder.append((earliest, number, some))
        return ladder

    def _recipients(self, complaint, away):
        """Return who is told of a complaint, without those who must not know of it.

        Whoever may not know is replaced by the next in the chain, and in the end by the managers:
        nobody being told is no answer. While somebody is away, who acts for him is told as well.

        :param away: who is away, and who stands in: ``{user: user}``
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
        nobody = self.env["res.users"]
        if complaint.kind == VIOLATION and self.audience != "handler":
            # Whoever else a policy names: of a breach of rules compliance hears, and nobody else.
            return nobody.union(*levels)
        return {
            "handler": complaint.user_id or nobody.union(*levels[:1]),
            "leader": nobody.union(*levels[:1]),
            "above": nobody.union(*(levels[1:2] or levels[-1:])),
            "overseers": nobody.union(*levels),
            "manager": nobody.union(*levels[-1:]),
            "compliance": complaint.company_id.customer_compliance_id,
            "user": self.user_id,
            "group": self._members(self.group_id, complaint.company_id),
        }[self.audience].filtered("active")

    @api.model
    def _members(self, group, company):
        users = group.all_user_ids.filtered(lambda user: user.active and not user.share)
        # The system itself reads no messages.
        return users.filtered(lambda user: company in user.company_ids) - self.env.ref(
            "base.user_root"
        )
