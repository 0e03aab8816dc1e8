from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

COMPLAINT = "customer.complaint"


class CustomerAction(models.Model):
    """An open action keeps its complaint open, and is kept from whom that is kept from."""

    _name = "customer.action"
    _inherit = [
        "customer.action",
        "customer.complaint.about.mixin",
        "customer.confidential.work.mixin",
        "customer.confidential.name.mixin",
    ]

    team_ids = fields.Many2many(
        "customer.team",
        relation="customer_action_team_rel",
        column1="action_id",
        column2="team_id",
        string="Departments",
        check_company=True,
        help="Their leaders see it, and those above them.",
    )
    before_value = fields.Float(
        string="Complaints per hundred before", readonly=True, copy=False, digits=(16, 2)
    )
    week_ids = fields.One2many("customer.complaint.week", "action_id", string="High weeks")

    @api.constrains("state", "res_model", "res_id")
    def _check_complaint_is_open(self):
        begun = self.filtered(lambda one: one.res_model == COMPLAINT and one.state == "open")
        # Its complaint must hold, also one the doer of the action cannot see.
        self.env[COMPLAINT].sudo().browse(begun.mapped("res_id"))._check_stage_needs()

    def _tell_people(self, users):
        """Send these people what is to be done until when."""
        for action in self:
            action.message_notify(
                partner_ids=users.partner_id.ids,
                subject=action.name,
                body=self.env._(
                    "Until %(day)s, by %(user)s. %(note)s",
                    day=format_date(self.env, action.date_deadline),
                    user=action.user_id.name,
                    note=action.note or "",
                ),
                force_send=False,
            )

    def _excluded_users(self):
        # Who is excluded is known to nobody; whoever asks here tells nobody.
        return self._complaints().excluded_user_ids

    def _complaints(self):
        # Which complaint it is, is no secret from whoever sees the action.
        return self.sudo().complaint_id

    def _refusal(self):
        return self._complaints()._refusal()

    @api.model
    def _hidden_query(self):
        """Return the actions that the current user must not know of."""
        # A query only: nothing is read.
        rows = self.sudo().with_context(active_test=False)
        return rows._search(self._hidden_domain())

    @api.model
    def _hidden_domain(self):
        return Domain("complaint_id.excluded_user_ids", "in", self.env.uid)

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        recipients = super()._notify_get_recipients(message, msg_vals, **kwargs)
        closed = set(self._excluded_users().partner_id.ids)
        return [one for one in recipients if one["id"] not in closed]
