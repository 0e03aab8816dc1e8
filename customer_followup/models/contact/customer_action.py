from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools import worktime
from ..ground.system import yes_or_no
from .customer_followup import UNDOING


class CustomerAction(models.Model):
    """Something a user must do by a date, about any record."""

    _name = "customer.action"
    _description = "Action"
    _inherit = [
        "customer.work.mixin",
        "customer.cancel.mixin",
        "customer.protected.mixin",
        "customer.change.mixin",
        "mail.thread",
    ]
    _order = "date_deadline, id"
    _check_company_auto = True
    _followed_fields = frozenset({"feedback_id", "state"})
    _protected_fields = frozenset({"code", "date_done", "wrong_digest"})
    # Opening it again, which the chatter shows.
    _lasting_fields = frozenset({"state"})

    name = fields.Char(string="Action", required=True)
    user_id = fields.Many2one(
        "res.users",
        string="Assigned to",
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
        string="Deadline",
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
    code = fields.Char(
        readonly=True,
        copy=False,
        help="What the system requests: it is requested once while the action is open.",
    )
    res_model = fields.Char(string="About (model)", index=True)
    res_id = fields.Many2oneReference(string="About", model_field="res_model")
    feedback_id = fields.Many2one(
        "customer.followup.feedback", index="btree_not_null", ondelete="cascade"
    )
    wrong_digest = fields.Char(
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="A hash of the wrong number or address, if the action asks for the right one.",
    )
    is_correction = fields.Boolean(compute="_compute_is_correction")
    is_late = fields.Boolean(compute="_compute_is_late", search="_search_is_late")

    # Open actions of a record: closing rules and counters.
    _about_idx = models.Index("(res_model, res_id) WHERE state = 'open'")

    @api.depends("wrong_digest")
    def _compute_is_correction(self):
        # Only whether there is one is shown.
        for action in self.sudo():
            action.is_correction = bool(action.wrong_digest)

    @api.depends("state", "date_deadline")
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for action in self:
            action.is_late = bool(
                action.state == "open" and action.date_deadline and action.date_deadline < today
            )

    def _search_is_late(self, operator, value):
        late = Domain("state", "=", "open") & Domain(
            "date_deadline", "<", fields.Date.context_today(self)
        )
        return yes_or_no(operator, value, late)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_create(vals)
        actions = super().create([self._prepare_vals(vals) for vals in vals_list])
        actions._follow()
        return actions

    def write(self, vals):
        self._check_write(vals)
        before = self._snapshot(vals)
        result = super().write(self._prepare_vals(vals))
        self._follow(before)
        return result

    def _check_create(self, vals):
        result = super()._check_create(vals)
        self._check_protected(vals, with_defaults=True)
        return result

    def _check_write(self, vals):
        result = super()._check_write(vals)
        self._check_protected(vals)
        if vals.get("state") != "open":
            self._check_ended(vals)
        if vals.get("state") == "cancelled" and not self.env.su:
            raise UserError(self.env._("Press “Cancel action” and enter the reason."))
        if vals.get("state") == "done":
            self._check_corrected()
        return result

    def _check_corrected(self):
        """Raise if users would tick requests for a number or address that is still wrong."""
        if self.env.su:
            return
        for action in self.filtered("is_correction"):
            contact = action._contact_to_correct()
            # Only whether the number or address is the same as before is shown.
            if contact and contact.sudo()._reach_digest() == action.sudo().wrong_digest:
                raise UserError(
                    self.env._(
                        "%s: it is still wrong. Press “Correct” and enter the right one, or press"
                        " “Cancel action” and enter the reason.",
                        action.name,
                    )
                )

    def _contact_to_correct(self):
        """Return the contact whose number or address is to be corrected."""
        return self.env["customer.followup"].browse(self.res_id).exists()

    def _filter_ended(self):
        return self.filtered(lambda action: action.state != "open")

    def _prepare_vals(self, vals):
        """Return the values with the date that follows from the state."""
        if vals.get("state") in ("done", "cancelled"):
            return {"date_done": fields.Datetime.now(), **vals}
        if vals.get("state") == "open":
            return {**vals, "date_done": False, "cancel_reason": False}
        return vals

    def _follow(self, before=None):
        result = super()._follow(before)
        # The name of the feedback is shown to all readers of the action.
        self._changed(before, "feedback_id").feedback_id.check_access("read")
        self._changed(before, "state").filtered("is_correction")._follow_correction()
        return result

    def _follow_correction(self):
        """Keep messages that came back on the Desk while their correction is to do."""
        # The user of an action need not be allowed to open its contact.
        for action in self.sudo():
            contact = action._contact_to_correct()
            is_undelivered = action.state == "open" and contact.close_code == "undelivered"
            if contact.is_undelivered != is_undelivered:
                contact._record({"is_undelivered": is_undelivered})

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        if self.env.context.get("customer_undo") is not UNDOING:
            raise UserError(self.env._("An action cannot be deleted. Cancel it instead."))

    def action_done(self):
        """Mark these actions as done."""
        self.check_access("read")
        self.state = "done"

    def action_correct(self):
        """Ask for the right number or address."""
        self.ensure_one()
        self.check_access("write")
        return self._contact_to_correct().action_correct()

    def _cancel(self, reason):
        """Cancel these actions, and notify their users."""
        result = super()._cancel(reason)
        for action in self.sudo().filtered(lambda one: one.user_id != self.env.user):
            action.message_notify(
                partner_ids=action.user_id.partner_id.ids,
                subject=self.env._("Cancelled: %s", action.name),
                body=action.cancel_reason,
                force_send=False,
            )
        return result

    @api.model
    def _action_new(self, about, team, **defaults):
        """Return the window action that opens a new action about a record."""
        given = {"res_model": about._name, "res_id": about.id, "company_id": about.company_id.id}
        given |= {"team_id": team.id, **defaults}
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New action"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {f"default_{name}": value for name, value in given.items()},
        }

    def action_open_about(self):
        """Open the record the action is about."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "view_mode": "form",
        }

    @api.model
    def _work_label(self):
        return self.env._("actions")

    @api.model
    def _open_work_domain(self):
        return Domain("state", "=", "open")

    @api.model
    def _due_work_domain(self, until, zone):
        return Domain("date_deadline", "<=", worktime.local_day(until, zone))

    @api.model
    def _about_models(self):
        """Return the models of records of one customer that an action may be about."""
        return [one for one in self._work_models() if "commercial_partner_id" in one._fields]

    @api.model
    def _customer_work_domain(self, customers):
        return Domain.OR(
            Domain("res_model", "=", one._name)
            # Which records are the customer's does not depend on the user.
            & Domain("res_id", "in", one.sudo()._search(one._customer_work_domain(customers)))
            for one in self._about_models()
        )

    def _customers_of_work(self):
        none = self.env["res.partner"]
        customers = dict.fromkeys(self, none)
        for about in self._about_models():
            some = self.filtered(lambda one, about=about: one.res_model == about._name)
            records = about.sudo().browse(some.mapped("res_id")).exists()
            by_id = {record.id: record.commercial_partner_id for record in records}
            customers |= {one: by_id.get(one.res_id, none) for one in some}
        return customers
