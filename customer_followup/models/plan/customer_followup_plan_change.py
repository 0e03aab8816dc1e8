from odoo import models
from odoo.exceptions import UserError

from .customer_followup_enrollment import OPEN_STATES
from .customer_followup_plan_version import DRAFT


class CustomerFollowupPlan(models.Model):
    """How a plan changes while customers are on it: by versions."""

    _inherit = "customer.followup.plan"

    def _version_to_edit(self):
        """Return the version whose steps may be changed; raise if a new one is needed first."""
        self.ensure_one()
        draft = self.version_ids.filtered(lambda version: version.state == DRAFT)[:1]
        version = draft or self.version_id
        if not version:
            self.check_access("write")
            # The plan writes its versions; users do not.
            return self.env["customer.followup.plan.version"].sudo().create({"plan_id": self.id})
        if version._filter_used():
            raise UserError(version._locked_text())
        return version

    def _put_in_force(self):
        """Put the draft of each plan in force."""
        self.check_access("write")
        # As for `_version_to_edit`.
        for plan in self.sudo():
            plan.version_ids.filtered(lambda version: version.state == DRAFT)[:1]._put_in_force()

    def action_new_version(self):
        """Start the draft of a new version; the present one stays in force until then."""
        self.ensure_one()
        self.check_access("read")
        self._check_not_template()
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
        """Delete the draft of a new version, and show the one in force again."""
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
        """Move all customers on earlier versions to the one in force."""
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
        """Move all customers on earlier versions to the one in force; return their rows."""
        rows = self.env["customer.followup.enrollment"].search(
            [
                ("plan_id", "in", self.ids),
                ("version_id", "not in", self.version_id.ids),
                ("state", "in", OPEN_STATES),
            ]
        )
        for plan, some in rows.grouped("plan_id").items():
            some._change_version(plan.version_id)
        return rows
