from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .customer_followup import UNDOING


class CustomerAction(models.Model):
    """What somebody must do by when, about any record."""

    _name = "customer.action"
    _description = "Action"
    _inherit = ["customer.protected.mixin", "mail.thread"]
    _order = "date_deadline, id"
    _check_company_auto = True
    _protected_fields = frozenset({"date_done"})

    name = fields.Char(string="What", required=True)
    user_id = fields.Many2one(
        "res.users",
        string="Who",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    team_id = fields.Many2one("customer.team", index=True, ondelete="restrict", check_company=True)
    company_id = fields.Many2one(
        "res.company", required=True, ondelete="restrict", default=lambda self: self.env.company
    )
    date_deadline = fields.Date(
        string="Until",
        required=True,
        default=lambda self: fields.Date.add(fields.Date.context_today(self), days=7),
    )
    date_done = fields.Datetime(string="Done on", readonly=True, copy=False)
    state = fields.Selection(
        [("open", "To do"), ("done", "Done"), ("cancelled", "Cancelled")],
        required=True,
        default="open",
        tracking=True,
        copy=False,
    )
    note = fields.Text()
    res_model = fields.Char(string="About (model)", index=True)
    res_id = fields.Many2oneReference(string="About", model_field="res_model")
    feedback_id = fields.Many2one(
        "customer.followup.feedback", index="btree_not_null", ondelete="cascade"
    )
    is_late = fields.Boolean(compute="_compute_is_late", search="_search_is_late")

    # Open actions of a record: closing rules and counters.
    _about_idx = models.Index("(res_model, res_id) WHERE state = 'open'")

    @api.depends("state", "date_deadline")
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for action in self:
            action.is_late = bool(
                action.state == "open" and action.date_deadline and action.date_deadline < today
            )

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = Domain("state", "=", "open") & Domain(
            "date_deadline", "<", fields.Date.context_today(self)
        )
        return late if True in value else ~late

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_protected(vals, with_defaults=True)
        actions = super().create([self._dated(vals) for vals in vals_list])
        # Whoever reads an action is shown the line it answers.
        actions.feedback_id.check_access("read")
        return actions

    def write(self, vals):
        self._check_protected(vals)
        result = super().write(self._dated(vals))
        if "feedback_id" in vals:
            self.feedback_id.check_access("read")
        return result

    def _dated(self, vals):
        """Return the values with when it was done, if they say that it is or is not."""
        if vals.get("state") in ("done", "cancelled"):
            return {"date_done": fields.Datetime.now(), **vals}
        return {**vals, "date_done": False} if vals.get("state") == "open" else vals

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        if self.env.context.get("customer_undo") is not UNDOING:
            raise UserError(self.env._("An action is not deleted: cancel it."))

    def action_done(self):
        """Mark as done."""
        self.state = "done"

    @api.model
    def _action_new(self, about, team, **defaults):
        """Return the client action that opens a new action about a record."""
        given = {"res_model": about._name, "res_id": about.id, "company_id": about.company_id.id}
        given |= {"team_id": team.id, **defaults}
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What will be done?"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {f"default_{name}": value for name, value in given.items()},
        }

    def action_open_about(self):
        """Open the record the action is about."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "view_mode": "form",
        }
