from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .customer_followup_enrollment import OPEN_STATES
from .customer_followup_step import PREVIOUS, START

DRAFT, RUNNING, REPLACED = "draft", "running", "replaced"


class CustomerFollowupPlanVersion(models.Model):
    """What a plan said about its contacts, for the customers enrolled while it said so."""

    _name = "customer.followup.plan.version"
    _description = "Version of a Follow-up Plan"
    _order = "plan_id, number desc"

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
        # That there are customers on it locks the version for everybody, whoever may see them.
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
        # No two wait for each other, so each turn takes one at least.
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
        """Let customers enrolled from now on receive this version; those before keep theirs."""
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


class CustomerFollowupStep(models.Model):
    _inherit = "customer.followup.step"

    def copy_data(self, default=None):
        # What a copy waits for is told by `_point_at`, once all copies are there.
        vals_list = super().copy_data(default)
        for vals in vals_list:
            if vals.get("anchor") == PREVIOUS:
                vals.update(anchor=START, after_step_id=False)
        return vals_list

    def _point_at(self, copies):
        """Let copied steps wait for the copies, given as ``{step: its copy}``."""
        for old, new in copies.items():
            if old.anchor == PREVIOUS:
                after = copies.get(old.after_step_id or old._before(), self.browse())
                new.write({"anchor": PREVIOUS, "after_step_id": after.id})


class CustomerFollowupPlan(models.Model):
    _inherit = "customer.followup.plan"

    version_ids = fields.One2many("customer.followup.plan.version", "plan_id")
    version_id = fields.Many2one(
        "customer.followup.plan.version",
        string="In force",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="What customers receive who are enrolled now.",
    )
    draft_version_id = fields.Many2one(
        "customer.followup.plan.version", string="Draft", compute="_compute_draft_version_id"
    )
    is_locked = fields.Boolean(compute="_compute_draft_version_id")
    outdated_count = fields.Integer(
        string="On earlier versions", compute="_compute_draft_version_id"
    )

    @api.depends("version_ids.state", "version_id")
    def _compute_draft_version_id(self):
        for plan in self:
            draft = plan.version_ids.filtered(lambda version: version.state == DRAFT)[:1]
            plan.draft_version_id = draft if plan.version_id else False
            plan.is_locked = not draft and plan.version_id.is_used
            older = plan.version_ids - plan.version_id
            plan.outdated_count = sum(older.mapped("enrollment_count"))

    @api.constrains("version_id")
    def _check_version(self):
        for plan in self:
            if plan.version_id and plan.version_id.plan_id != plan:
                raise ValidationError(
                    self.env._("%(plan)s: the version is one of another plan.", plan=plan.name)
                )

    def _version_to_edit(self):
        """Return the version whose steps may be changed; raise if it takes a new one first."""
        self.ensure_one()
        draft = self.version_ids.filtered(lambda version: version.state == DRAFT)[:1]
        version = draft or self.version_id
        if not version:
            self.check_access("write")
            # Versions are kept by the plan; nobody writes one by hand.
            return self.env["customer.followup.plan.version"].sudo().create({"plan_id": self.id})
        if version._filter_used():
            raise UserError(version._locked_text())
        return version

    def _put_in_force(self):
        """Put the version that was worked on in force."""
        self.check_access("write")
        # As for `_version_to_edit`.
        for plan in self.sudo():
            plan.version_ids.filtered(lambda version: version.state == DRAFT)[:1]._put_in_force()

    def copy(self, default=None):
        plans = super().copy(default)
        for old, new in zip(self, plans, strict=True):
            # Odoo copies them in this order, whatever their sequence.
            pairs = zip(old.step_ids.sorted("id"), new.step_ids.sorted("id"), strict=True)
            new.step_ids._point_at(dict(pairs))
        return plans

    def action_new_version(self):
        """Start the draft of a new version; until it is used, the one in force stays so."""
        self.ensure_one()
        if self.draft_version_id or not self.version_id:
            raise UserError(self.env._("%(plan)s has a draft already.", plan=self.name))
        self.check_access("write")
        # As for `_version_to_edit`.
        self.version_id.sudo()._renew()

    def action_use_version(self):
        """Put the draft in force for customers enrolled from now on."""
        self.check_access("write")
        self._put_in_force()

    def action_discard_version(self):
        """Drop the draft of a new version, and show the one in force again."""
        self.ensure_one()
        self.check_access("write")
        if not self.draft_version_id:
            raise UserError(self.env._("%(plan)s has no draft.", plan=self.name))
        # As for `_version_to_edit`.
        draft = self.draft_version_id.sudo()
        draft.step_ids.unlink()
        draft.unlink()
        self.version_id.sudo().step_ids.active = True

    def action_move_to_version(self):
        """Let all customers on earlier versions go on with the one in force."""
        self.ensure_one()
        self.check_access("write")
        moved = self._move_to_version()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("%s customers moved.", len(moved)),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _move_to_version(self):
        """Let all customers on earlier versions go on with the one in force; return their rows."""
        rows = self.env["customer.followup.enrollment"].search(
            [
                ("plan_id", "in", self.ids),
                ("version_id", "not in", self.version_id.ids),
                ("state", "in", ("active", "paused", "stuck")),
            ]
        )
        for plan, some in rows.grouped("plan_id").items():
            some._change_version(plan.version_id)
        return rows
