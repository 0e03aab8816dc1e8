import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...tools import masking, sla
from .customer_complaint import INTRODUCE, OFFER

_logger = logging.getLogger(__name__)
BATCH = 200


class CustomerComplaintTransfer(models.Model):
    """A handover of a complaint to another user or team, from the offer to its outcome."""

    _name = "customer.complaint.transfer"
    _description = "Complaint Handover"
    _inherit = ["customer.complaint.part.mixin", "customer.batch.mixin"]
    _order = "id desc"

    kind = fields.Selection(
        [("handling", "Handling"), ("answerable", "Accountability")],
        required=True,
        default="handling",
        help="Accountability: the accountable user has left or was excluded and was replaced.",
    )
    from_user_id = fields.Many2one("res.users", string="From", ondelete="restrict")
    to_user_id = fields.Many2one("res.users", string="To", ondelete="restrict")
    to_team_id = fields.Many2one("customer.team", string="To team", ondelete="restrict")
    reason = fields.Char(required=True)
    state = fields.Selection(
        [
            ("offered", "Offered"),
            ("accepted", "Accepted"),
            ("declined", "Declined"),
            ("returned", "Expired"),
            ("withdrawn", "Withdrawn"),
            ("stuck", "Problem"),
        ],
        required=True,
        default="offered",
    )
    date_limit = fields.Datetime(string="Acceptance deadline")
    date_decided = fields.Datetime(string="Decided on")
    date_informed = fields.Datetime(string="Customer informed on")
    note = fields.Char()

    # One offer at a time; the other index is for the scheduled action.
    _offer_uniq = models.UniqueIndex(
        "(complaint_id) WHERE state = 'offered'",
        "This complaint is already offered to someone.",
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
        """Accept the complaint."""
        self.check_access("read")
        self._check_is_mine()
        for transfer in self.sudo():
            transfer.to_user_id = transfer.to_user_id or self.env.user
            transfer._decide("accepted")
            team = transfer.to_team_id or transfer.complaint_id.team_id
            transfer.complaint_id.write({"user_id": transfer.to_user_id.id, "team_id": team.id})
            transfer._introduce()

    def _introduce(self):
        """Log the new handler, and remind them to inform the customer."""
        complaint, user = self.complaint_id, self.to_user_id
        complaint._message_log(body=self.env._("%s accepted the complaint.", user.name))
        complaint._notify_users(
            user,
            self.env._("Inform the customer that you are the new handler"),
            INTRODUCE,
        )

    def action_decline(self):
        """Decline the complaint; it stays assigned as before."""
        self.check_access("read")
        self._check_is_mine()
        for transfer in self.sudo():
            transfer._decide("declined")
            transfer._notify_offerers(
                self.env._(
                    "%(number)s: %(user)s declined the handover",
                    number=transfer.complaint_id.name,
                    user=self.env.user.name,
                )
            )

    def action_customer_informed(self):
        """Record that the customer was informed about the new handler."""
        self.complaint_id.check_access("write")
        # Users have no write access to transfers.
        self.sudo().date_informed = fields.Datetime.now()
        self.complaint_id.sudo().activity_unlink([INTRODUCE])

    def _check_is_mine(self):
        for transfer in self.sudo():
            asked = transfer.to_user_id or transfer.to_team_id.member_ids
            if transfer.state != "offered":
                raise UserError(
                    self.env._("The offer of %s has ended.", transfer.complaint_id.name)
                )
            if self.env.user not in asked:
                raise UserError(
                    self.env._("%s is offered to someone else.", transfer.complaint_id.name)
                )

    def _ask(self):
        """Notify the users who can accept the complaint."""
        for transfer in self:
            complaint = transfer.complaint_id
            users = transfer.to_user_id or complaint._able(transfer.to_team_id)
            # The offer ends on a day of each receiver's own.
            for day, asked in users.grouped(
                lambda user, transfer=transfer: user._customer_day(
                    transfer.date_limit, transfer.complaint_id.company_id
                )
            ).items():
                complaint._notify_users(
                    asked,
                    self.env._("%s is offered to you. Accept or decline it.", complaint.name),
                    OFFER,
                    note=transfer.reason,
                    date_deadline=day,
                )

    def _offerers(self):
        """Return the users who offered the complaint."""
        # Users who see the offer may know who made it.
        rows = self.sudo()
        return rows.from_user_id | rows.create_uid

    def _notify_offerers(self, summary):
        for transfer in self:
            complaint = transfer.complaint_id
            # Users without access any more are not notified.
            involved = (
                complaint.user_id | complaint.accountable_user_id | complaint.team_id.overseer_ids
            )
            complaint._notify_users((transfer._offerers() - self.env.user) & involved, summary)

    def _take_back(self):
        """Withdraw the offers, because they were taken back or are outdated."""
        for transfer in self:
            transfer._decide("withdrawn")
            text = self.env._("The offer of %s has ended", transfer.complaint_id.name)
            transfer.complaint_id._message_log(body=text)
            transfer._notify_offerers(text)

    def _decide(self, state):
        self.write({"state": state, "date_decided": fields.Datetime.now()})
        self.complaint_id.write({"offered_user_id": False, "offered_team_id": False})
        self.complaint_id.activity_unlink([OFFER])

    def _cron_return(self):
        """End offers that were not accepted in time, and notify the leaders."""
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
                "%s: no one accepted the handover in time", transfer.complaint_id.name
            )
            transfer.complaint_id._notify_leaders(text)
            transfer._notify_offerers(text)

    def _park(self, error):
        self.write({"state": "stuck", "note": masking.error(error)})
        # Ends the offer, so that the complaint can be offered again.
        self.complaint_id.write({"offered_user_id": False, "offered_team_id": False})
        self.complaint_id.activity_unlink([OFFER])
        _logger.warning("An offer of %s is set aside: %s", self.complaint_id.name, self.note)

    def _limit(self, complaint, user=None, team=None):
        """Return the acceptance deadline of an offer made now, in working hours."""
        # Working hours of teams and companies are known to all users.
        company = complaint.sudo().company_id
        own = user and user.sudo().customer_team_ids.filtered(lambda one: one.company_id == company)
        where = team.sudo() if team else own[:1]
        calendar = where.calendar_id or company.resource_calendar_id
        target = sla.Target(company.customer_transfer_hours, "business_hours")
        return sla.clock(fields.Datetime.now(), target, calendar._working_time(company)).deadline
