from odoo import fields, models
from odoo.tools import format_date


class CustomerAction(models.Model):
    """An action that may rectify high weeks of complaints, for several departments."""

    _inherit = "customer.action"

    team_ids = fields.Many2many(
        "customer.team",
        relation="customer_action_team_rel",
        column1="action_id",
        column2="team_id",
        string="Departments",
        check_company=True,
        help="Visible to their leaders and the leaders above.",
    )
    before_value = fields.Float(
        string="Complaints per hundred before", readonly=True, copy=False, digits=(16, 2)
    )
    week_ids = fields.One2many("customer.complaint.week", "action_id", string="High weeks")

    def _notify_of_action(self, users):
        """Notify these users of the action, its assignee and its deadline."""
        for action in self:
            action.message_notify(
                partner_ids=users.partner_id.ids,
                subject=action.name,
                body=self.env._(
                    "Deadline: %(day)s. Assigned to: %(user)s. %(note)s",
                    day=format_date(self.env, action.date_deadline),
                    user=action.user_id.name,
                    note=action.note or "",
                ),
                force_send=False,
            )
