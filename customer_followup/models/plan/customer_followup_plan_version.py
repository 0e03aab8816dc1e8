from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .customer_followup_enrollment import OPEN_STATES
from .customer_followup_step import PREVIOUS

DRAFT, RUNNING, REPLACED = "draft", "running", "replaced"


class CustomerFollowupPlanVersion(models.Model):
    """A version of a plan's steps, for the customers enrolled while it was in force."""

    _name = "customer.followup.plan.version"
    _description = "Version of a Follow-up Plan"
    _inherit = ["customer.shared.mixin"]
    _order = "plan_id, number desc"
    _shared_with = "plan_id"

    plan_id = fields.Many2one(
        "customer.followup.plan", required=True, index=True, ondelete="cascade"
    )
    number = fields.Integer(required=True, default=1, readonly=True)
    state = fields.Selection(
        [(DRAFT, "Draft"), (RUNNING, "In force"), (REPLACED, "Replaced")],
        required=True,
        readonly=True,
        default=DRAFT,
    )
    date_run = fields.Datetime(string="In force since", readonly=True)
    step_ids = fields.One2many(
        "customer.followup.step", "version_id", context={"active_test": False}
    )
    enrollment_ids = fields.One2many("customer.followup.enrollment", "version_id")
    is_used = fields.Boolean(compute="_compute_is_used", help="Customers are or were on it.")
    enrollment_count = fields.Integer(string="Customers on it", compute="_compute_is_used")

    _number_uniq = models.UniqueIndex(
        "(plan_id, number)", "This plan has a version of that number already."
    )

    @api.depends("number")
    def _compute_display_name(self):
        for version in self:
            version.display_name = self.env._("Version %s", version.number)

    def _compute_is_used(self):
        used = self._filter_used()
        running = [("version_id", "in", self.ids), ("state", "in", OPEN_STATES)]
        counts = dict(
            self.env["customer.followup.enrollment"]._read_group(
                running, ["version_id"], ["__count"]
            )
        )
        for version in self:
            version.is_used = version._origin in used
            version.enrollment_count = counts.get(version._origin, 0)

    def _filter_used(self):
        """Return the versions on which customers are or were."""
        # Customers on it lock the version, also those the current user may not read.
        found = (
            self.env["customer.followup.enrollment"]
            .sudo()
            ._read_group([("version_id", "in", self.ids)], ["version_id"])
        )
        return self.browse(version.id for (version,) in found)

    def _befores(self):
        """Return the step each step of this version waits for: ``{step: step}``."""
        in_order = self.step_ids._in_order()
        return {
            step: step.after_step_id or in_order[step]
            for step in self.step_ids
            if step.anchor == PREVIOUS
        }

    def _check_order(self):
        """Raise if steps wait for each other, for nothing, or for a series without end."""
        for version in self:
            befores = version._befores()
            for step, before in befores.items():
                version._check_before(step, before)
                seen = {step}
                while before and before not in seen:
                    seen.add(before)
                    before = befores.get(before)
                if before:
                    raise ValidationError(
                        self.env._(
                            "%(step)s and %(other)s wait for each other: count one of them from"
                            " something else.",
                            step=step.name,
                            other=befores[step].name,
                        )
                    )

    def _check_before(self, step, before):
        if not before:
            raise ValidationError(
                self.env._(
                    "%(step)s: there is no step before it. Choose which step it waits for.",
                    step=step.name,
                )
            )
        if before.version_id != self:
            raise ValidationError(
                self.env._("%(step)s waits for a step of another version.", step=step.name)
            )
        if before._is_endless():
            raise ValidationError(
                self.env._(
                    "%(step)s would wait forever: %(other)s never ends.",
                    step=step.name,
                    other=before.name,
                )
            )

    def _ordered_steps(self):
        """Return the steps, each after the one it waits for."""
        befores, ordered, left = self._befores(), [], [*self.step_ids]
        # No steps wait for each other, so each turn finds at least one.
        while left:
            waiting = [step for step in left if befores.get(step) in left]
            ordered += [step for step in left if step not in waiting]
            left = waiting if len(waiting) < len(left) else []
        return self.step_ids.browse(step.id for step in ordered)

    def _waits(self):
        """Say whether the end of a contact may make another one due."""
        return any(step._waits() for step in self.step_ids)

    def _locked_text(self):
        return self.env._(
            "%(plan)s: customers are on %(version)s already. Make a new version to change what"
            " they will receive.",
            plan=self.plan_id.name,
            version=self.display_name,
        )

    def _put_in_force(self):
        """Put this version in force for customers enrolled from now on; others keep theirs."""
        if not self:
            return
        self.plan_id._check_ready()
        self._check_order()
        others = self.plan_id.version_ids.filtered(lambda version: version.state == RUNNING)
        (others - self).state = REPLACED
        self.write({"state": RUNNING, "date_run": fields.Datetime.now()})
        self.plan_id.version_id = self

    def _renew(self):
        """Return a draft of the next version: a copy of this one, to be changed."""
        self.ensure_one()
        number = max(self.plan_id.version_ids.mapped("number")) + 1
        draft = self.create({"plan_id": self.plan_id.id, "number": number})
        old = self.plan_id.step_ids
        new = self.env["customer.followup.step"]
        for step in old:
            new |= step.copy({"version_id": draft.id, "origin_id": step._root().id})
        new._point_at(dict(zip(old, new, strict=True)))
        old.active = False
        return draft
