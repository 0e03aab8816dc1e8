import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...tools import masking, sla
from .customer_complaint import INTRODUCE, OFFER

_logger = logging.getLogger(__name__)
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
            ("withdrawn", "Taken back"),
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

    @api.model
    def _prepare_accountable_vals(self, complaint, left, user, reason):
        """Return the values that record a new accountable user, from now on."""
        return {
            "complaint_id": complaint.id,
            "kind": "answerable",
            "from_user_id": left.id,
            "to_user_id": user.id,
            "reason": reason,
            "state": "accepted",
            "date_decided": fields.Datetime.now(),
        }

    def action_accept(self):
        """Take the complaint over."""
        self._check_is_mine()
        for transfer in self.sudo():
            transfer.to_user_id = transfer.to_user_id or self.env.user
            transfer._decide("accepted")
            team = transfer.to_team_id or transfer.complaint_id.team_id
            transfer.complaint_id.write({"user_id": transfer.to_user_id.id, "team_id": team.id})
            transfer._introduce()

    def _introduce(self):
        """Note who took it over, and remind him until the customer knows."""
        complaint, user = self.complaint_id, self.to_user_id
        complaint._message_log(body=self.env._("%s took it over.", user.name))
        complaint._notify_users(
            user,
            self.env._("Tell the customer that you handle it now, and how to reach you"),
            INTRODUCE,
        )

    def action_decline(self):
        """Leave the complaint with whoever wanted to pass it on."""
        self._check_is_mine()
        for transfer in self.sudo():
            transfer._decide("declined")
            transfer._tell_givers(
                self.env._(
                    "%(number)s: %(user)s did not take it over",
                    number=transfer.complaint_id.name,
                    user=self.env.user.name,
                )
            )

    def action_told(self):
        """The customer knows who handles his complaint, and how to reach him."""
        self.complaint_id.check_access("write")
        # No one writes transfers by hand.
        self.sudo().date_told = fields.Datetime.now()
        self.complaint_id.sudo().activity_unlink([INTRODUCE])

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

    def _ask(self):
        """Tell those who can take it over."""
        for transfer in self:
            complaint = transfer.complaint_id
            complaint._notify_users(
                transfer.to_user_id or complaint._able(transfer.to_team_id),
                self.env._("%s is offered to you: accept or decline", complaint.name),
                OFFER,
                note=transfer.reason,
                date_deadline=transfer.date_limit.date(),
            )

    def _givers(self):
        """Return who wanted to pass it on."""
        # Who offered it is shown to whoever sees the offer.
        rows = self.sudo()
        return rows.from_user_id | rows.create_uid

    def _tell_givers(self, summary):
        for transfer in self:
            complaint = transfer.complaint_id
            # Who lost sight of it meanwhile is told nothing.
            hands = (
                complaint.user_id | complaint.accountable_user_id | complaint.team_id.overseer_ids
            )
            complaint._notify_users((transfer._givers() - self.env.user) & hands, summary)

    def _take_back(self):
        """The offer is over: somebody works on it, or it is closed, or its giver keeps it."""
        for transfer in self:
            transfer._decide("withdrawn")
            text = self.env._("%s is not offered to anybody any more", transfer.complaint_id.name)
            transfer.complaint_id._message_log(body=text)
            transfer._tell_givers(text)

    def _decide(self, state):
        self.write({"state": state, "date_decided": fields.Datetime.now()})
        self.complaint_id.write({"offered_user_id": False, "offered_team_id": False})
        self.complaint_id.activity_unlink([OFFER])

    def _cron_return(self):
        """Give back what nobody accepted in time, and tell the leaders."""
        query = SQL(
            """SELECT id FROM customer_complaint_transfer
                WHERE state = 'offered' AND date_limit <= %s
                ORDER BY date_limit, id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED""",
            fields.Datetime.now(),
            BATCH,
        )
        self._run_batches(
            lambda: self._run_batch(query, lambda transfers: transfers._return()), BATCH
        )

    def _return(self):
        self._decide("returned")
        for transfer in self:
            text = self.env._(
                "%s came back: nobody accepted it in time", transfer.complaint_id.name
            )
            transfer.complaint_id._notify_leaders(text)
            transfer._tell_givers(text)

    def _park(self, error):
        self.write({"state": "stuck", "note": masking.error(error)})
        # The offer is over: somebody else can be asked.
        self.complaint_id.write({"offered_user_id": False, "offered_team_id": False})
        self.complaint_id.activity_unlink([OFFER])
        _logger.warning("An offer of %s is set aside: %s", self.complaint_id.name, self.note)

    def _limit(self, complaint, user=None, team=None):
        """Return until when an offer made now must be accepted, in hours that people work."""
        # When teams and companies work is no secret.
        company = complaint.sudo().company_id
        own = user and user.sudo().customer_team_ids.filtered(lambda one: one.company_id == company)
        where = team.sudo() if team else own[:1]
        calendar = where.calendar_id or company.resource_calendar_id
        target = sla.Target(company.customer_transfer_hours, "business_hours")
        return sla.clock(fields.Datetime.now(), target, calendar._working_time(company)).deadline
