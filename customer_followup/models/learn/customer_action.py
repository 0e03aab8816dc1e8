from odoo import fields, models
from odoo.tools import format_date


class CustomerAction(models.Model):
    """An action may rectify what went wrong in several weeks, for several departments."""

    _inherit = "customer.action"

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

    def _notify_of_action(self, users):
        """Send these users what is to be done, by whom and until when."""
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
