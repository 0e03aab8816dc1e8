from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

BATCH = 200


class CustomerComplaintTransfer(models.Model):
    """A complaint passed on to somebody else, until he takes it or it comes back."""

    _name = "customer.complaint.transfer"
    _description = "Passing On of a Complaint"
    _inherit = ["customer.complaint.part.mixin", "customer.batch.mixin"]
    _order = "id desc"

    kind = fields.Selection(
        [("handling", "Handling"), ("answerable", "Answerable")],
        required=True,
        default="handling",
        help="Answerable: whoever was asked first has left; his backup answers for it.",
    )
    from_user_id = fields.Many2one("res.users", string="From", ondelete="restrict")
    to_user_id = fields.Many2one("res.users", string="To", ondelete="restrict")
    to_team_id = fields.Many2one("customer.team", string="To the team", ondelete="restrict")
    reason = fields.Char(required=True)
    state = fields.Selection(
        [
            ("offered", "Not accepted yet"),
            ("accepted", "Accepted"),
            ("declined", "Declined"),
            ("returned", "Came back"),
            ("stuck", "Problem"),
        ],
        required=True,
        default="offered",
    )
    date_limit = fields.Datetime(string="Accept until")
    date_decided = fields.Datetime(string="Decided on")
    date_told = fields.Datetime(string="Customer told who handles it on")
    note = fields.Char()

    # One offer at a time, and the scheduled action that takes offers back.
    _offer_uniq = models.UniqueIndex(
        "(complaint_id) WHERE state = 'offered'",
        "Somebody was asked to take this complaint already.",
    )
    _limit_idx = models.Index("(date_limit) WHERE state = 'offered'")

    def action_accept(self):
        """Take the complaint over."""
        self._check_is_mine()
        for transfer in self.sudo():
            transfer.to_user_id = transfer.to_user_id or self.env.user
            transfer._decide("accepted")
            team = transfer.to_team_id or transfer.complaint_id.team_id
            transfer.complaint_id.write({"user_id": transfer.to_user_id.id, "team_id": team.id})

    def action_decline(self):
        """Leave the complaint with whoever wanted to pass it on."""
        self._check_is_mine()
        self.sudo()._decide("declined")

    def action_told(self):
        """The customer knows who handles his complaint, and how to reach him."""
        self.complaint_id.check_access("write")
        # A fact, which nobody writes by hand.
        self.sudo().date_told = fields.Datetime.now()

    def _check_is_mine(self):
        for transfer in self.sudo():
            asked = transfer.to_user_id or transfer.to_team_id.member_ids
            if transfer.state != "offered":
                raise UserError(
                    self.env._("%s is not offered to anybody any more.", transfer.complaint_id.name)
                )
            if self.env.user not in asked:
                raise UserError(
                    self.env._("%s was offered to somebody else.", transfer.complaint_id.name)
                )

    def _decide(self, state):
        self.write({"state": state, "date_decided": fields.Datetime.now()})
        self.complaint_id.write({"offered_user_id": False, "offered_team_id": False})

    def _cron_return(self):
        """Give back what nobody accepted in time, and tell the leaders."""
        query = SQL(
            """SELECT id FROM customer_complaint_transfer
                WHERE state = 'offered' AND date_limit <= %s
                ORDER BY date_limit, id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED""",
            fields.Datetime.now(),
            BATCH,
        )
        late = self._lock(query)
        late._each_safely(lambda transfers: transfers._return())
        self.env["ir.cron"]._commit_progress(len(late), remaining=int(len(late) == BATCH))

    def _return(self):
        self._decide("returned")
        for transfer in self:
            transfer.complaint_id._tell_leaders(
                self.env._("%s came back: nobody accepted it in time", transfer.complaint_id.name)
            )

    def _park(self, error):
        self.write({"state": "stuck", "note": str(error)[:200]})
        # The offer is over: somebody else can be asked.
        self.complaint_id.write({"offered_user_id": False, "offered_team_id": False})

    def _limit(self, company):
        """Return until when an offer made now must be accepted."""
        return fields.Datetime.now() + timedelta(hours=company.customer_transfer_hours)
