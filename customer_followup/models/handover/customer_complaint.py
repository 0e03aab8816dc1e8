from odoo import api, fields, models
from odoo.exceptions import UserError

from ..complaint.customer_complaint import CLOSED
from ..ground.customer_succession_mixin import (
    ANY_MANAGER,
    DEPUTY,
    GENERAL,
    HOLDER,
    LEADERS,
)
from ..ground.groups import LEADER

OFFER = "customer_followup.mail_activity_type_offer"
INTRODUCE = "customer_followup.mail_activity_type_introduce"


class CustomerComplaint(models.Model):
    """Assignment of a complaint, and its handover to another user or team."""

    _inherit = "customer.complaint"
    _protected_fields = frozenset({"offered_team_id", "offered_user_id"})
    _followed_fields = frozenset({"user_id"})

    transfer_ids = fields.One2many(
        "customer.complaint.transfer", "complaint_id", string="Handovers"
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
        string="Offered to team",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    is_offered_to_me = fields.Boolean(compute="_compute_is_offered_to_me")
    is_offer_mine = fields.Boolean(compute="_compute_is_offer_mine")

    @api.depends("offered_user_id", "offered_team_id.member_ids")
    @api.depends_context("uid")
    def _compute_is_offered_to_me(self):
        for complaint in self:
            # The current user may not read team members; only yes or no is returned.
            asked = complaint.offered_user_id or complaint.sudo().offered_team_id.member_ids
            complaint.is_offered_to_me = self.env.user in asked

    @api.depends("offered_user_id", "offered_team_id")
    @api.depends_context("uid")
    def _compute_is_offer_mine(self):
        is_leader = self.env.user.has_group(LEADER)
        for complaint in self:
            offers = complaint._offers()
            complaint.is_offer_mine = bool(offers) and (
                is_leader or self.env.user in offers._offerers()
            )

    @api.depends("offered_user_id", "offered_team_id")
    def _compute_is_blocked(self):
        result = super()._compute_is_blocked()
        for complaint in self:
            is_offered = complaint.offered_user_id or complaint.offered_team_id
            complaint.is_blocked |= bool(is_offered) and complaint.state != CLOSED
        return result

    def _check_create(self, vals):
        super()._check_create(vals)
        self._check_may_assign(vals.get("user_id", self.env.context.get("default_user_id", False)))

    def _check_write(self, vals):
        super()._check_write(vals)
        if self and "user_id" in vals:
            self._check_may_assign(vals["user_id"])

    def _follow(self, before=None):
        super()._follow(before)
        if before is not None:
            self._follow_company(before)
            moved = self._changed(before, "user_id")
            closed = (
                self._changed(before, "stage_id").sudo().filtered(lambda one: one.state == CLOSED)
            )
            (moved.sudo() | closed)._settle_offers()
            if not self.env.su:
                moved._announce()

    def _follow_company(self, before):
        """Give complaints that moved to another company to users who work there."""
        # Only users who work for the new company take over; none of it is shown.
        moved = self._changed(before, "company_id").sudo()
        moved._settle_offers()
        lost = moved.filtered(lambda one: one.user_id and not one.user_id._may_work_on(one))
        for complaint, user in lost._reassignments(is_passed_on=True).items():
            complaint.user_id = user
        moved.filtered(
            lambda one: one.accountable_user_id and not one.accountable_user_id._may_work_on(one)
        )._reassign_accountable(self.env._("The complaint moved to another company"))
        for complaint in moved:
            complaint._move_actions()
        moved._announce()

    def _move_actions(self):
        """Move the open actions to the company and team of the complaint."""
        actions = self._open_actions().get(self.id, self.env["customer.action"])
        actions.write({"company_id": self.company_id.id, "team_id": self.team_id.id})
        for action in actions.filtered(lambda one: not one.user_id._may_work_on(self)):
            action.user_id = self._contact_user()

    def _settle_offers(self):
        """Withdraw outdated offers, and reminders of the previous handler."""
        self._offers()._take_back()
        self.activity_unlink([INTRODUCE])

    def _check_may_assign(self, user_id):
        """Raise if the user may not assign the complaints.

        Agents may take unassigned complaints and hand over their own; leaders may assign any.
        """
        if self.env.su or self.env.user.has_group(LEADER):
            return
        mine = (False, self.env.uid)
        for complaint in self.filtered(lambda one: one.user_id.id not in (*mine, user_id)):
            raise UserError(
                self.env._(
                    "%(number)s is assigned to %(user)s. Ask them to hand it over.",
                    number=complaint.name,
                    user=complaint.user_id.name,
                )
            )
        if user_id not in mine and (not self or self.user_id.ids != [user_id]):
            raise UserError(
                self.env._(
                    "Use “Hand over”. The complaint is reassigned when the colleague accepts it."
                )
            )

    def action_take(self):
        """Assign unassigned complaints to the current user."""
        self.check_access("read")
        self.filtered(lambda complaint: not complaint.user_id).user_id = self.env.user
        return True

    def action_hand_over(self):
        """Open the dialog to hand over the complaint."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Hand over"),
            "res_model": "customer.complaint.handover",
            "view_mode": "form",
            "target": "new",
            "context": {"default_complaint_id": self.id},
        }

    def action_accept(self):
        """Accept complaints offered to the current user."""
        self.check_access("read")
        self._offers().action_accept()

    def action_decline(self):
        """Decline complaints offered to the current user."""
        self.check_access("read")
        self._offers().action_decline()

    def action_take_back(self):
        """Withdraw the offer."""
        self.check_access("read")
        for complaint in self.filtered(lambda one: not one.is_offer_mine):
            raise UserError(
                self.env._(
                    "%s: only the user who offered it can withdraw the offer.", complaint.name
                )
            )
        # Users have no write access to offers.
        self._offers().sudo()._take_back()

    def _offers(self):
        return self.transfer_ids.filtered(lambda transfer: transfer.state == "offered")

    def _hand_over(self, reason, user=None, team=None):
        """Offer complaints to a user or a team; they stay assigned until it is accepted."""
        self.check_access("write")
        for complaint in self.filtered(lambda one: one.state == CLOSED or one._offers()):
            raise UserError(
                self.env._("%s is closed or already offered to someone.", complaint.name)
            )
        for complaint in self:
            complaint._check_may_be_offered(user, team)
        transfers = self.env["customer.complaint.transfer"]
        # Users have no write access to offers.
        offers = transfers.sudo().create(
            [
                {
                    "complaint_id": complaint.id,
                    "from_user_id": (complaint.user_id or self.env.user).id,
                    "to_user_id": user and user.id,
                    "to_team_id": team and team.id,
                    "reason": reason,
                    "date_limit": transfers._limit(complaint, user, team),
                }
                for complaint in self
            ]
        )
        asked = {"offered_user_id": user and user.id, "offered_team_id": team and team.id}
        self._record(asked)
        offers._ask()
        return offers.sudo(False)

    def _check_may_be_offered(self, user, team):
        """Raise unless the user, or a member of the team, can accept the complaint."""
        company = self.company_id
        # Companies and teams of users are known to all users.
        if user and not user.sudo()._may_work_on(self):
            raise UserError(
                self.env._(
                    "%(number)s: %(user)s cannot handle complaints of %(company)s. Choose"
                    " another user.",
                    number=self.name,
                    user=user.name,
                    company=company.name,
                )
            )
        if not user and not self._able(team):
            raise UserError(
                self.env._(
                    "%(number)s: no one in “%(team)s” can handle complaints of %(company)s."
                    " Choose another team.",
                    number=self.name,
                    team=team.sudo().name,
                    company=company.name,
                )
            )

    def _able(self, team):
        """Return the members of a team who can accept a complaint."""
        # Team members are known to all users.
        able = team.sudo().filtered(lambda one: one.company_id == self.company_id).member_ids
        return self._filter_allowed(able.filtered(lambda user: user._may_work_on(self)))

    def _reassign_if_inactive(self):
        super()._reassign_if_inactive()
        # Customers and users who reopen a complaint may not be allowed to assign it.
        complaint = self.sudo()
        if complaint.accountable_user_id and not complaint.accountable_user_id.active:
            complaint._reassign_accountable()
        if complaint.user_id and not complaint.user_id.active:
            complaint.user_id = complaint._reassignments()[complaint]

    def _reassignments(self, is_passed_on=False):
        """Return the users who take over complaints, ``{complaint: user}``, empty if there is none.

        :param is_passed_on: whether to leave out the present handler
        """
        no_one = self.env["res.users"]
        replaced = {one: one.user_id if is_passed_on else no_one for one in self}
        levels = (HOLDER, LEADERS, GENERAL, DEPUTY, ANY_MANAGER)
        return dict.fromkeys(self, no_one) | self._find_successors(replaced, levels)

    def _reassign_accountable(self, why=None):
        """Make others accountable for complaints whose accountable user has left.

        :param why: another reason, for which the present user does not stay accountable
        """
        transfers = self.env["customer.complaint.transfer"]
        replaced = {one: one.accountable_user_id for one in self}
        found = self._find_successors(replaced, (HOLDER, LEADERS))
        for complaint in self.filtered(lambda one: one not in found):
            complaint._notify_leaders(self.env._("No one is accountable for %s", complaint.name))
            if why:
                complaint._record({"accountable_user_id": False})
        vals_list = []
        for complaint, user in found.items():
            left = replaced[complaint]
            complaint._record({"accountable_user_id": user.id})
            reason = why or self.env._("%s has left", left.name)
            vals_list.append(transfers._prepare_accountable_vals(complaint, left, user, reason))
        return transfers.create(vals_list)
