from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..complaint.customer_complaint import CLOSED


class CustomerTeam(models.Model):
    """A team that may ask for handovers after some months, and whose members have complaints."""

    _inherit = "customer.team"

    handover_months = fields.Integer(
        string="Customers are handed over after",
        default=0,
        required=True,
        help="Months from the day a member became their owner; 0: never.",
    )
    handover_team_id = fields.Many2one(
        "customer.team",
        string="To team",
        ondelete="restrict",
        check_company=True,
        domain="[('company_id', '=', company_id), ('id', '!=', id)]",
    )

    _handover_check = models.Constraint(
        "CHECK (handover_months >= 0)", "The number of months cannot be negative."
    )

    @api.constrains("handover_months", "handover_team_id")
    def _check_handover_team(self):
        for team in self.filtered("handover_months"):
            if not team.handover_team_id or team.handover_team_id == team:
                raise ValidationError(
                    self.env._("%s: choose the other team that takes the customers.", team.name)
                )

    def _open_work(self):
        work = super()._open_work()
        # The load includes open complaints that the current user may not read.
        for user, count in (
            self.env["customer.complaint"]
            .sudo()
            ._read_group(
                [("user_id", "in", self.sudo().member_ids.ids), ("state", "!=", CLOSED)],
                ["user_id"],
                ["__count"],
            )
        ):
            work[user.id] = work.get(user.id, 0) + count
        return work
