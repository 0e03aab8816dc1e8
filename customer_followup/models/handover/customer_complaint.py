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
    """Who works on a complaint, and how it passes from one to another."""

    _inherit = "customer.complaint"
    _protected_fields = frozenset({"offered_team_id", "offered_user_id"})
    _followed_fields = frozenset({"user_id"})

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
    is_offer_mine = fields.Boolean(compute="_compute_is_offer_mine")

    @api.depends("offered_user_id", "offered_team_id.member_ids")
    @api.depends_context("uid")
    def _compute_is_offered_to_me(self):
        for complaint in self:
            # Members may be records the reader cannot open; a yes or no leaves here.
            asked = complaint.offered_user_id or complaint.sudo().offered_team_id.member_ids
            complaint.is_offered_to_me = self.env.user in asked

    @api.depends("offered_user_id", "offered_team_id")
    @api.depends_context("uid")
    def _compute_is_offer_mine(self):
        is_leader = self.env.user.has_group(LEADER)
        for complaint in self:
            offers = complaint._offers()
            complaint.is_offer_mine = bool(offers) and (
                is_leader or self.env.user in offers._givers()
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
            moved = self._changed(before, "user_id")
            closed = (
                self._changed(before, "stage_id").sudo().filtered(lambda one: one.state == CLOSED)
            )
            (moved.sudo() | closed)._settle_offers()
            if not self.env.su:
                moved._announce()

    def _settle_offers(self):
        """Take back offers that somebody overtook, and what the handler before had to say."""
        self._offers()._take_back()
        self.activity_unlink([INTRODUCE])

    def _check_may_assign(self, user_id):
        """Agents take what is nobody's and pass on what is theirs; leaders put it on any desk."""
        if self.env.su or self.env.user.has_group(LEADER):
            return
        mine = (False, self.env.uid)
        for complaint in self.filtered(lambda one: one.user_id.id not in (*mine, user_id)):
            raise UserError(
                self.env._(
                    "%(number)s is with %(user)s: it is yours once he hands it over.",
                    number=complaint.name,
                    user=complaint.user_id.name,
                )
            )
        if user_id not in mine and (not self or self.user_id.ids != [user_id]):
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

    def action_take_back(self):
        """Offer it to nobody any more."""
        for complaint in self.filtered(lambda one: not one.is_offer_mine):
            raise UserError(
                self.env._("%s was offered by somebody else, or by nobody.", complaint.name)
            )
        # Facts: the offer is over.
        self._offers().sudo()._take_back()

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
            complaint._check_may_be_offered(user, team)
        transfers = self.env["customer.complaint.transfer"]
        # No one writes offers by hand.
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
        """Raise unless somebody can accept the complaint."""
        company = self.company_id
        # Who works for which company, and in which team, is no secret.
        if user and not user.sudo()._may_work_on(self):
            raise UserError(
                self.env._(
                    "%(number)s: %(user)s does not handle complaints of %(company)s.",
                    number=self.name,
                    user=user.name,
                    company=company.name,
                )
            )
        if not user and not self._able(team):
            raise UserError(
                self.env._(
                    "%(number)s: nobody in “%(team)s” handles complaints of %(company)s.",
                    number=self.name,
                    team=team.sudo().name,
                    company=company.name,
                )
            )

    def _able(self, team):
        """Return the members of a team who can take a complaint over."""
        # Who works in which team is no secret.
        able = team.sudo().filtered(lambda one: one.company_id == self.company_id).member_ids
        return self._filter_allowed(able.filtered(lambda user: user._may_work_on(self)))

    def _reassign_if_inactive(self):
        super()._reassign_if_inactive()
        # Who opens it again, also a customer, may not be allowed to assign it.
        complaint = self.sudo()
        if complaint.accountable_user_id and not complaint.accountable_user_id.active:
            complaint._reassign_accountable()
        if complaint.user_id and not complaint.user_id.active:
            complaint.user_id = complaint._reassignments()[complaint]

    def _reassignments(self, is_passed_on=False):
        """Return who takes complaints over, ``{complaint: user}``, empty where there is no one.

        :param is_passed_on: whether the present handler gives them away
        """
        no_one = self.env["res.users"]
        replaced = {one: one.user_id if is_passed_on else no_one for one in self}
        levels = (HOLDER, LEADERS, GENERAL, DEPUTY, ANY_MANAGER)
        return dict.fromkeys(self, no_one) | self._find_successors(replaced, levels)

    def _reassign_accountable(self):
        """Make others accountable for complaints whose accountable user has left."""
        transfers = self.env["customer.complaint.transfer"]
        replaced = {one: one.accountable_user_id for one in self}
        found = self._find_successors(replaced, (HOLDER, LEADERS))
        for complaint in self - self.union(*found):
            complaint._notify_leaders(self.env._("No one is accountable for %s", complaint.name))
        vals_list = []
        for complaint, user in found.items():
            left = replaced[complaint]
            complaint.accountable_user_id = user
            reason = self.env._("%s has left", left.name)
            vals_list.append(transfers._prepare_accountable_vals(complaint, left, user, reason))
        return transfers.create(vals_list)
