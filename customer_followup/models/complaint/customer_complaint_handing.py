from odoo import api, fields, models
from odoo.exceptions import UserError

from .customer_complaint import CLOSED


class CustomerComplaint(models.Model):
    """Who works on a complaint, and how it passes from one to another."""

    _inherit = "customer.complaint"

    transfer_ids = fields.One2many(
        "customer.complaint.transfer", "complaint_id", string="Passed on"
    )
    offered_user_id = fields.Many2one(
        "res.users",
        string="Offered to",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    offered_team_id = fields.Many2one(
        "customer.team",
        string="Offered to the team",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    is_offered_to_me = fields.Boolean(compute="_compute_is_offered_to_me")

    @api.depends("offered_user_id", "offered_team_id.member_ids")
    @api.depends_context("uid")
    def _compute_is_offered_to_me(self):
        for complaint in self:
            # Members may be records the reader cannot open; a yes or no leaves here.
            asked = complaint.offered_user_id or complaint.sudo().offered_team_id.member_ids
            complaint.is_offered_to_me = self.env.user in asked

    def _check_may_assign(self, user_id):
        """Agents take complaints and pass them on; only leaders put them on somebody's desk."""
        is_leader = self.env.user.has_group("customer_followup.group_followup_leader")
        if self.env.su or is_leader or user_id in (False, self.env.uid):
            return
        if not self or self.filtered(lambda complaint: complaint.user_id.id != user_id):
            raise UserError(
                self.env._("Hand the complaint over: it is a colleague's once he accepts it.")
            )

    def action_take(self):
        """Make the current user the handler of complaints that have none."""
        self.filtered(lambda complaint: not complaint.user_id).user_id = self.env.user
        return True

    def action_hand_over(self):
        """Ask who shall go on with the complaint, and why."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Hand over"),
            "res_model": "customer.complaint.handover",
            "view_mode": "form",
            "target": "new",
            "context": {"default_complaint_id": self.id},
        }

    def action_accept(self):
        """Take over what was offered to the current user."""
        self._offers().action_accept()

    def action_decline(self):
        """Leave it with whoever offered it."""
        self._offers().action_decline()

    def _offers(self):
        return self.transfer_ids.filtered(lambda transfer: transfer.state == "offered")

    def _hand_over(self, reason, user=None, team=None):
        """Offer complaints to somebody, or to a team; they stay where they are until accepted."""
        self.check_access("write")
        for complaint in self.filtered(lambda one: one.state == CLOSED or one._offers()):
            raise UserError(
                self.env._("%s is closed, or offered to somebody already.", complaint.name)
            )
        for complaint in self:
            # Who works for which company is no secret.
            if user and not user.sudo()._may_work_on(complaint):
                raise UserError(
                    self.env._(
                        "%(number)s: %(user)s does not handle complaints of %(company)s.",
                        number=complaint.name,
                        user=user.name,
                        company=complaint.company_id.name,
                    )
                )
        transfers = self.env["customer.complaint.transfer"]
        # Facts: who was asked to take over, which nobody writes by hand.
        offers = transfers.sudo().create(
            [
                {
                    "complaint_id": complaint.id,
                    "from_user_id": (complaint.user_id or self.env.user).id,
                    "to_user_id": user and user.id,
                    "to_team_id": team and team.id,
                    "reason": reason,
                    "date_limit": transfers._limit(complaint.company_id.sudo()),
                }
                for complaint in self
            ]
        )
        asked = {"offered_user_id": user and user.id, "offered_team_id": team and team.id}
        self.sudo().write(asked)
        return offers.sudo(False)

    def _pass_on_first_asked(self):
        """Let somebody else answer for complaints whose first-asked person leaves."""
        transfers = self.env["customer.complaint.transfer"]
        ownership = self.env["customer.ownership"]
        for company, complaints in self.grouped("company_id").items():
            holders = ownership._holders(complaints.partner_id, company, ("backup", "owner"))
            nobody = self.env["res.users"]
            for complaint in complaints:
                left, customer = complaint.first_user_id, complaint.commercial_partner_id.id
                options = [holders.get((customer, role), nobody) for role in ("backup", "owner")]
                options.append(complaint.team_id.leader_id)
                able = (one for one in options if one.active and complaint._may_know(one - left))
                heir = next(able, None)
                if not heir:
                    complaint._tell_leaders(
                        self.env._("Nobody answers for %s any more", complaint.name)
                    )
                    continue
                complaint.first_user_id = heir
                transfers |= transfers.create(
                    {
                        "complaint_id": complaint.id,
                        "kind": "answerable",
                        "from_user_id": left.id,
                        "to_user_id": heir.id,
                        "reason": self.env._("%s has left", left.name),
                        "state": "accepted",
                        "date_decided": fields.Datetime.now(),
                    }
                )
        return transfers
